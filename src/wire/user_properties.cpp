#include "wire/user_properties.hpp"

#include <algorithm>
#include <utility>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "ground/logging.hpp"
#include "wire/json_text.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::wire {
namespace {

constexpr const char* component_type_property = "MCP-COMPONENT-TYPE";
constexpr const char* meta_property = "MCP-META";
constexpr const char* client_id_property = "MCP-MQTT-CLIENT-ID";
constexpr const char* server_name_property = "MCP-SERVER-NAME";
constexpr const char* filters_property = "MCP-SERVER-NAME-FILTERS";
constexpr const char* rbac_property = "MCP-RBAC";

constexpr const char* server_component = "mcp-server";
constexpr const char* client_component = "mcp-client";

/// What the library writes and takes here is flat; this leaves room for a program's own meta.
constexpr std::size_t max_property_depth = 64;

std::pair<std::string, std::string> component_property(Component component) {
  return {component_type_property,
          component == Component::server ? server_component : client_component};
}

Error violation(const char* property, const std::string& fault) {
  return Error{ErrorKind::protocol_violation, 0,
               std::string("the broker's ") + property + " cannot be used: " + fault};
}

std::string member(std::size_t index) { return "member " + std::to_string(index); }

/// A JSON array out of CONNACK; null where the broker did not send the property.
Result<Json> read_array(const mqtt::UserProperties& connack, const char* property) {
  const auto text = find_property(connack, property);
  if (!text) return Json(nullptr);
  auto json = parse_json(*text, max_property_depth);
  if (!json) return violation(property, json.error().message);
  if (!json->is_array()) return violation(property, "it is no JSON array");
  return json;
}

Result<std::string> read_text(const Json& grant, const char* name, const std::string& where) {
  const auto found = grant.find(name);
  if (found == grant.end()) return violation(rbac_property, where + " lacks " + name);
  if (!found->is_string()) return violation(rbac_property, where + ": " + name + " is no string");
  auto text = found->get<std::string>();
  if (text.empty()) return violation(rbac_property, where + ": " + name + " is empty");
  return text;
}

}  // namespace

mqtt::UserProperties connect_properties(Component component, const Json& meta) {
  mqtt::UserProperties properties{component_property(component)};
  const bool writable =
      (meta.is_object() && within_depth(meta, max_property_depth)) || meta.is_null();
  if (!writable) {
    log::warning("{} is left out of CONNECT: it is no JSON object of at most {} levels",
                 meta_property, max_property_depth);
    return properties;
  }
  const auto replace_bad_text = Json::error_handler_t::replace;
  properties.emplace_back(meta_property,
                          meta.is_null() ? "{}" : meta.dump(-1, ' ', true, replace_bad_text));
  return properties;
}

mqtt::UserProperties publish_properties(Component component, std::string_view client_id) {
  // An initializer list would be copied, and this is made for every message.
  mqtt::UserProperties properties;
  properties.reserve(2);
  properties.push_back(component_property(component));
  properties.emplace_back(client_id_property, client_id);
  return properties;
}

std::optional<std::string_view> find_property(const mqtt::UserProperties& properties,
                                              std::string_view name) {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const auto& property) { return property.first == name; });
  if (found == properties.end()) return std::nullopt;
  return std::string_view(found->second);
}

std::optional<std::string_view> sender_id(const mqtt::UserProperties& properties) {
  return find_property(properties, client_id_property);
}

std::optional<Component> sender_component(const mqtt::UserProperties& properties) {
  const auto type = find_property(properties, component_type_property);
  if (type == server_component) return Component::server;
  if (type == client_component) return Component::client;
  return std::nullopt;
}

bool says_draining(const mqtt::UserProperties& properties) {
  return find_property(properties, draining_property) == "true";
}

Result<std::optional<std::string>> suggested_server_name(const mqtt::UserProperties& connack) {
  const auto name = find_property(connack, server_name_property);
  if (!name) return std::optional<std::string>();
  if (auto checked = check_server_name(*name); !checked) {
    return violation(server_name_property, checked.error().message);
  }
  return std::optional<std::string>(*name);
}

Result<std::optional<std::vector<std::string>>> granted_filters(
    const mqtt::UserProperties& connack) {
  auto array = read_array(connack, filters_property);
  if (!array) return std::move(array).error();
  if (array->is_null()) return std::optional<std::vector<std::string>>();

  std::vector<std::string> filters;
  filters.reserve(array->size());
  for (Json& filter : *array) {
    const std::string where = member(filters.size());
    if (!filter.is_string()) return violation(filters_property, where + " is no string");
    auto& text = filter.get_ref<std::string&>();
    if (auto checked = check_server_name_filter(text); !checked) {
      return violation(filters_property, where + ": " + checked.error().message);
    }
    filters.push_back(std::move(text));
  }
  return std::optional<std::vector<std::string>>(std::move(filters));
}

Result<std::optional<std::vector<RoleGrant>>> granted_roles(const mqtt::UserProperties& connack) {
  auto array = read_array(connack, rbac_property);
  if (!array) return std::move(array).error();
  if (array->is_null()) return std::optional<std::vector<RoleGrant>>();

  std::vector<RoleGrant> roles;
  roles.reserve(array->size());
  for (const Json& grant : *array) {
    const std::string where = member(roles.size());
    if (!grant.is_object()) return violation(rbac_property, where + " is no object");
    auto server_name = read_text(grant, "server_name", where);
    if (!server_name) return std::move(server_name).error();
    auto role_name = read_text(grant, "role_name", where);
    if (!role_name) return std::move(role_name).error();
    roles.push_back({*std::move(server_name), *std::move(role_name)});
  }
  return std::optional<std::vector<RoleGrant>>(std::move(roles));
}

}  // namespace mcp_mqtt::wire
