#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Most of what is read and written is plain ASCII. These look at eight bytes at a time, so that the
// careful code is left with the rest.
namespace mcp_mqtt::plain_text {

inline constexpr std::uint64_t every_byte = 0x0101010101010101U;
inline constexpr std::uint64_t high_bits = every_byte * 0x80U;

inline std::uint64_t eight_bytes(const char* at) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/// Has a high bit where a byte of `bytes`, all ASCII, is below `limit`, at most 0x80. The lowest
/// one that is set is right; those above it may be false.
constexpr std::uint64_t below(std::uint64_t bytes, unsigned char limit) noexcept {
  return bytes - every_byte * limit;
}
constexpr std::uint64_t equal(std::uint64_t bytes, char wanted) noexcept {
  return below(bytes ^ (every_byte * static_cast<unsigned char>(wanted)), 1);
}

/// The offset, from `from` on, of the first byte for which `stops` is true. `stops_in_eight` has a
/// high bit where one of eight bytes stops; the lowest that is set counts.
template <class StopsInEight, class Stops>
std::size_t skip(std::string_view text, std::size_t from, StopsInEight stops_in_eight,
                 Stops stops) noexcept {
  for (; text.size() - from >= 8; from += 8) {
    const std::uint64_t found = stops_in_eight(eight_bytes(text.data() + from)) & high_bits;
    if (found == 0) continue;
    if constexpr (std::endian::native == std::endian::little) {
      return from + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
    break;
  }
  while (from < text.size() && !stops(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

/// The offset, from `from` on, of the first byte that is no ASCII.
inline std::size_t skip_ascii(std::string_view text, std::size_t from) noexcept {
  return skip(
      text, from, [](std::uint64_t bytes) { return bytes; },
      [](unsigned char c) { return c >= 0x80; });
}

/// The offset, from `from` on, of the first byte that is no printable ASCII.
inline std::size_t skip_printable(std::string_view text, std::size_t from) noexcept {
  return skip(
      text, from,
      [](std::uint64_t bytes) { return bytes | below(bytes, 0x20) | equal(bytes, 0x7f); },
      [](unsigned char c) { return c < 0x20 || c >= 0x7f; });
}

/// The offset, from `from` on, of the first byte that does not stand for itself in a JSON string:
/// a control character, a quote, a backslash or no ASCII.
inline std::size_t skip_json_text(std::string_view text, std::size_t from) noexcept {
  return skip(
      text, from,
      [](std::uint64_t bytes) {
        return bytes | below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\');
      },
      [](unsigned char c) { return c < 0x20 || c >= 0x80 || c == '"' || c == '\\'; });
}

}  // namespace mcp_mqtt::plain_text
