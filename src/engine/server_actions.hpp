#pragma once

#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/client_info.hpp>

#include "engine/call_actions.hpp"
#include "engine/connection_actions.hpp"
#include "engine/handler_actions.hpp"
#include "engine/handler_work.hpp"

// What the server engine asks the runtime to do.
namespace mcp_mqtt::engine {

/// Run a handler and report with ServerEngine::finish().
struct RunHandler {
  CallNumber call = 0;
  SessionNumber session = 0;
  std::string method;
  std::string name;  // of the tool or prompt; the URI of a resource
  Json meta;         // `_meta` of the request; null: none
  Work work;
  /// Of a request for the backend, which has no work; null: another one.
  Json params;
  bool run_inline = false;
  ClientInfo client;
};

struct ClientConnected {
  SessionNumber session = 0;
  ClientInfo client;
  CallNumber initialize = 0;  // the run that answered its initialize; 0 without a backend
};

/// What this run answered, or was to answer, comes to no session.
struct HandshakeDropped {
  CallNumber initialize = 0;
};

struct ClientGone {
  SessionNumber session = 0;
  ClientInfo client;
  Error reason;
};

/// `notifications/roots/list_changed`.
struct ClientRootsChanged {
  SessionNumber session = 0;
  ClientInfo client;
};

/// A notification for the backend.
struct ClientTold {
  SessionNumber session = 0;
  std::string method;
  Json params;
};

/// `notifications/tasks/status`: of a task that this server asked the client for.
struct ClientTaskStatus {
  SessionNumber session = 0;
  ClientInfo client;
  Task task;
};

/// A client began or stopped to watch a resource.
struct SubscriptionChanged {
  ClientInfo client;
  std::string uri;
  bool subscribed = false;
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
    std::variant<Subscribe, Unsubscribe, Publish, RunHandler, CancelRun, CompleteCall,
                 CallProgressed, ClientConnected, HandshakeDropped, ClientGone, ClientRootsChanged,
                 ClientTold, ClientTaskStatus, SubscriptionChanged, ReconnectWithWill, ServerOnline,
                 ServerRefused, ServerLeft>;

}  // namespace mcp_mqtt::engine
