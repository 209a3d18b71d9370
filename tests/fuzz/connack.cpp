#include "fuzz.hpp"
#include "wire/json_text.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

// The user properties of CONNACK: used, or refused with the reason. Input: lines NAME=VALUE; short
// names stand for the properties that MCP knows.
namespace mcp_mqtt::fuzz {
namespace {

std::string long_name(std::string_view name) {
  if (name == "n") return "MCP-SERVER-NAME";
  if (name == "f") return "MCP-SERVER-NAME-FILTERS";
  if (name == "r") return "MCP-RBAC";
  if (name == "c") return "MCP-COMPONENT-TYPE";
  if (name == "i") return "MCP-MQTT-CLIENT-ID";
  return std::string(name);
}

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  watch_log();
  mqtt::UserProperties properties;
  for (std::string_view rest = text_of(data, size); !rest.empty();) {
    std::string_view line = take(rest);
    const std::string name = long_name(take(line, '='));
    properties.emplace_back(name, line);
  }
  const auto name = wire::suggested_server_name(properties);
  if (!name) {
    require(name.error().kind == ErrorKind::protocol_violation, "a bad name is a violation");
  } else if (*name) {
    require(wire::check_server_name(**name).has_value(), "an adopted name is a name", **name);
  }
  const auto filters = wire::granted_filters(properties);
  if (!filters) {
    require(filters.error().kind == ErrorKind::protocol_violation, "bad filters are a violation");
  } else if (*filters) {
    for (const std::string& filter : **filters) {
      require(wire::check_server_name_filter(filter).has_value(), "a granted filter is one",
              filter);
      // The topic filter made of it is one that brokers take.
      require(wire::presence_filter(filter).size() <= 65'535, "the filter fits", filter);
    }
  }
  const auto roles = wire::granted_roles(properties);
  if (!roles) {
    require(roles.error().kind == ErrorKind::protocol_violation, "bad roles are a violation");
  } else if (*roles) {
    for (const RoleGrant& role : **roles) {
      require(!role.server_name.empty() && !role.role_name.empty(), "roles have names");
    }
  }
  static_cast<void>(wire::sender_id(properties));
  static_cast<void>(wire::sender_component(properties));
  // A program's own meta, which may come from a file of somebody else.
  if (const auto meta = wire::parse_json(text_of(data, size), 200)) {
    const auto written = wire::connect_properties(wire::Component::client, *meta);
    require(!written.empty() && written.size() <= 2, "CONNECT has its component type");
    for (const auto& [key, value] : written) {
      for (const char c : value) require(c >= 0x20 && c < 0x7f, "MCP-META is printable ASCII");
    }
  }
  return 0;
}
