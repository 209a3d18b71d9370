#pragma once

#include <mcp_mqtt/server.hpp>

// What the official conformance suite of MCP expects of a server: its names, its answers.
namespace conformance {

void add_content_tools(mcp_mqtt::McpServer& server);
/// Progress, logging, tasks, and tools that change what the server offers.
void add_behavior_tools(mcp_mqtt::McpServer& server);
/// Tools that ask the client: sampling, elicitation.
void add_asking_tools(mcp_mqtt::McpServer& server);
void add_resources(mcp_mqtt::McpServer& server);
void add_prompts(mcp_mqtt::McpServer& server);

}  // namespace conformance
