#pragma once

#include <cstddef>
#include <string_view>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/result.hpp>

// From text to Json, for text from anybody.
namespace mcp_mqtt::wire {

/// Whether JSON text nests no deeper than `max_depth`: one pass over the bytes that only knows
/// strings from brackets. It exists because a value that nests deep enough can be built by the JSON
/// library but neither written nor copied without overflowing the stack.
bool text_within_depth(std::string_view text, std::size_t max_depth) noexcept;

/// Parses `text`. NUL bytes at its end are dropped: peers written in C send them. The error is a
/// JSON-RPC parse error (-32700) that says what is wrong and at which byte. Numbers without a
/// double, such as 1e999, are errors; of equal keys the last counts.
Result<Json> parse_json(std::string_view text, std::size_t max_depth);

}  // namespace mcp_mqtt::wire
