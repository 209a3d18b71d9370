// Drives any MCP server over MQTT by its name, whatever it is made with, and says what it did.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "support/drive.hpp"
#include "support/kinds.hpp"

namespace {

using namespace mcp_mqtt;

void print(const bench::Driven& driven, bool as_json) {
  const bool any = driven.microseconds.count() > 0;
  const double median = any ? driven.microseconds.median() : 0;
  const double p99 = any ? driven.microseconds.p99() : 0;
  const double slowest = any ? driven.microseconds.quantile(1) : 0;
  if (as_json) {
    Json failures = Json::object();
    for (const auto& [reason, count] : driven.failures) failures[reason] = count;
    const Json figures{{"answered", driven.microseconds.count()},
                       {"seconds", driven.seconds},
                       {"per_second", driven.per_second()},
                       {"median_us", median},
                       {"p99_us", p99},
                       {"slowest_us", slowest},
                       {"failures", std::move(failures)}};
    std::cout << figures.dump(2) << '\n';
    return;
  }
  std::printf("%zu answered in %.2f s, %.0f a second\n", driven.microseconds.count(),
              driven.seconds, driven.per_second());
  if (any) std::printf("median %.0f us, 99 %% %.0f us, slowest %.0f us\n", median, p99, slowest);
  for (const auto& [reason, count] : driven.failures) {
    std::printf("%d failed: %s\n", count, reason.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::string url = "mqtt://localhost:1883";
  std::string name;
  std::string tool = "echo";
  std::string arguments = R"({"text":"hello"})";
  std::string transport = "libmosquitto";
  int sessions = 1;
  int in_flight = 1;
  int calls = 10'000;
  int qos = 1;
  bool as_json = false;
  CLI::App app{"Calls a tool of an MCP server over MQTT, many times."};
  app.add_option("name", name, "The server-name")->required();
  app.add_option("--broker", url, "The broker's URL")->envname("MCP_MQTT_BROKER");
  app.add_option("--tool", tool, "The tool")->capture_default_str();
  app.add_option("--arguments", arguments, "Its arguments, a JSON object")->capture_default_str();
  app.add_option("--calls", calls, "How many")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--in-flight", in_flight, "At once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--sessions", sessions, "Sessions, called in turns")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--qos", qos, "0 or 1")->check(CLI::Range(0, 1))->capture_default_str();
  app.add_option("--transport", transport, "libmosquitto or paho")
      ->check(CLI::IsMember({"libmosquitto", "paho"}))
      ->capture_default_str();
  app.add_flag("--json", as_json, "Print the figures as JSON");
  CLI11_PARSE(app, argc, argv);
  const Json parsed = Json::parse(arguments, nullptr, false);
  if (!parsed.is_object()) throw std::invalid_argument("--arguments is no JSON object");

  ClientOptions options{.name = "load"};
  options.connection.transport = bench::transport_named(transport);
  options.qos = bench::qos_of(qos);
  McpClient client(options);
  client.connect(url);
  std::vector<ClientSession> open;
  for (int i = 0; i < sessions; ++i) open.push_back(client.open(name));
  const auto driven = bench::drive(open, tool, parsed, calls, in_flight);
  print(driven, as_json);
  client.stop();
  return driven.failures.empty() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "load_generator: " << error.what() << '\n';
  return 2;
}
