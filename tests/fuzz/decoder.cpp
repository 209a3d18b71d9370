#include <array>
#include <exception>
#include <map>
#include <optional>
#include <vector>

#include <mcp_mqtt/schema/check.hpp>
#include <mcp_mqtt/schema/decode.hpp>
#include <mcp_mqtt/schema/encode.hpp>
#include <mcp_mqtt/schema/make_shape.hpp>

#include "fuzz.hpp"
#include "ground/utf8.hpp"
#include "unit/schema/garden.hpp"
#include "wire/json_text.hpp"

// Typed arguments: what passes the check becomes a value, and the value is JSON again that passes.
// Input: one character for the type, then JSON.
namespace mcp_mqtt::fuzz {
namespace {

template <class T>
void check(const Json& json) {
  static const schema::Shape shape = schema::make_shape<T>({});
  const std::string problems = schema::problems_of(json, shape, "argument", "arguments");
  require(!utf8::first_invalid_byte(problems), "an error text can be sent", problems);
  if (!problems.empty()) {
    try {
      static_cast<void>(schema::decode<T>(json));
    } catch (const std::exception&) {
      return;  // it may throw, but does nothing undefined
    }
    return;
  }
  const T value = schema::decode<T>(json);
  const Json written = schema::encode(value);
  const std::string again = schema::problems_of(written, shape, "argument", "arguments");
  require(again.empty(), "a value that was read passes its own check", again + written.dump());
  require(schema::encode(schema::decode<T>(written)) == written, "reads as it was written",
          written.dump());
}

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  static constexpr std::array checks{
      &check<garden::Bed>,
      &check<std::vector<garden::Bed>>,
      &check<bool>,
      &check<std::int8_t>,
      &check<std::int64_t>,
      &check<std::uint64_t>,
      &check<float>,
      &check<double>,
      &check<std::string>,
      &check<std::array<double, 2>>,
      &check<std::map<std::string, std::optional<int>>>,
      &check<std::optional<garden::Colour>>,
      &check<garden::Nothing>,
      &check<Json>,
  };
  watch_log();
  if (size == 0) return 0;
  const auto json = wire::parse_json(text_of(data + 1, size - 1), 64);
  if (json) checks[static_cast<std::size_t>(data[0]) % checks.size()](*json);
  return 0;
}
