#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/protocol/server_instance.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::engine {

/// Whether the roles that the broker gave this client (`MCP-RBAC`, T5) allow a request, by what the
/// server says of these roles in its presence (`meta.rbac.roles`, T10). `refused` with the role and
/// what it does not allow. Allowed is whatever is not known to be forbidden: no roles granted for
/// this service, or none that its presence describes, or a list that it leaves out. The broker and
/// the server decide in the end; this saves a call that can only fail.
Result<void> check_roles(const std::optional<std::vector<RoleGrant>>& granted,
                         const ServerInstance& instance, const std::string& method,
                         const Json& params);

}  // namespace mcp_mqtt::engine
