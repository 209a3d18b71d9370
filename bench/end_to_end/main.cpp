// Measures calls over a broker beside the raw echo of the same transport, in the same run and in
// turns, and what servers and clients need. Prints a table; --json writes the same for programs.
#include <CLI/CLI.hpp>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <sys/resource.h>

#include "end_to_end/site.hpp"
#include "support/private_broker.hpp"

namespace {

using namespace mcp_mqtt;
using bench::Site;
using bench::Way;

/// A thousand sessions are a thousand connections, here and at the broker.
void allow_many_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

struct Case {
  const char* name;
  std::function<void(const Site&, const Way&)> measure;
  /// Also at QoS 0.
  bool each_qos = true;
};

const std::vector<Case> cases{
    {"sequential", bench::measure_sequential},
    {"in-flight", bench::measure_in_flight},
    {"sessions", bench::measure_many_sessions},
    {"round-trips", bench::measure_round_trips, false},
    {"large",
     [](const Site& site, const Way& way) {
       bench::measure_large_results(site, way, std::size_t{1} << 20);
       bench::measure_large_results(site, way, std::size_t{16} << 20);
     }},
    {"loss", bench::measure_loss},
    {"discovery", bench::measure_discovery, false},
};

constexpr const char* footprint = "footprint";
constexpr const char* foreign = "foreign";

}  // namespace

int main(int argc, char** argv) try {
  std::string url;
  std::string json_file;
  std::vector<std::string> wanted;
  std::vector<std::string> transports;
  std::vector<std::string> servers;
  bool quick = false;
  CLI::App app{"Calls over a broker beside the raw echo of the same transport."};
  std::vector<std::string> names{footprint, foreign};
  for (const Case& one : cases) names.emplace_back(one.name);
  app.add_option("--case", wanted, "Only this case; may be repeated")->check(CLI::IsMember(names));
  app.add_option("--transport", transports, "Only this one: libmosquitto or paho")
      ->check(CLI::IsMember({"libmosquitto", "paho"}));
  app.add_option("--broker", url,
                 "mqtt://ADDRESS:PORT (default: a private mosquitto, stock settings)");
  app.add_option("--server", servers,
                 "NAME=COMMAND: measure this server, too. The command finds the broker in "
                 "MCP_MQTT_BROKER and has a tool 'echo' that returns its argument 'text'");
  app.add_option("--json", json_file, "Write the figures to this file as well");
  app.add_flag("--quick", quick, "A few rounds of each: to see that it works, not for figures");
  CLI11_PARSE(app, argc, argv);
  const auto is_wanted = [](const std::vector<std::string>& list, const std::string& name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  };

  allow_many_connections();
  std::optional<bench::PrivateBroker> own;
  if (url.empty()) url = own.emplace().url();
  const Json machine = bench::describe_machine(own ? "private, stock settings" : "given");
  for (const auto& [what, value] : machine.items()) {
    std::cout << what << ": " << (value.is_string() ? value.get<std::string>() : value.dump())
              << '\n';
  }
  std::cout << std::endl;
  bench::Report report(machine, true);
  const Site site{url, mqtt::parse_broker_url(url).value(), report, quick};
  for (const Case& one : cases) {
    if (!is_wanted(wanted, one.name)) continue;
    for (const auto& [kind, name] : bench::transports) {
      if (!is_wanted(transports, name)) continue;
      one.measure(site, {kind, mqtt::Qos::at_least_once});
      if (one.each_qos) one.measure(site, {kind, mqtt::Qos::at_most_once});
    }
  }
  if (is_wanted(wanted, footprint)) bench::measure_footprint(site);
  if (is_wanted(wanted, foreign)) {
    for (const std::string& server : servers) {
      const auto equals = server.find('=');
      if (equals == std::string::npos) throw std::invalid_argument("--server wants NAME=COMMAND");
      bench::measure_foreign_server(site, server.substr(0, equals), server.substr(equals + 1));
    }
  }
  if (!json_file.empty()) {
    std::ofstream file(json_file);
    file << report.json().dump(2) << '\n';
    if (!file.flush()) throw std::runtime_error("cannot write " + json_file);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "end_to_end: " << error.what() << '\n';
  return 1;
}
