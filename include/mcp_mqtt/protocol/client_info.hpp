#pragma once

#include <string>

#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/protocol/revision.hpp>

namespace mcp_mqtt {

/// The client at the other end of a server's session.
struct ClientInfo {
  std::string client_id;  ///< Its MQTT client id (`MCP-MQTT-CLIENT-ID`).
  Implementation implementation;
  ClientCapabilities capabilities;
  Revision revision = latest_revision;  ///< What the session negotiated.
};

}  // namespace mcp_mqtt
