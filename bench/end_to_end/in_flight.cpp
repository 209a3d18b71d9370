#include "end_to_end/site.hpp"
#include "end_to_end/throughput.hpp"

namespace mcp_mqtt::bench {
namespace {

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
  echo.rounds(count / 4, Throughput::in_flight);
  drive(sessions, "echo", {{"text", "hello"}}, count / 4, Throughput::in_flight);
  Throughput measured(echo, raw_end, sessions, server);
  for (int i = 0; i < blocks; ++i) measured.block(count);
  site.report.add({"64 in flight, throughput", way.name(), "/s", measured.raw_rate.median(),
                   measured.rate.median(), at_least(0.75)});
  site.report.add({"64 in flight, processor time of the server a call", way.name(), "µs",
                   measured.raw_cpu.median(), measured.cpu.median(), at_most(2)});
}

}  // namespace mcp_mqtt::bench
