#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <mcp_mqtt/result.hpp>

// The topics of MCP over MQTT: building, reading, and the rules for the names in them.
namespace mcp_mqtt::wire {

// --- The rules. Each error is `invalid_argument` and names the offending character or rule.
/// The longest id, in bytes. With the longest name behind two of them every topic stays within
/// MQTT's 65,535 bytes.
inline constexpr std::size_t max_id_bytes = 1'024;
inline constexpr std::size_t max_server_name_bytes = 63'476;
/// Every topic puts at most three levels before a server-name; brokers take 200.
inline constexpr std::size_t max_server_name_levels = 197;

/// Not empty, no `+`, `#`, NUL or control character, valid UTF-8, no empty level (no `/` at either
/// end, none doubled), short enough for every topic made of it. Spaces, a `$` in front, and names
/// without `/`, are fine.
Result<void> check_server_name(std::string_view name);
/// As a name, and no `/`; not `presence` or `capability`, which collide with the control topic.
Result<void> check_server_id(std::string_view id);
/// The same characters and length as a server-id.
Result<void> check_client_id(std::string_view id);
/// An MQTT topic filter over server-names: `+` a whole level, `#` the last; otherwise as a name.
Result<void> check_server_name_filter(std::string_view filter);

// --- Building. The caller has checked the names.
std::string control_topic(std::string_view server_id, std::string_view server_name);
std::string server_presence_topic(std::string_view server_id, std::string_view server_name);
std::string server_capability_topic(std::string_view server_id, std::string_view server_name);
std::string client_presence_topic(std::string_view client_id);
std::string client_capability_topic(std::string_view client_id);
std::string rpc_topic(std::string_view client_id, std::string_view server_id,
                      std::string_view server_name);
/// The subscription that finds every instance of the services under `server_name_filter` (T12).
std::string presence_filter(std::string_view server_name_filter);

// --- Reading.
struct ControlTopic {
  std::string server_id, server_name;
};
struct ServerPresenceTopic {
  std::string server_id, server_name;
};
struct ServerCapabilityTopic {
  std::string server_id, server_name;
};
struct ClientPresenceTopic {
  std::string client_id;
};
struct ClientCapabilityTopic {
  std::string client_id;
};
struct RpcTopic {
  std::string client_id, server_id, server_name;
};
/// What a topic is, with the names in it: the inverse of building. monostate: no topic of ours, or
/// one whose names break the rules above.
using Topic = std::variant<std::monostate, ControlTopic, ServerPresenceTopic, ServerCapabilityTopic,
                           ClientPresenceTopic, ClientCapabilityTopic, RpcTopic>;
Topic parse_topic(std::string_view topic);

/// The client id in an RPC topic of this server, quicker than parse_topic(): it is not checked, so
/// compare it with one that is. nullopt: the topic is another.
std::optional<std::string_view> client_of_rpc_topic(std::string_view topic,
                                                    std::string_view server_id,
                                                    std::string_view server_name);

/// Whether an MQTT filter matches a server-name (MQTT 5, 4.7: `a/#` matches `a` too; names have no
/// `$` rule). Both have passed their checks; a filter that has not matches nothing it should not.
bool filter_matches(std::string_view filter, std::string_view server_name);

}  // namespace mcp_mqtt::wire
