#include <chrono>
#include <filesystem>
#include <future>

#include "end_to_end/site.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {

using namespace std::chrono_literals;

void measure_footprint(const Site& site) {
  for (const auto& [kind, name_of_kind] : transports) {
    const Way way{kind, mqtt::Qos::at_least_once};
    Samples start;
    Samples idle;
    for (int i = 0; i < (site.quick ? 2 : 20); ++i) {
      const std::string name = site.fresh_name("started");
      std::promise<std::chrono::steady_clock::time_point> seen;
      bool first = true;
      RawPeer watcher({site.broker, mqtt::TransportKind::mosquitto, mqtt::Qos::at_least_once},
                      "watcher", [&](const mqtt::Message& message) {
                        if (!message.payload.empty() && std::exchange(first, false)) {
                          seen.set_value(std::chrono::steady_clock::now());
                        }
                      });
      watcher.subscribe("$mcp-server/presence/+/" + name);
      const auto begin = std::chrono::steady_clock::now();
      auto server = site.start_server(way, name);
      auto online = seen.get_future();
      if (online.wait_for(30s) != std::future_status::ready) {
        throw std::runtime_error("a server did not announce itself");
      }
      start.add(std::chrono::duration<double, std::milli>(online.get() - begin).count());
      server.read_line();
      idle.add(static_cast<double>(server.resident_bytes()));
    }
    site.report.add({"start of a minimal server to its presence", name_of_kind, "ms", std::nullopt,
                     start.median(), at_most(50)});
    site.report.add({"resident memory of an idle server", name_of_kind, "MiB", std::nullopt,
                     idle.median() / 1024 / 1024, at_most(12)});
  }
#ifdef MCP_MQTT_STRIPPED_LIBRARY
  site.report.add(
      {"the library, stripped", "shared, all of it", "MiB", std::nullopt,
       static_cast<double>(std::filesystem::file_size(MCP_MQTT_STRIPPED_LIBRARY)) / 1024 / 1024,
       at_most(3)});
#endif
}

}  // namespace mcp_mqtt::bench
