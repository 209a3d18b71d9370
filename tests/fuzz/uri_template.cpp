#include <mcp_mqtt/uri_template.hpp>

#include "fuzz.hpp"
#include "ground/utf8.hpp"

// URI templates: what a template takes out of a URI, put in again, it takes out again. Input: a
// template, then lines with URIs.
namespace mcp_mqtt::fuzz {
namespace {

/// Whether no variable is named twice. One that is may have a value in one place and be left out in
/// the other, and then the URI made of its values is another one.
bool names_each_once(const UriTemplate& parsed) {
  const std::string& text = parsed.text();
  std::size_t names = 0;
  bool inside = false;
  for (const char c : text) {
    if (c == '{') ++names;
    if (c == '{' || c == '}') inside = c == '{';
    if (c == ',' && inside) ++names;
  }
  return names == parsed.variables().size();
}

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  watch_log();
  std::string_view rest = text_of(data, size);
  const std::string_view text = take(rest);
  const auto parsed = UriTemplate::parse(text);
  if (!parsed) {
    require(parsed.error().kind == ErrorKind::invalid_argument, "says what is wrong");
    return 0;
  }
  require(parsed->text() == text, "a template keeps its text", text);
  require(parsed->variables().size() <= UriTemplate::max_variables, "max_variables holds", text);
  for (int i = 0; i < 4 && !rest.empty(); ++i) {
    const std::string_view uri = take(rest);
    const auto values = parsed->match(uri);
    if (!values) continue;
    for (const auto& [name, value] : *values) {
      require(!utf8::first_invalid_byte(value), "values are UTF-8", value);
    }
    const std::string built = parsed->expand(*values);
    if (built.size() > UriTemplate::max_length || !names_each_once(*parsed)) continue;
    const auto again = parsed->match(built);
    require(again.has_value(), "what a match expands to matches", built);
  }
  return 0;
}
