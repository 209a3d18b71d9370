#pragma once

#include <optional>
#include <string>

#include <mcp_mqtt/protocol/request_id.hpp>

#include "mcp-mqtt/http/http_message.hpp"

namespace mcp_mqtt::command_line {

/// The code of an HTTP request that is refused for what HTTP says; the official SDK has the same.
inline constexpr int refused_code = -32000;
/// The session is unknown, or over.
inline constexpr int no_session_code = -32001;

/// A reply whose body is a JSON-RPC error, to the request with this id where one could be read.
HttpReply error_reply(int status, int code, const std::string& message,
                      const std::optional<RequestId>& id = std::nullopt);

}  // namespace mcp_mqtt::command_line
