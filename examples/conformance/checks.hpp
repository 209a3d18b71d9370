#pragma once

#include <string>

#include <mcp_mqtt/client.hpp>

#include "report.hpp"

// What the fixture server has to answer, feature by feature.
namespace conformance {

/// What the server told the client and asked it.
struct Heard {
  Inbox logs;
  Inbox list_changes;
  Inbox model_questions;
  Inbox user_questions;
};

/// Lets a model and a user answer who say the same always, and listens to the server.
void register_host(mcp_mqtt::McpClient& client, Heard& heard);

void check_tools(const mcp_mqtt::ClientSession& session, Heard& heard, Report& report);
void check_asking_tools(const mcp_mqtt::ClientSession& session, Heard& heard, Report& report);
void check_tasks(const mcp_mqtt::ClientSession& session, Report& report);
void check_resources(const mcp_mqtt::ClientSession& session, Report& report);
void check_prompts(const mcp_mqtt::ClientSession& session, Report& report);

/// The base64 text of the fixture's picture and sound.
std::string image_base64();
std::string audio_base64();

}  // namespace conformance
