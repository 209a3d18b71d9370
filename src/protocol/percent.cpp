#include "protocol/percent.hpp"

#include "ground/utf8.hpp"

namespace mcp_mqtt::protocol {
namespace {

constexpr std::string_view reserved = ":/?#[]@!$&'()*+,;=";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void append_triplet(std::string& to, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  to += '%';
  to += digits[byte >> 4U];
  to += digits[byte & 0x0FU];
}

}  // namespace

bool is_unreserved(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_triplet(std::string_view text, std::size_t at) noexcept {
  return text.size() - at > 2 && hex_value(text[at + 1]) >= 0 && hex_value(text[at + 2]) >= 0;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      append_triplet(encoded, c);
    }
  }
  return encoded;
}

std::string percent_encode_uri(std::string_view text) {
  std::string encoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool stays = is_unreserved(c) || reserved.find(c) != std::string_view::npos ||
                       (c == '%' && is_triplet(text, at));
    if (stays) {
      encoded += c;
    } else {
      append_triplet(encoded, c);
    }
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (!is_triplet(text, at)) return std::nullopt;
    decoded += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
    at += 2;
  }
  if (utf8::first_invalid_byte(decoded)) return std::nullopt;
  return decoded;
}

}  // namespace mcp_mqtt::protocol
