#pragma once

#include <cstddef>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::engine {

/// As many bytes as `value` takes at most when it is written, whatever its depth.
std::size_t json_bytes(const Json& value);

}  // namespace mcp_mqtt::engine
