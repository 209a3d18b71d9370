#include "ground/utf8.hpp"

#include "ground/plain_text.hpp"

namespace mcp_mqtt::utf8 {
namespace {

/// The length of the letter at `bytes`, of which `size` are there, where that is known without its
/// code point, as it is for most letters beyond ASCII: two bytes, and U+1000 to U+CFFF. Otherwise
/// 0.
std::size_t common_length(const char* bytes, std::size_t size) noexcept {
  const auto continues = [bytes](std::size_t i) {
    return (static_cast<unsigned char>(bytes[i]) & 0xc0U) == 0x80;
  };
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead >= 0xc2 && lead < 0xe0) return size >= 2 && continues(1) ? 2 : 0;
  const bool triple = lead > 0xe0 && lead < 0xed && size >= 3 && continues(1) && continues(2);
  return triple ? 3 : 0;
}

}  // namespace

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

std::size_t skip_beyond_ascii(std::string_view text, std::size_t offset) noexcept {
  while (offset < text.size()) {
    std::size_t length = common_length(text.data() + offset, text.size() - offset);
    if (length == 0 && static_cast<unsigned char>(text[offset]) >= 0x80) {
      length = code_point_at(text, offset).length;
    }
    if (length == 0) break;
    offset += length;
  }
  return offset;
}

std::optional<std::size_t> first_invalid_byte(std::string_view text) noexcept {
  std::size_t offset = plain_text::skip_ascii(text, 0);
  while (offset < text.size()) {
    const std::size_t end = skip_beyond_ascii(text, offset);
    if (end == offset) return offset;
    offset = plain_text::skip_ascii(text, end);
  }
  return std::nullopt;
}

}  // namespace mcp_mqtt::utf8
