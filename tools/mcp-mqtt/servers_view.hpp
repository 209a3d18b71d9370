#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>

#include "mcp-mqtt/table.hpp"

namespace mcp_mqtt::command_line {

/// The services that these instances belong to, by name: a row each. Description and metadata are
/// those of the first instance; roles are those that the broker granted this client.
Table servers_table(const std::vector<ServerInstance>& instances,
                    const std::vector<RoleGrant>& grants);

/// The same with all instances; `roles` only where there are grants.
Json servers_json(const std::vector<ServerInstance>& instances,
                  const std::vector<RoleGrant>& grants);

/// An instance: id, description and meta.
Json instance_json(const ServerInstance& instance);

/// Metadata in one line; empty where there are none.
std::string meta_text(const Json& meta);

}  // namespace mcp_mqtt::command_line
