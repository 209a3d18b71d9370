#include <string>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::CompleteRequest;
using Values = std::vector<std::string>;

namespace {

bool knows(const CompleteRequest& request, const std::string& argument, const std::string& value) {
  const auto known = request.context.find(argument);
  return known != request.context.end() && known->second == value;
}

Values items() {
  Values values;
  for (int i = 0; i < 150; ++i) values.push_back("item " + std::to_string(i));
  return values;
}

}  // namespace

void add_completions(mcp_mqtt::McpServer& server) {
  const std::string reading = "device://rooms/{room}/{reading}";
  server.complete_prompt("greet", "name", [](const std::string&) {
    return Values{"Ada", "Alan", "Grace"};
  });
  server.complete_prompt("greet", "style", [](const CompleteRequest& request) {
    return knows(request, "name", "Ada") ? Values{"formal"} : Values{"formal", "friendly"};
  });
  server.complete_resource_template(reading, "room", [](const std::string&) {
    return Values{"kids", "kitchen", "living"};
  });
  server.complete_resource_template(reading, "reading", [](const CompleteRequest& request) {
    return knows(request, "room", "kitchen") ? Values{"humidity", "temperature"}
                                             : Values{"temperature"};
  });
  server.complete_resource_template("device://find{?text,limit}", "text",
                                    [](const std::string&) { return items(); });
}

}  // namespace interop
