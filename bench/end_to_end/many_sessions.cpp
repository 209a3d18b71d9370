#include "end_to_end/site.hpp"
#include "support/drive.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {
namespace {

constexpr int many = 1'000;

/// Sessions with one instance: each has a connection of its own (T30).
std::vector<ClientSession> open_sessions(McpClient& client, const std::string& name, int count) {
  std::vector<ClientSession> sessions;
  for (int i = 0; i < count; ++i) sessions.push_back(client.open(name));
  return sessions;
}

}  // namespace

void measure_many_sessions(const Site& site, const Way& way) {
  const int count = site.quick ? 20 : many;
  const std::string lonely_name = site.fresh_name("server");
  const std::string busy_name = site.fresh_name("server");
  auto lonely = site.start_server(way, lonely_name);
  auto busy = site.start_server(way, busy_name);
  lonely.read_line();
  busy.read_line();
  const auto one_client = site.connect(way);
  const std::vector<ClientSession> one{one_client->open(lonely_name)};
  const auto many_client = site.connect(way);
  static_cast<void>(many_client->open(busy_name));
  const auto memory = busy.resident_bytes();
  const auto sessions = open_sessions(*many_client, busy_name, count);
  const double each =
      static_cast<double>(busy.resident_bytes() - std::min(memory, busy.resident_bytes())) / count;

  const Json arguments{{"text", "hello"}};
  Samples one_median;
  Samples many_median;
  Samples one_rate;
  Samples many_rate;
  for (int i = 0; i < 10; ++i) {
    const int calls = site.rounds(1'000);
    // The first round lets the processor's caches forget the other server.
    one_median.add(drive(one, "echo", arguments, calls, 1).microseconds.median());
    many_median.add(drive(sessions, "echo", arguments, calls, 1).microseconds.median());
    one_rate.add(drive(one, "echo", arguments, 2 * calls, 64).per_second());
    many_rate.add(drive(sessions, "echo", arguments, 2 * calls, 64).per_second());
  }
  const std::string at = "at " + std::to_string(count) + " sessions, called in turns";
  site.report.add({at + ": sequential call, median, against one session", way.name(), "µs",
                   one_median.median(), many_median.median(), at_most(1.2)});
  site.report.add({at + ": 64 in flight, throughput, against one session", way.name(), "/s",
                   one_rate.median(), many_rate.median(), at_least(1 / 1.2)});
  site.report.add({"an idle session in the server's memory", way.name(), "KiB", std::nullopt,
                   each / 1024, at_most(8)});
}

}  // namespace mcp_mqtt::bench
