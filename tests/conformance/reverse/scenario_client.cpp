// What the official conformance suite runs as a client: `scenario_client URL`, with the scenario's
// name in MCP_CONFORMANCE_SCENARIO. The client is ours, on a mosquitto of its own; an adapter
// stands between the broker and the suite's HTTP server. The exit code is 1 where the server did
// not do what the scenario lets one expect.
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "conformance/reverse/reverse_adapter.hpp"
#include "support/mosquitto_broker.hpp"

namespace mcp_mqtt::test {
namespace {

using namespace std::chrono_literals;

void expect(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("expected: " + what);
}

std::string called(const ClientSession& session, const std::string& tool, const Json& arguments) {
  const CallToolResult result = session.call_tool(tool, arguments, {.timeout = 20s});
  expect(!result.is_error, tool + " succeeds");
  return result.text();
}

void play(const std::string& scenario, const ClientSession& session) {
  if (scenario == "initialize") {
    expect(!session.server_info().name.empty(), "a server with a name");
    session.ping();
    return;
  }
  const std::vector<Tool> tools = session.list_tools();
  expect(!tools.empty(), "tools");
  if (scenario == "tools_call") {
    expect(called(session, "add_numbers", {{"a", 5}, {"b", 3}}).ends_with("is 8"), "a sum of 8");
  } else if (scenario == "elicitation-sep1034-client-defaults") {
    called(session, "test_client_elicitation_defaults", Json::object());
  } else if (scenario == "sse-retry") {
    expect(
        called(session, "test_reconnection", Json::object()).find("success") != std::string::npos,
        "the answer after the reconnection");
  } else if (scenario == "json-schema-2020-12-preservation") {
    for (const Tool& tool : tools) {
      if (tool.name == "json_schema_2020_12_tool") {
        expect(called(session, "json_schema_echo", {{"schema", tool.input_schema}}) == "echoed",
               "an echo");
        return;
      }
    }
    throw std::runtime_error("expected: the tool with the schema");
  } else {
    throw std::runtime_error("no such scenario here: '" + scenario + "'");
  }
}

}  // namespace

void play_against(const std::string& url, const std::string& scenario) {
  MosquittoBroker broker;
  ServerOptions behind{.name = "suite"};
  behind.backend = std::make_shared<ReverseAdapter>(url);
  McpServer server(behind);
  server.start(broker.url());
  McpClient client({.name = "mcp_mqtt", .version = "1.0.0"});
  // What the handler leaves out, the client fills in by the form's defaults (SEP-1034).
  client.on_elicitation([](const ElicitRequest&, ClientRequestContext&) {
    return ElicitResult{ElicitAction::accept, Json::object()};
  });
  client.connect(broker.url());
  play(scenario, client.open("suite", {.timeout = 20s}));
}

}  // namespace mcp_mqtt::test

int main(int argc, char** argv) try {
  const char* scenario = std::getenv("MCP_CONFORMANCE_SCENARIO");
  if (argc != 2 || scenario == nullptr) {
    std::cerr << "usage: MCP_CONFORMANCE_SCENARIO=NAME scenario_client URL\n";
    return 2;
  }
  mcp_mqtt::test::play_against(argv[1], scenario);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "scenario_client: " << error.what() << '\n';
  return 1;
}
