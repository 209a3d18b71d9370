#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <mcp_mqtt/server_backend.hpp>

#include "mcp-mqtt/expose/child_peer.hpp"
#include "mcp-mqtt/failure.hpp"

namespace mcp_mqtt::command_line {

/// What the program says that it is, when nobody is there yet. Starts a child for that question,
/// and ends it. Throws Failure where it does not speak MCP; `interrupted` when asked to stop.
Json probe(const ChildSetup& setup, Children& children, const std::stop_token& stop);

/// Answers each session by a child of its own, which gets the client's own `initialize`; what
/// either says passes through as it is. When the child ends, its session does, and the other way
/// round. No more than `most` children run at a time. `children` outlives the server.
std::shared_ptr<ServerBackend> make_session_backend(ChildSetup setup, Children& children,
                                                    std::size_t most);

/// What becomes of a shared child. Each comes once at most, on its thread.
struct SharedEvents {
  /// It answered its first `initialize`.
  std::function<void(const Json& initialize_result)> on_ready;
  /// It is given up: it did not start, or ended again and again.
  std::function<void(const Failure& why)> on_failed;
};

/// Answers all sessions by one child. It is told of a client without capabilities, since nothing
/// says which session its requests would be for, and its tasks are not offered, since they would be
/// everybody's. When it ends, all sessions do, and it is started again after a pause. Starts at
/// once. `children` outlives the server.
std::shared_ptr<ServerBackend> start_shared_backend(ChildSetup setup, Children& children,
                                                    SharedEvents events);

}  // namespace mcp_mqtt::command_line
