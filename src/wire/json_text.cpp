#include "wire/json_text.hpp"

#include <algorithm>
#include <string>

#include "ground/utf8.hpp"
#include "wire/json_read.hpp"

namespace mcp_mqtt::wire {
namespace {

/// Takes any JSON and keeps nothing but the place of the first error.
class ErrorFinder : public nlohmann::json_sax<Json> {
 public:
  std::size_t position() const noexcept { return position_; }
  bool out_of_range() const noexcept { return out_of_range_; }

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return true; }
  bool key(string_t& /*value*/) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t /*size*/) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const Json::exception& fault) override {
    position_ = position > 0 ? position - 1 : 0;  // it counts from 1
    constexpr int number_overflow = 406;
    out_of_range_ = fault.id == number_overflow;
    return false;
  }

 private:
  std::size_t position_ = 0;
  bool out_of_range_ = false;
};

Error parse_error(std::string message) {
  return rpc_error(error_code::parse_error, std::move(message));
}

/// Only for text that did not parse: a second pass is cheaper than exact positions for all.
Error describe_fault(std::string_view text) {
  if (text.empty()) return parse_error("the message is empty");
  if (const auto at = utf8::first_invalid_byte(text)) {
    return parse_error("not valid UTF-8 at byte " + std::to_string(*at));
  }
  ErrorFinder finder;
  Json::sax_parse(text.begin(), text.end(), &finder);
  return parse_error((finder.out_of_range() ? "a number beyond a double before byte "
                                            : "not valid JSON at byte ") +
                     std::to_string(std::min(finder.position(), text.size())));
}

}  // namespace

bool text_within_depth(std::string_view text, std::size_t max_depth) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) return false;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return true;
}

Result<Json> parse_json(std::string_view text, std::size_t max_depth) {
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  if (auto json = read_json(text, max_depth)) return *std::move(json);
  // What comes here is refused, but for the odd case that only the JSON library takes.
  if (!text_within_depth(text, max_depth)) {
    return parse_error("nests deeper than " + std::to_string(max_depth) + " levels");
  }
  // The JSON library takes a NUL for the end of the text and would ignore what follows.
  if (const auto at = text.find('\0'); at != std::string_view::npos) {
    return parse_error("a NUL character at byte " + std::to_string(at));
  }
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return describe_fault(text);
  return json;
}

}  // namespace mcp_mqtt::wire
