#pragma once

#include <string>

#include <mcp_mqtt/client.hpp>

namespace mcp_mqtt::command_line {

// A host's own words, of the params of its `initialize`, for the MQTT client in its place.

/// Its name, version and the rest. The connection is to be added.
ClientOptions options_of_host(const Json& params);
/// Its capabilities as they are.
Json capabilities_of_host(const Json& params);

/// Connects. Throws McpError whose message names the broker.
void connect_for_host(McpClient& client, const std::string& broker, const std::string& broker_name);

}  // namespace mcp_mqtt::command_line
