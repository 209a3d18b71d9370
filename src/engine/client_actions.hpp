#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/initialize.hpp>

#include "engine/call_actions.hpp"
#include "engine/connection_actions.hpp"
#include "engine/discovery_registry.hpp"
#include "engine/handler_actions.hpp"
#include "engine/host_notice.hpp"
#include "engine/host_request.hpp"

// What the client engine asks the runtime to do.
namespace mcp_mqtt::engine {

/// What an open session is about.
struct SessionInfo {
  ServerInstance instance;
  InitializeResult initialized;
  std::string client_id;
};

/// Open one more MQTT connection, under this client id (T30).
struct OpenConnection {
  ConnectionNumber connection = 0;
};

struct CloseConnection {
  ConnectionNumber connection = 0;
};

/// A session is open. `call` names the open() that asked for it; 0: opened by itself.
struct SessionOpened {
  CallToken call = 0;
  SessionNumber session = 0;
  SessionInfo info;
};

struct OpenFailed {
  CallToken call = 0;
  Error error;
};

/// A session was cut off and is being opened again, under its number.
struct SessionSuspended {
  SessionNumber session = 0;
  Error reason;
};

/// It is open again, perhaps with another instance.
struct SessionReopened {
  SessionNumber session = 0;
  SessionInfo info;
};

/// A session that was open is over.
struct SessionClosed {
  SessionNumber session = 0;
  Error reason;
};

struct InstanceFound {
  CallToken call = 0;
  Result<ServerInstance> instance;
};

struct InstanceChanged {
  InstanceChange change;
};

/// Run the host's handler for a request of a server, and report with ClientEngine::answer().
struct RunRequest {
  CallNumber call = 0;
  SessionNumber session = 0;
  HostRequest ask;
};

/// A server told a session something.
struct ServerTold {
  SessionNumber session = 0;
  HostNotice notice;
};

/// Names a subscription to a resource: the token of the call that made it.
using SubscriptionNumber = CallToken;

/// A resource changed, for these subscriptions; or they were `renewed` in a new session, and what
/// happened in between is unknown.
struct ResourceChanged {
  std::vector<SubscriptionNumber> subscriptions;
  std::string uri;
  bool renewed = false;
};

/// Everybody was told; the connections may be closed.
struct ClientLeft {};

using ClientAction =
    std::variant<Subscribe, Unsubscribe, Publish, OpenConnection, CloseConnection, CompleteCall,
                 CallProgressed, SessionOpened, OpenFailed, SessionSuspended, SessionReopened,
                 SessionClosed, InstanceFound, InstanceChanged, RunRequest, CancelRun, ServerTold,
                 ResourceChanged, ClientLeft>;

}  // namespace mcp_mqtt::engine
