#pragma once

#include <cstddef>
#include <string>

#include <mcp_mqtt/json.hpp>

// What the pieces work on.
namespace mcp_mqtt::bench {

inline constexpr const char* server_id = "a7f3c2d1e5b84960";
inline constexpr const char* server_name = "plant/line-3/press/companion";
inline constexpr const char* client_id = "host-5d2c8e17b3f64a09";
inline constexpr const char* tool_name = "set_volume";

/// Text as tools return it: lines, some quotes, some letters beyond ASCII.
std::string prose(std::size_t bytes);

/// The params of the `tools/call` that all pieces make.
const Json& call_params();

}  // namespace mcp_mqtt::bench
