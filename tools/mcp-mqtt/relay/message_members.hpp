#pragma once

#include <optional>
#include <string>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/progress.hpp>
#include <mcp_mqtt/protocol/request_id.hpp>

// What those who pass messages on read in them, and write into them.
namespace mcp_mqtt::command_line {

/// A member of an object that is a string; empty where there is none.
std::string text_member(const Json& object, const char* name);
/// Takes `_meta.progressToken` out of the params of a request; null where there is none. The
/// library sets its own.
Json take_progress_token(Json& params);
/// The params of `notifications/progress`.
Json progress_params(const Json& token, const Progress& progress);
/// The id that the params of `notifications/cancelled` name.
std::optional<RequestId> cancelled_id(const Json& params);

}  // namespace mcp_mqtt::command_line
