#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp_mqtt::schema {

/// `text` fit for an error message: valid UTF-8, control characters escaped, cut to about `limit`
/// bytes with an ellipsis.
std::string shown(std::string_view text, std::size_t limit = 60);

/// The Unicode code points of `text`.
std::size_t count_characters(std::string_view text) noexcept;

}  // namespace mcp_mqtt::schema
