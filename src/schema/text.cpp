#include "schema/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <mcp_mqtt/schema/encode.hpp>

namespace mcp_mqtt::schema {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_continuation(std::string_view text, std::size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xC0U) == 0x80U;
}

/// The length of the UTF-8 sequence at `at`; 0 where there is none. The limits of the second byte
/// keep out overlong forms, surrogates and what lies above U+10FFFF.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text, at + i)) return 0;
  const unsigned char second = byte_at(text, at + 1);
  if (first == 0xE0 && second < 0xA0) return 0;
  if (first == 0xED && second > 0x9F) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second > 0x8F) return 0;
  return length;
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
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length > 0) {
      valid.append(text, at, length);
      at += length;
      continue;
    }
    valid += "\xEF\xBF\xBD";
    ++at;
    while (is_continuation(text, at)) ++at;
  }
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
