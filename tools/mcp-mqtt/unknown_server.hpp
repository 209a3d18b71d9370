#pragma once

#include <string>

#include <mcp_mqtt/client.hpp>

namespace mcp_mqtt::command_line {

/// What to say of a server that is not online: which ones are. Looks for them first; the client is
/// connected. Throws McpError.
std::string unknown_server(McpClient& client, const std::string& name,
                           const std::string& broker_name);

}  // namespace mcp_mqtt::command_line
