#include "schema/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <mcp_mqtt/schema/encode.hpp>

#include "ground/utf8.hpp"

namespace mcp_mqtt::schema {
namespace {

bool is_continuation(std::string_view text, std::size_t index) {
  return index < text.size() && (static_cast<unsigned char>(text[index]) & 0xC0U) == 0x80U;
}

void append_escaped(std::string& to, unsigned char control) {
  if (control == '\n') {
    to += "\\n";
  } else if (control == '\t') {
    to += "\\t";
  } else if (control == '\r') {
    to += "\\r";
  } else {
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(control));
    to += escape.data();
  }
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (const auto fault = utf8::first_invalid_byte(text)) {
    valid += text.substr(0, *fault);
    valid += "\xEF\xBF\xBD";
    std::size_t rest = *fault + 1;
    while (is_continuation(text, rest)) ++rest;
    text.remove_prefix(rest);
  }
  valid += text;
  return valid;
}

std::string shown(std::string_view text, std::size_t limit) {
  std::size_t end = std::min(text.size(), limit);
  const bool cut = end < text.size();
  while (cut && end > 0 && is_continuation(text, end)) --end;
  std::string result;
  for (const char c : valid_utf8(text.substr(0, end))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      append_escaped(result, byte);
    } else {
      result += c;
    }
  }
  if (cut) result += "…";
  return result;
}

std::size_t count_characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace mcp_mqtt::schema
