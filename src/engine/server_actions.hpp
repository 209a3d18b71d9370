#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/schema/tool_definition.hpp>

#include "engine/connection_actions.hpp"

// What the server engine asks the runtime to do.
namespace mcp_mqtt::engine {

/// Names one run of a handler, over all sessions of a server.
using CallNumber = std::uint64_t;

/// Run a tool's handler and report with ServerEngine::finish().
struct RunTool {
  CallNumber call = 0;
  std::shared_ptr<const ToolDefinition> tool;
  Json arguments;
  ClientInfo client;
};

/// The answer of this run is no longer wanted: set its cancellation token. It still reports.
struct CancelRun {
  CallNumber call = 0;
};

struct ClientConnected {
  ClientInfo client;
};

struct ClientGone {
  ClientInfo client;
  Error reason;
};

/// The broker gave another server-name: connect again so that the will clears the right topic (T5).
struct ReconnectWithWill {};

/// Subscribed and present: clients can find this server.
struct ServerOnline {};

/// This server cannot serve on this connection.
struct ServerRefused {
  Error error;
};

/// Everybody was told; the connection may be closed.
struct ServerLeft {};

using ServerAction =
    std::variant<Subscribe, Unsubscribe, Publish, RunTool, CancelRun, ClientConnected, ClientGone,
                 ReconnectWithWill, ServerOnline, ServerRefused, ServerLeft>;

}  // namespace mcp_mqtt::engine
