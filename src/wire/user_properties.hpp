#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>

// The MQTT user properties of MCP over MQTT (T3 to T5).
namespace mcp_mqtt::wire {

enum class Component { server, client };

/// T3: what CONNECT carries. `meta` is an object (null: an empty one); any other value, and one
/// that is too deep to write, is left out with a warning in the log. MCP-META is written in ASCII,
/// because brokers refuse some characters in user properties.
mqtt::UserProperties connect_properties(Component component, const Json& meta);
/// T4: what every PUBLISH and the will carry.
mqtt::UserProperties publish_properties(Component component, std::string_view client_id);

/// An extension of ours, beside T4 on the empty presence of a server that is being drained: it
/// takes no new sessions, and those that there are go on until it ends them.
inline constexpr std::string_view draining_property = "MCP-DRAINING";
bool says_draining(const mqtt::UserProperties& properties);

/// The first value of a name.
std::optional<std::string_view> find_property(const mqtt::UserProperties& properties,
                                              std::string_view name);

/// T4 read: `MCP-MQTT-CLIENT-ID` and `MCP-COMPONENT-TYPE`; both may be missing in the field.
std::optional<std::string_view> sender_id(const mqtt::UserProperties& properties);
std::optional<Component> sender_component(const mqtt::UserProperties& properties);

/// T5 read. Each is nullopt where the broker did not send the property, and a `protocol_violation`
/// that names the property and the member where it sent something that cannot be used.
/// A server-name; to be adopted.
Result<std::optional<std::string>> suggested_server_name(const mqtt::UserProperties& connack);
/// Valid server-name-filters, in the broker's order; possibly none.
Result<std::optional<std::vector<std::string>>> granted_filters(
    const mqtt::UserProperties& connack);
/// Server-names and roles, neither empty; unknown members are ignored.
Result<std::optional<std::vector<RoleGrant>>> granted_roles(const mqtt::UserProperties& connack);

}  // namespace mcp_mqtt::wire
