// What a client can learn: finds every server on a broker and prints its capabilities and tools.
#include <CLI/CLI.hpp>
#include <iostream>
#include <set>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace {

using namespace std::chrono_literals;

void print_tool(const mcp_mqtt::Tool& tool) {
  std::cout << "    " << tool.name << "  " << tool.description << '\n';
  const auto properties = tool.input_schema.find("properties");
  if (properties == tool.input_schema.end()) return;
  for (const auto& [name, schema] : properties->items()) {
    std::cout << "      " << name << ": " << schema.dump() << '\n';
  }
}

void print_session(const mcp_mqtt::ClientSession& session) {
  const auto& server = session.server_info();
  std::cout << "  answers as " << server.name << ' ' << server.version << ", revision "
            << to_string(session.revision()) << '\n'
            << "  capabilities " << session.capabilities().raw.dump() << '\n';
  if (!session.instructions().empty()) {
    std::cout << "  instructions " << session.instructions() << '\n';
  }
  if (!session.capabilities().tools) return;
  const auto tools = session.list_tools({.timeout = 5s});
  std::cout << "  tools (" << tools.size() << ")\n";
  for (const auto& tool : tools) print_tool(tool);
}

void print_service(mcp_mqtt::McpClient& client, const std::string& name) {
  std::cout << '\n' << name << '\n';
  for (const auto& instance : client.servers(name)) {
    std::cout << "  instance " << instance.server_id << "  " << instance.description << "  "
              << instance.meta.dump() << '\n';
  }
  try {
    // One server that does not answer must not keep the others from being shown.
    const auto session = client.open(name, {.timeout = 8s, .initialize_timeout = 4s});
    print_session(session);
    session.close();
  } catch (const mcp_mqtt::McpError& error) {
    std::cout << "  " << error.what() << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::string broker = "mqtt://127.0.0.1:1883";
  std::string filter = "#";
  CLI::App app{"Finds every MCP server on an MQTT broker and prints what it offers."};
  app.add_option("--broker", broker, "The broker's URL")->capture_default_str();
  app.add_option("--filter", filter, "Which server-names, as an MQTT filter")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  mcp_mqtt::McpClient client{{.name = "client-apis-demo", .version = "1.0.0"}};
  client.connect(broker);
  std::set<std::string> services;
  for (const auto& instance : client.discover(filter, 1s)) services.insert(instance.server_name);
  std::cout << services.size() << " services match '" << filter << "'\n";
  for (const auto& name : services) print_service(client, name);
  client.stop();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "client_apis_demo: " << error.what() << '\n';
  return 1;
}
