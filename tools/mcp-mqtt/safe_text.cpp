#include "mcp-mqtt/safe_text.hpp"

#include <cstdint>

namespace mcp_mqtt::command_line {
namespace {

constexpr char32_t replacement = 0xFFFD;

struct Character {
  char32_t code = replacement;
  std::size_t bytes = 1;
};

/// The character at the start of a text that is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(at) & 0x3FU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest[length] || code > 0x10FFFF || surrogate) return {};
  return {code, length};
}

bool within(char32_t code, char32_t first, char32_t last) { return code >= first && code <= last; }

bool is_harmful(char32_t code) {
  if (code == '\n' || code == '\t') return false;
  return code < 0x20 || within(code, 0x7F, 0x9F) || within(code, 0x2028, 0x202E) ||
         within(code, 0x2066, 0x2069) || code == 0x200E || code == 0x200F || code == 0x061C ||
         code == 0xFEFF || within(code, 0xE0000, 0xE007F);
}

std::size_t columns_of(char32_t code) {
  const bool combining = within(code, 0x0300, 0x036F) || within(code, 0x200B, 0x200D) ||
                         within(code, 0x20D0, 0x20FF) || within(code, 0xFE00, 0xFE0F);
  if (combining) return 0;
  const bool wide = within(code, 0x1100, 0x115F) || within(code, 0x2E80, 0xA4CF) ||
                    within(code, 0xAC00, 0xD7A3) || within(code, 0xF900, 0xFAFF) ||
                    within(code, 0xFE30, 0xFE6F) || within(code, 0xFF00, 0xFF60) ||
                    within(code, 0x1F300, 0x1F64F) || within(code, 0x1F900, 0x1F9FF) ||
                    within(code, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.code == replacement) {
      out += "\xEF\xBF\xBD";
    } else if (!is_harmful(character.code)) {
      out += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string safe_line(std::string_view text) {
  std::string out;
  bool space = false;
  for (const char c : text) {
    // Line ends of every kind separate words, so they are told apart before they are dropped.
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == '\f') {
      space = !out.empty();
    } else {
      if (space) out += ' ';
      space = false;
      out += c;
    }
  }
  return safe_text(out);
}

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    sum += columns_of(character.code);
    text.remove_prefix(character.bytes);
  }
  return sum;
}

std::string cut(std::string_view line, std::size_t width) {
  if (columns(line) <= width) return std::string(line);
  if (width == 0) return {};
  std::size_t taken = 0;
  std::size_t bytes = 0;
  while (bytes < line.size()) {
    const Character character = first_character(line.substr(bytes));
    if (taken + columns_of(character.code) > width - 1) break;
    taken += columns_of(character.code);
    bytes += character.bytes;
  }
  return std::string(line.substr(0, bytes)) + "…";
}

}  // namespace mcp_mqtt::command_line
