// The fixture server of the official conformance suite of MCP: every feature under the names, and
// with the answers, that the suite looks for.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "conformance/fixture.hpp"

int main(int argc, char** argv) try {
  std::string broker = "mqtt://127.0.0.1:1883";
  mcp_mqtt::ServerOptions options{
      .name = "conformance/fixture",
      .version = "1.0.0",
      .title = "Conformance fixture",
      .description = "Answers as the conformance suite expects",
      .instructions = "Call the tools whose names begin with test_.",
  };
  CLI::App app{"The fixture server of the conformance suite."};
  app.add_option("--broker", broker, "The broker's URL")->capture_default_str();
  app.add_option("--name", options.name, "The server-name")->capture_default_str();
  app.add_option("--id", options.server_id, "The server-id (default: the name and random letters)");
  CLI11_PARSE(app, argc, argv);

  mcp_mqtt::McpServer server(options);
  conformance::add_content_tools(server);
  conformance::add_behavior_tools(server);
  conformance::add_asking_tools(server);
  conformance::add_resources(server);
  conformance::add_prompts(server);
  std::cout << server.server_id() << " serves " << server.name() << " at " << broker << std::endl;
  server.run(broker);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "conformance_server: " << error.what() << '\n';
  return 1;
}
