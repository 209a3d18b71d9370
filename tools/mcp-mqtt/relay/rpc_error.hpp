#pragma once

#include <mcp_mqtt/error.hpp>

namespace mcp_mqtt::command_line {

/// An error as another MCP peer gets it: one of a peer's answer as it is, any other with the
/// JSON-RPC code that comes closest.
Error as_rpc_error(Error error);

}  // namespace mcp_mqtt::command_line
