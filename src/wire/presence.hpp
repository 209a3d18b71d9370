#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>
#include <mcp_mqtt/result.hpp>

// The messages on the presence topics (T10, T11, T42).
namespace mcp_mqtt::wire {

/// The retained `notifications/server/online` of an instance, with `server_name`, `description` and
/// `meta` always present: clients in the field die without them. `invalid_argument` where `meta` is
/// no object (null counts as empty) or a string is not UTF-8; `too_large` beyond a limit.
Result<std::string> encode_server_online(const ServerInstance& instance,
                                         const MessageLimits& limits);

/// What a presence message says about the instance that its topic names. nullopt: offline (empty).
/// Liberal: name and id come from the topic, whatever the payload says; a `description` that is no
/// string and a `meta` that is no object read as empty, as if missing. Anything that is no
/// `notifications/server/online` is `protocol_violation`.
Result<std::optional<ServerInstance>> decode_server_presence(std::string_view server_id,
                                                             std::string_view server_name,
                                                             std::string_view payload,
                                                             const MessageLimits& limits);

/// `notifications/disconnected`: the payload of T41 and T42.
std::string encode_disconnected();

}  // namespace mcp_mqtt::wire
