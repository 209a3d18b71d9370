#pragma once

#include <string>

#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::engine {

/// Whether a client may send this request, by what the server declared and what the revision has:
/// otherwise `unsupported`, with the capability or the revision named. Methods that MCP does not
/// know pass: they are between the host and its server.
Result<void> check_request(const std::string& method, const Json& params,
                           const ServerCapabilities& declared, Revision revision);

}  // namespace mcp_mqtt::engine
