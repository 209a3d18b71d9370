#pragma once

#include <memory>
#include <string>

#include <mcp_mqtt/connected_client.hpp>
#include <mcp_mqtt/peer_request.hpp>
#include <mcp_mqtt/protocol/client_info.hpp>

namespace mcp_mqtt {

/// What answers one client of a server with a ServerBackend. All functions are called on a worker,
/// one at a time and in order, over all sessions of the server (in a pool: of each instance); so
/// they return at once. It is destroyed there when the session is over or never came about, at the
/// latest with the server; it may hold the ConnectedClient.
class BackendSession {
 public:
  virtual ~BackendSession() = default;

  /// The handshake is done: from now on the client can be asked and told.
  virtual void connected(const ConnectedClient& client) = 0;
  /// Any request but `ping`, which the server answers itself. Several may be under way. Where the
  /// client wants progress, `_meta.progressToken` names it, for ConnectedClient::notify().
  virtual void on_request(PeerRequest request) = 0;
  /// Any notification but those that the session itself is made of, and progress and cancellation,
  /// which arrive at the request that they are about.
  virtual void on_notification(const std::string& method, const Json& params) = 0;
};

/// Answers the clients of an McpServer in place of features that are registered with it
/// (ServerOptions::backend): for programs that stand before other MCP servers.
class ServerBackend {
 public:
  virtual ~ServerBackend() = default;

  /// A client wants a session. `request` is its `initialize`; the answer is an InitializeResult as
  /// JSON, whose revision and capabilities are the session's, or an error, which ends it. Under one
  /// client id a second one may begin while the first one lives: it takes its place when its
  /// handshake is done. Called as the functions of BackendSession. Returns no nullptr.
  virtual std::unique_ptr<BackendSession> begin(const ClientInfo& client, PeerRequest request) = 0;
};

}  // namespace mcp_mqtt
