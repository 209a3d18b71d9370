#include "ground/mqtt_text.hpp"

#include <fmt/format.h>

#include "ground/plain_text.hpp"
#include "ground/utf8.hpp"

namespace mcp_mqtt {
namespace {

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7f && value <= 0x9f); }

bool is_noncharacter(char32_t value) {
  return (value >= 0xfdd0 && value <= 0xfdef) || (value & 0xfffe) == 0xfffe;
}

}  // namespace

std::optional<std::string> mqtt_text_fault(std::string_view text) {
  if (text.size() > max_mqtt_text_bytes) {
    return fmt::format("is {} bytes long, and MQTT allows {}", text.size(), max_mqtt_text_bytes);
  }
  std::size_t offset = plain_text::skip_printable(text, 0);
  while (offset < text.size()) {
    const utf8::CodePoint point = utf8::code_point_at(text, offset);
    if (point.length == 0) return fmt::format("is not valid UTF-8 at byte {}", offset);
    if (is_control(point.value) || is_noncharacter(point.value)) {
      return fmt::format("holds the {} U+{:04X} at byte {}",
                         is_control(point.value) ? "control character" : "noncharacter",
                         static_cast<std::uint32_t>(point.value), offset);
    }
    offset = plain_text::skip_printable(text, offset + point.length);
  }
  return std::nullopt;
}

}  // namespace mcp_mqtt
