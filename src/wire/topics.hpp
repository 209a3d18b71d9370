#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <mcp_mqtt/result.hpp>

// The topics of MCP over MQTT: building, reading, and the rules for the names in them.
namespace mcp_mqtt::wire {

// --- The rules. Each error names the offending character or rule.
/// Not empty, no `+`, `#`, NUL or control character, valid UTF-8, no empty level at either end,
/// short enough for every topic made of it. Spaces, and names without `/`, are fine.
Result<void> check_server_name(std::string_view name);
/// As a name, and no `/`; not `presence` or `capability`, which collide with the control topic.
Result<void> check_server_id(std::string_view id);
Result<void> check_client_id(std::string_view id);
/// An MQTT topic filter over server-names: `+` a whole level, `#` the last.
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
/// monostate: no topic of ours, or one whose names break the rules.
using Topic = std::variant<std::monostate, ControlTopic, ServerPresenceTopic, ServerCapabilityTopic,
                           ClientPresenceTopic, ClientCapabilityTopic, RpcTopic>;
Topic parse_topic(std::string_view topic);

/// Whether an MQTT filter matches a server-name (MQTT 5, 4.7; names have no `$` rule).
bool filter_matches(std::string_view filter, std::string_view server_name);

}  // namespace mcp_mqtt::wire
