#pragma once

#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "checks.hpp"
#include "client/host.hpp"

// What this library's client expects of server.mjs in one session, one source file for each group
// of features.
namespace interop {

void check_basics(Checks& checks, const mcp_mqtt::ClientSession& session);
void check_contents(Checks& checks, const mcp_mqtt::ClientSession& session);
void check_resources(Checks& checks, const mcp_mqtt::ClientSession& session);
void check_prompts(Checks& checks, const mcp_mqtt::ClientSession& session);
void check_changes(Checks& checks, const mcp_mqtt::ClientSession& session, Host& host);
void check_model(Checks& checks, mcp_mqtt::McpClient& client,
                 const mcp_mqtt::ClientSession& session, Host& host);
void check_user(Checks& checks, const mcp_mqtt::ClientSession& session, Host& host);
void check_tasks(Checks& checks, const mcp_mqtt::ClientSession& session, Host& host);

/// A session in an older revision, opened by `client`.
void check_revision(Checks& checks, mcp_mqtt::McpClient& client, Host& host,
                    const std::string& name, mcp_mqtt::Revision revision);
/// `session` is of a client that declared nothing.
void check_bare_client(Checks& checks, const mcp_mqtt::ClientSession& session);

/// The answer of a tool, which must be one text and no error.
std::string answer(const mcp_mqtt::CallToolResult& result);
mcp_mqtt::Json json_answer(const mcp_mqtt::CallToolResult& result);
void require_answer(const mcp_mqtt::ClientSession& session, const std::string& tool,
                    const mcp_mqtt::Json& arguments, const std::string& wanted);

mcp_mqtt::Icon device_icon();
/// The bytes of the picture and the sound.
std::string picture();
std::string sound();

}  // namespace interop
