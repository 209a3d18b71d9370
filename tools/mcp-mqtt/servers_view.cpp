#include "mcp-mqtt/servers_view.hpp"

#include <map>
#include <utility>

namespace mcp_mqtt::command_line {
namespace {

std::map<std::string, std::vector<ServerInstance>> by_name(
    const std::vector<ServerInstance>& instances) {
  std::map<std::string, std::vector<ServerInstance>> services;
  for (const ServerInstance& instance : instances) {
    services[instance.server_name].push_back(instance);
  }
  return services;
}

std::vector<std::string> roles_for(const std::vector<RoleGrant>& grants, const std::string& name) {
  std::vector<std::string> roles;
  for (const RoleGrant& grant : grants) {
    if (grant.server_name == name) roles.push_back(grant.role_name);
  }
  return roles;
}

}  // namespace

Table servers_table(const std::vector<ServerInstance>& instances,
                    const std::vector<RoleGrant>& grants) {
  Table table({"NAME", "INSTANCES", "ROLES", "METADATA", "DESCRIPTION"});
  for (const auto& [name, own] : by_name(instances)) {
    std::string roles;
    for (const std::string& role : roles_for(grants, name)) {
      roles += (roles.empty() ? "" : ", ") + role;
    }
    table.add({name, std::to_string(own.size()), roles, meta_text(own.front().meta),
               own.front().description});
  }
  return table;
}

Json servers_json(const std::vector<ServerInstance>& instances,
                  const std::vector<RoleGrant>& grants) {
  Json document = Json::array();
  for (const auto& [name, own] : by_name(instances)) {
    Json service{{"name", name}, {"instances", Json::array()}};
    if (!grants.empty()) service["roles"] = roles_for(grants, name);
    for (const ServerInstance& instance : own) {
      service["instances"].push_back(instance_json(instance));
    }
    document.push_back(std::move(service));
  }
  return document;
}

Json instance_json(const ServerInstance& instance) {
  return {
      {"id", instance.server_id}, {"description", instance.description}, {"meta", instance.meta}};
}

std::string meta_text(const Json& meta) {
  if (meta.empty()) return {};
  return meta.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mcp_mqtt::command_line
