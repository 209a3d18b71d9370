#include "fuzz.hpp"
#include "ground/utf8.hpp"
#include "schema/schema_validator.hpp"
#include "wire/json_text.hpp"

// Raw schemas, which may come from anybody: a schema is compiled or refused, and each check ends,
// soon. Input: a schema, then lines with values. libFuzzer's -timeout watches the clock.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  watch_log();
  std::string_view rest = text_of(data, size);
  const auto schema = wire::parse_json(take(rest), 64);
  if (!schema) return 0;
  const auto compiled = schema::SchemaValidator::compile(*schema);
  if (!compiled) {
    require(compiled.error().kind == ErrorKind::invalid_argument, "says what is wrong");
    return 0;
  }
  for (int i = 0; i < 4 && !rest.empty(); ++i) {
    const auto value = wire::parse_json(take(rest), 64);
    if (!value) continue;
    const std::string problems = (*compiled)->problems_of(*value);
    require(!utf8::first_invalid_byte(problems), "an error text can be sent", problems);
    require(problems == (*compiled)->problems_of(*value), "a check has no memory", problems);
    if (schema->is_boolean()) {
      require(problems.empty() == schema->get<bool>(), "true takes all, false nothing", problems);
    }
  }
  return 0;
}
