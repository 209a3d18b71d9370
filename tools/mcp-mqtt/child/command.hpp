#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mcp_mqtt::command_line {

/// A program to start, with what it gets.
struct ChildCommand {
  std::vector<std::string> words;  ///< The program, looked up in PATH, and its arguments.
  /// Set in its environment, beside ours; of ours the variables MCP_MQTT_… are left out, since one
  /// of them is the broker's password.
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::string folder = {};  ///< Where it runs; empty: where we do.
};

}  // namespace mcp_mqtt::command_line
