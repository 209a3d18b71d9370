#pragma once

#include <optional>
#include <string>
#include <string_view>

// Percent-encoding (RFC 3986, 2.1).
namespace mcp_mqtt::protocol {

bool is_unreserved(char c) noexcept;

/// Whether a `%` at `at` has its two hexadecimal digits.
bool is_triplet(std::string_view text, std::size_t at) noexcept;

/// Everything encoded but the unreserved characters.
std::string percent_encode(std::string_view text);

/// Everything encoded but what may stand in a URI: unreserved and reserved characters, and what is
/// encoded already.
std::string percent_encode_uri(std::string_view text);

/// The bytes that `text` stands for; nullopt for a `%` without two hexadecimal digits and for what
/// is not UTF-8 then.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace mcp_mqtt::protocol
