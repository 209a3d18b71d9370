#include "mcp-mqtt/unknown_server.hpp"

#include <set>
#include <vector>

#include "mcp-mqtt/similar.hpp"

namespace mcp_mqtt::command_line {

std::string unknown_server(McpClient& client, const std::string& name,
                           const std::string& broker_name) {
  std::set<std::string> online;
  for (const ServerInstance& instance : client.discover("#")) online.insert(instance.server_name);
  const std::vector<std::string> names(online.begin(), online.end());
  const std::string near = closest(name, names);
  std::string hint = "none is";
  if (!near.empty()) {
    hint = "did you mean '" + near + "'?";
  } else if (!names.empty()) {
    hint = "online are " + listed(names);
  }
  return "no server '" + name + "' is online at " + broker_name + ": " + hint;
}

}  // namespace mcp_mqtt::command_line
