// The smallest client: finds the minimal server by its name and calls its tool.
#include <iostream>

#include <mcp_mqtt/mcp_mqtt.hpp>

int main(int argc, char** argv) try {
  using namespace std::chrono_literals;
  const char* broker = argc > 1 ? argv[1] : "mqtt://127.0.0.1:1883";
  mcp_mqtt::McpClient client{{.name = "minimal-client"}};
  client.connect(broker);
  auto greeter = client.open("demo/greeter", {.timeout = 10s});
  std::cout << greeter.call_tool("greet", {{"name", "world"}}).text() << '\n';
  client.stop();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "minimal_client: " << error.what() << '\n';
  return 1;
}
