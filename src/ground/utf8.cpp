#include "ground/utf8.hpp"

#include "ground/plain_text.hpp"

namespace mcp_mqtt::utf8 {

CodePoint code_point_at(std::string_view text, std::size_t offset) noexcept {
  const auto byte_at = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = byte_at(offset);
  if (lead < 0x80) return {lead, 1};

  std::size_t length = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((lead & 0xe0) == 0xc0) {
    length = 2;
    value = lead & 0x1fU;
    smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3;
    value = lead & 0x0fU;
    smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4;
    value = lead & 0x07U;
    smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() - offset < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(offset + i);
    if ((next & 0xc0) != 0x80) return {};
    value = (value << 6) | (next & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || surrogate || value > 0x10ffff) return {};
  return {value, length};
}

std::optional<std::size_t> first_invalid_byte(std::string_view text) noexcept {
  std::size_t offset = plain_text::skip_ascii(text, 0);
  while (offset < text.size()) {
    const CodePoint point = code_point_at(text, offset);
    if (point.length == 0) return offset;
    offset = plain_text::skip_ascii(text, offset + point.length);
  }
  return std::nullopt;
}

}  // namespace mcp_mqtt::utf8
