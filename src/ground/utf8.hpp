#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
namespace mcp_mqtt::utf8 {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< In bytes; 0: the bytes at this place are not well-formed.
};

/// The code point that starts at byte `offset`, which lies inside `text`.
CodePoint code_point_at(std::string_view text, std::size_t offset) noexcept;

/// The offset, from `offset` on, of the first byte that is ASCII or does not belong to a
/// well-formed sequence.
std::size_t skip_beyond_ascii(std::string_view text, std::size_t offset) noexcept;

/// The offset of the first byte that does not belong to a well-formed sequence.
std::optional<std::size_t> first_invalid_byte(std::string_view text) noexcept;

}  // namespace mcp_mqtt::utf8
