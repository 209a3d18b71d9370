#pragma once

#include <functional>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/tool.hpp>

namespace mcp_mqtt {

class RequestContext;

/// Answers one `tools/call`. `arguments` is what the caller sent; null where it sent none.
/// May be called from several threads at once. Throws ArgumentError for arguments that it cannot
/// use; any other exception is a failure of the tool.
using ToolHandler = std::function<CallToolResult(const Json& arguments, RequestContext& context)>;

/// A tool as `tools/list` shows it, together with what answers its calls.
struct ToolDefinition {
  Tool tool;
  ToolHandler handler;
  /// Run the handler on the thread that reads from the broker, without a worker: for handlers that
  /// return at once. A slow one holds up the whole server.
  bool run_inline = false;
  /// Check the arguments against `tool.input_schema` before the handler is called. A typed tool
  /// checks its own, by its types.
  bool check_arguments = false;
};

}  // namespace mcp_mqtt
