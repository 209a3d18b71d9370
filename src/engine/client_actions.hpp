#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/initialize.hpp>

#include "engine/call_actions.hpp"
#include "engine/connection_actions.hpp"
#include "engine/discovery_registry.hpp"

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

/// Everybody was told; the connections may be closed.
struct ClientLeft {};

using ClientAction = std::variant<Subscribe, Unsubscribe, Publish, OpenConnection, CloseConnection,
                                  CompleteCall, CallProgressed, SessionOpened, OpenFailed,
                                  SessionClosed, InstanceFound, InstanceChanged, ClientLeft>;

}  // namespace mcp_mqtt::engine
