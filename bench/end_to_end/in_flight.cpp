#include "end_to_end/site.hpp"
#include "support/drive.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {
namespace {

constexpr int in_flight = 64;
constexpr int blocks = 9;

}  // namespace

void measure_in_flight(const Site& site, const Way& way) {
  const std::string raw_name = site.fresh_name("raw");
  const std::string name = site.fresh_name("server");
  auto raw_end = site.start_raw(way, raw_name, answer_payload("hello").size());
  auto server = site.start_server(way, name);
  raw_end.read_line();
  server.read_line();
  const auto client = site.connect(way);
  const std::vector<ClientSession> sessions{client->open(name)};
  RawEcho echo(site, way, raw_name, call_payload("hello"));

  const int count = site.rounds(4'000);
  const Json arguments{{"text", "hello"}};
  echo.rounds(count / 4, in_flight);
  drive(sessions, "echo", arguments, count / 4, in_flight);
  Samples raw_rate;
  Samples rate;
  Samples raw_cpu;
  Samples cpu;
  for (int i = 0; i < blocks; ++i) {
    const double raw_before = raw_end.cpu_seconds();
    raw_rate.add(count / (microseconds([&] { echo.rounds(count, in_flight); }) * 1e-6));
    raw_cpu.add((raw_end.cpu_seconds() - raw_before) / count * 1e6);
    const double before = server.cpu_seconds();
    const Driven driven = drive(sessions, "echo", arguments, count, in_flight);
    if (!driven.failures.empty()) {
      throw std::runtime_error("a call failed: " + driven.failures.begin()->first);
    }
    rate.add(driven.per_second());
    cpu.add((server.cpu_seconds() - before) / count * 1e6);
  }
  site.report.add({"64 in flight, throughput", way.name(), "/s", raw_rate.median(), rate.median(),
                   at_least(0.75)});
  site.report.add({"64 in flight, processor time of the server a call", way.name(), "µs",
                   raw_cpu.median(), cpu.median(), at_most(2)});
}

}  // namespace mcp_mqtt::bench
