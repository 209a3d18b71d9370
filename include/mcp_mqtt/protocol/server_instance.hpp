#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt {

/// One running instance of a service, as its retained presence describes it (T10).
struct ServerInstance {
  std::string server_id;    ///< The MQTT client id of the instance.
  std::string server_name;  ///< The service; several instances may share it.
  std::string description;
  /// The `meta` member: an object; whatever the server's owner put there, e.g. a location.
  Json meta = Json::object();

  bool operator==(const ServerInstance&) const = default;
};

/// A role that the broker gave this client for a service (`MCP-RBAC` in CONNACK, T5).
struct RoleGrant {
  std::string server_name;
  std::string role_name;

  bool operator==(const RoleGrant&) const = default;
};

}  // namespace mcp_mqtt
