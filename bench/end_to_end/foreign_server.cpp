#include "end_to_end/site.hpp"
#include "end_to_end/throughput.hpp"

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
  Samples time;
  Throughput measured(echo, raw_end, sessions, server);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < sequential; ++j) raw_time.add(microseconds([&] { echo.round(); }));
    time.add(drive(sessions, "echo", arguments, sequential, 1).microseconds.median());
    measured.block(count);
  }
  const auto add = [&](const char* what, const char* unit, const Samples& raw,
                       const Samples& theirs) {
    site.report.add(
        {name + ": " + what, way.name(), unit, raw.median(), theirs.median(), std::nullopt});
  };
  add("sequential `tools/call`, median", "µs", raw_time, time);
  add("64 in flight, throughput", "/s", measured.raw_rate, measured.rate);
  add("64 in flight, processor time of the server a call", "µs", measured.raw_cpu, measured.cpu);
}

}  // namespace mcp_mqtt::bench
