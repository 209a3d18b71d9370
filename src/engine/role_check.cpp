#include "engine/role_check.hpp"

#include <algorithm>

namespace mcp_mqtt::engine {
namespace {

const Json* find_member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* key) {
  const Json* value = find_member(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

/// `list` of a role: an array of names, or "all"; anything else does not restrict.
bool allows(const Json& role, const char* list, const std::string& name) {
  const Json* allowed = find_member(role, list);
  if (allowed == nullptr || !allowed->is_array()) return true;
  return std::any_of(allowed->begin(), allowed->end(),
                     [&](const Json& entry) { return entry == name || entry == "all"; });
}

/// The empty string where the role allows the request; otherwise what it does not allow.
std::string forbidden(const Json& role, const std::string& method, const Json& params) {
  if (!allows(role, "allowed_methods", method)) return method;
  if (method == "tools/call") {
    const std::string tool = text_of(params, "name");
    if (!allows(role, "allowed_tools", tool)) return "the tool '" + tool + "'";
  }
  if (method == "resources/read" || method == "resources/subscribe") {
    const std::string uri = text_of(params, "uri");
    if (!allows(role, "allowed_resources", uri)) return "the resource '" + uri + "'";
  }
  return {};
}

}  // namespace

Result<void> check_roles(const std::optional<std::vector<RoleGrant>>& granted,
                         const ServerInstance& instance, const std::string& method,
                         const Json& params) {
  if (!granted || method == "ping") return {};
  const Json* rbac = find_member(instance.meta, "rbac");
  const Json* roles = rbac == nullptr ? nullptr : find_member(*rbac, "roles");
  if (roles == nullptr || !roles->is_array()) return {};
  std::optional<Error> refusal;
  for (const RoleGrant& grant : *granted) {
    if (grant.server_name != instance.server_name) continue;
    for (const Json& role : *roles) {
      if (text_of(role, "name") != grant.role_name) continue;
      const std::string what = forbidden(role, method, params);
      if (what.empty()) return {};
      refusal = Error{ErrorKind::refused, 0,
                      "the role '" + grant.role_name + "' at " + instance.server_name +
                          " does not allow " + what,
                      nullptr};
    }
  }
  if (refusal) return *refusal;
  return {};
}

}  // namespace mcp_mqtt::engine
