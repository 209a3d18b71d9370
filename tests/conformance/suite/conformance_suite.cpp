// Runs the official conformance suite of MCP (npm; see package.json) at revision 2025-11-25:
//   conformance_suite server   the suite as a host, through `mcp-mqtt gateway` and a mosquitto,
//                              against examples/conformance_server
//   conformance_suite client   the suite as HTTP servers, against our client on a mosquitto
// Exit code 0: every scenario passed; 77, and why, where the suite is not installed.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>

#include <mcp_mqtt/json.hpp>

#include "conformance/suite/scenario_results.hpp"
#include "support/child_process.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/temp_directory.hpp"

namespace mcp_mqtt::test {
namespace {

using namespace std::chrono_literals;

constexpr int skipped = 77;
const std::string modules = SUITE_FOLDER "/node_modules";
const std::string suite = modules + "/@modelcontextprotocol/conformance/dist/index.js";

// All that revision 2025-11-25 requires, so that one that the suite leaves out is missed.
const std::vector<std::string> server_scenarios{"server-initialize",
                                                "logging-set-level",
                                                "ping",
                                                "completion-complete",
                                                "tools-list",
                                                "tools-call-simple-text",
                                                "tools-call-image",
                                                "tools-call-audio",
                                                "tools-call-embedded-resource",
                                                "tools-call-mixed-content",
                                                "tools-call-with-logging",
                                                "tools-call-error",
                                                "tools-call-with-progress",
                                                "tools-call-sampling",
                                                "tools-call-elicitation",
                                                "elicitation-sep1034-defaults",
                                                "server-sse-multiple-streams",
                                                "elicitation-sep1330-enums",
                                                "resources-list",
                                                "resources-read-text",
                                                "resources-read-binary",
                                                "resources-templates-read",
                                                "resources-subscribe",
                                                "resources-unsubscribe",
                                                "prompts-list",
                                                "prompts-get-simple",
                                                "prompts-get-with-args",
                                                "prompts-get-embedded-resource",
                                                "prompts-get-with-image",
                                                "dns-rebinding-protection"};
// Run with them, and not required.
const std::vector<std::string> more_server_scenarios{"server-session-lifecycle",
                                                     "json-schema-2020-12"};
// Those that need no OAuth; the last one is not required.
const std::vector<std::string> client_scenarios{"initialize", "tools_call",
                                                "elicitation-sep1034-client-defaults", "sse-retry",
                                                "json-schema-2020-12-preservation"};

int major_version(const std::string& node) {
  try {
    return std::stoi(run({node, "-p", "process.versions.node"}));
  } catch (const std::exception&) {
    return 0;
  }
}

/// A Node.js that is new enough: npm's, which may not have been allowed to install it, or the
/// system's.
std::optional<std::string> node_program() {
  for (const std::string& node : {modules + "/node/bin/node", find_program("node")}) {
    if (!node.empty() && major_version(node) >= 22) return node;
  }
  return std::nullopt;
}

std::string output_of_suite(std::vector<std::string> arguments) {
  ChildProcess process(std::move(arguments));
  process.close_input();
  const auto status = process.wait_for(300s);
  process.wait_for_output_end(10s);
  const std::string output = process.output() + process.error_output();
  if (!status) throw std::runtime_error("the suite did not end:\n" + output);
  if (!status->success()) throw std::runtime_error("the suite fails:\n" + output);
  return output;
}

int finish(const std::vector<ScenarioResult>& results, const std::string& what) {
  std::size_t checks = 0;
  bool good = true;
  for (const ScenarioResult& result : results) {
    checks += result.passed;
    good = good && result.good();
  }
  std::cout << checks << " checks passed\n" << what << ": " << score(results) << std::endl;
  return good ? 0 : 1;
}

int try_server(const std::string& node) {
  const MosquittoBroker broker;
  const TempDirectory folder;
  const ChildProcess server({CONFORMANCE_SERVER, "--broker", broker.url()});
  const ChildProcess gateway({MCP_MQTT_PROGRAM, "--broker", broker.url(), "--wait", "30",
                              "--output", "json", "gateway", "conformance/fixture", "--listen",
                              "127.0.0.1:0"});
  if (!gateway.wait_for_output("\n", 30s)) {
    throw std::runtime_error("the gateway does not start: " + gateway.error_output());
  }
  const std::string url = Json::parse(gateway.output()).at("url");
  output_of_suite({node, suite, "server", "--url", url, "--requirements", "2025-11-25", "-o",
                   folder.path().string()});
  const auto read = [&](const std::vector<std::string>& names) {
    std::vector<ScenarioResult> results;
    for (const std::string& name : names) {
      results.push_back(read_scenario(folder.path().string(), "server-", name));
    }
    return results;
  };
  const auto more = read(more_server_scenarios);
  const auto results = read(server_scenarios);
  std::cout << "Not required:\n"
            << report(more) << "Required of servers by 2025-11-25:\n"
            << report(results);
  return finish(results, "Server scenarios");
}

int try_client(const std::string& node) {
  std::vector<ScenarioResult> results;
  for (const std::string& name : client_scenarios) {
    const TempDirectory folder;
    output_of_suite({node, suite, "client", "--command", SCENARIO_CLIENT, "--scenario", name,
                     "--spec-version", "2025-11-25", "-o", folder.path().string()});
    results.push_back(read_scenario(folder.path().string(), "", name));
  }
  std::cout << "Clients, without OAuth:\n" << report(results);
  return finish(results, "Client scenarios");
}

int skip(const std::string& reason) {
  std::cout << "SKIPPED: " << reason << '\n';
  return skipped;
}

int run_suite(const std::string& leg) {
  if (!MosquittoBroker::available()) return skip("mosquitto is not installed");
  if (find_program("npm").empty()) return skip("npm is not installed");
  if (!std::filesystem::exists(suite)) {
    return skip("the suite is not installed: npm ci --prefix " SUITE_FOLDER);
  }
  const auto node = node_program();
  if (!node) return skip("Node.js 22 or later is not installed, neither here nor by npm");
  return leg == "server" ? try_server(*node) : try_client(*node);
}

}  // namespace
}  // namespace mcp_mqtt::test

int main(int argc, char** argv) try {
  const std::string leg = argc == 2 ? argv[1] : "";
  if (leg != "server" && leg != "client") {
    std::cerr << "usage: conformance_suite server|client\n";
    return 2;
  }
  return mcp_mqtt::test::run_suite(leg);
} catch (const std::exception& error) {
  std::cerr << "conformance_suite: " << error.what() << '\n';
  return 1;
}
