// The counterpart of conformance_server: a host that uses each of its features and compares every
// answer. One line for each check; the exit code is 1 where anything differs.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "conformance/checks.hpp"

namespace {

int check(const std::string& broker, const std::string& name) {
  using namespace std::chrono_literals;
  conformance::Heard heard;
  conformance::Report report;
  mcp_mqtt::McpClient client{{.name = "conformance-client", .version = "1.0.0"}};
  conformance::register_host(client, heard);
  client.connect(broker);
  const auto session = client.open(name, {.timeout = 30s});
  conformance::check_tools(session, heard, report);
  conformance::check_asking_tools(session, heard, report);
  conformance::check_tasks(session, report);
  conformance::check_resources(session, report);
  conformance::check_prompts(session, report);
  client.stop();
  std::cout << report.checks() << " checks, " << report.failures() << " failures" << std::endl;
  return report.failures() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  std::string broker = "mqtt://127.0.0.1:1883";
  std::string name = "conformance/fixture";
  CLI::App app{"Checks every answer of a conformance server."};
  app.add_option("--broker", broker, "The broker's URL")->capture_default_str();
  app.add_option("--name", name, "The server-name")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return check(broker, name);
} catch (const std::exception& error) {
  std::cerr << "conformance_client: " << error.what() << '\n';
  return 1;
}
