#pragma once

#include <string>

#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::engine {

/// Whether a server may send this request to a client: `unsupported` with the capability that the
/// client did not declare, or with the revision that lacks what the request needs. Methods that MCP
/// does not know pass.
Result<void> check_request_to_client(const std::string& method, const Json& params,
                                     const ClientCapabilities& declared, Revision revision);

}  // namespace mcp_mqtt::engine
