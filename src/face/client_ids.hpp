#pragma once

#include <string>
#include <string_view>

namespace mcp_mqtt::face {

/// An MQTT client id that no other program has: what of `name` may stand in one, and random
/// letters.
std::string make_client_id(std::string_view name);

}  // namespace mcp_mqtt::face
