#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::wire {

/// The value of which `text` is the JSON, as Json::parse() reads it, many times as fast. nullopt
/// for what is no JSON, nests deeper than `max_depth`, or is left to the JSON library: what it
/// takes as well, this need not.
std::optional<Json> read_json(std::string_view text, std::size_t max_depth);

}  // namespace mcp_mqtt::wire
