// The smallest server: one tool, found by its name on an MQTT broker.
#include <iostream>

#include <mcp_mqtt/mcp_mqtt.hpp>

int main(int argc, char** argv) try {
  const char* broker = argc > 1 ? argv[1] : "mqtt://127.0.0.1:1883";
  mcp_mqtt::McpServer server{{.name = "demo/greeter", .description = "Says hello"}};
  server.add_tool("greet", "Say hello to somebody", {mcp_mqtt::arg("name", "Whom to greet")},
                  [](const std::string& name) { return "Hello, " + name + "!"; });
  std::cout << server.name() << " serves at " << broker << "; Ctrl-C ends it" << std::endl;
  server.run(broker);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "minimal_server: " << error.what() << '\n';
  return 1;
}
