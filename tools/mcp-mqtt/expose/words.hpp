#pragma once

#include <string>

#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/result.hpp>

#include "mcp-mqtt/child/child.hpp"
#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/relay/message_members.hpp"

/// What the backends read in messages and write into them.
namespace mcp_mqtt::command_line::words {

/// A log message to clients: that the child ended, so that they know why their session is over.
Json end_message(const ChildEnd& end);
/// What we ask a child where there is no client yet.
Json initialize_params();
/// Why a child does not serve. `refusal`: what is wrong with its answer to `initialize`; empty: it
/// ended. `served`: it did before.
Failure failure_of(const ChildCommand& command, const ChildEnd& end, const std::string& refusal,
                   bool served);
/// What is wrong with an answer to `initialize`; empty: nothing.
std::string refusal_of(const Result<Json>& answer);
/// A client in our own log.
std::string label_of(const ClientInfo& client);

}  // namespace mcp_mqtt::command_line::words
