#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::arg;
using mcp_mqtt::Json;
using mcp_mqtt::RequestContext;

namespace {

std::string fail() { throw std::runtime_error("it failed on purpose"); }

std::string echo_types(std::optional<double> n, const std::vector<std::string>& list,
                       const std::map<std::string, Json>& map) {
  Json echo{{"list", list}, {"map", map}};
  if (n) echo["n"] = *n;
  return echo.dump();
}

}  // namespace

void add_basic_tools(mcp_mqtt::McpServer& server, Device& device) {
  server.add_tool("set_volume", "Sets the volume", {arg("volume", "Volume level").range(0, 100)},
                  [&](int volume) {
                    device.volume = volume;
                    server.notify_resource_updated("device://volume");
                    return "volume is " + std::to_string(volume);
                  });
  server.add_tool("display", "Shows a message", {arg("message", "What to show")},
                  [](const std::string& message) { return "displayed: " + message; });
  server.add_tool("count", "Counts, one step every 20 ms, and tells its progress",
                  {arg("to", "The last number").min(1)}, [&](int to, RequestContext& context) {
                    count_to(to, device, context);
                    return "counted to " + std::to_string(to);
                  });
  server.add_tool("last_cancelled", "Says whether the last count was cancelled",
                  [&] { return std::string(device.last_cancelled ? "yes" : "no"); });
  server.add_tool("fail", "Fails", fail);
  server.add_tool("echo_types", "Gives its arguments back as JSON",
                  {arg("n", "A number"), arg("list", "Strings"), arg("map", "Anything by name")},
                  echo_types);
}

}  // namespace interop
