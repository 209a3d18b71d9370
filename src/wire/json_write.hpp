#pragma once

#include <cstddef>
#include <string>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::wire {

/// Appends `json` to `out` as Json::dump() writes it, many times as fast and without a copy of the
/// text. False where it nests deeper than `max_depth`, holds a string that is not UTF-8, or
/// something that JSON has not; then what was appended is taken back.
bool write_json(const Json& json, std::size_t max_depth, std::string& out);

/// The same for one string.
bool write_json_text(const std::string& text, std::string& out);

}  // namespace mcp_mqtt::wire
