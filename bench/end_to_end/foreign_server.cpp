#include "end_to_end/site.hpp"
#include "support/drive.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {

void measure_foreign_server(const Site& site, const std::string& name, const std::string& command) {
  const Way way;
  // With a shell in between, its standard input would be the shell's.
  Process server({"sh", "-c", "exec " + command}, {"MCP_MQTT_BROKER=" + site.url});
  const std::string raw_name = site.fresh_name("raw");
  auto raw_end = site.start_raw(way, raw_name, answer_payload("hello").size());
  raw_end.read_line();
  const auto client = site.connect(way);
  const std::vector<ClientSession> sessions{client->open(name)};
  const Json arguments{{"text", "hello"}};
  RawEcho echo(site, way, raw_name, call_payload("hello"));
  // Some take 44 ms and more for each: TCP holds their small packets back.
  const int sequential = site.rounds(100);
  const int count = site.rounds(2'000);
  drive(sessions, "echo", arguments, site.rounds(20), 1);
  Samples raw_time;
  Samples raw_rate;
  Samples raw_cpu;
  Samples time;
  Samples rate;
  Samples cpu;
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < sequential; ++j) raw_time.add(microseconds([&] { echo.round(); }));
    time.add(drive(sessions, "echo", arguments, sequential, 1).microseconds.median());
    const double raw_before = raw_end.cpu_seconds();
    raw_rate.add(count / (microseconds([&] { echo.rounds(count, 64); }) * 1e-6));
    raw_cpu.add((raw_end.cpu_seconds() - raw_before) / count * 1e6);
    const double before = server.cpu_seconds();
    rate.add(drive(sessions, "echo", arguments, count, 64).per_second());
    cpu.add((server.cpu_seconds() - before) / count * 1e6);
  }
  const auto add = [&](const char* what, const char* unit, const Samples& raw,
                       const Samples& measured) {
    site.report.add(
        {name + ": " + what, way.name(), unit, raw.median(), measured.median(), std::nullopt});
  };
  add("sequential `tools/call`, median", "µs", raw_time, time);
  add("64 in flight, throughput", "/s", raw_rate, rate);
  add("64 in flight, processor time of the server a call", "µs", raw_cpu, cpu);
}

}  // namespace mcp_mqtt::bench
