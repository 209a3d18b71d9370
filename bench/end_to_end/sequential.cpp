#include "end_to_end/site.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {
namespace {

constexpr int blocks = 40;

}  // namespace

void measure_sequential(const Site& site, const Way& way) {
  const std::string raw_name = site.fresh_name("raw");
  const std::string pool_name = site.fresh_name("workers");
  const std::string inline_name = site.fresh_name("inline");
  auto raw_end = site.start_raw(way, raw_name, answer_payload("hello").size());
  auto pool_end = site.start_server(way, pool_name);
  auto inline_end = site.start_server(way, inline_name, true);
  raw_end.read_line();
  pool_end.read_line();
  inline_end.read_line();
  const auto client = site.connect(way);
  const auto pool = client->open(pool_name);
  const auto on_loop = client->open(inline_name);
  RawEcho echo(site, way, raw_name, call_payload("hello"));

  const auto call = [](const ClientSession& session) {
    static_cast<void>(session.call_tool("echo", {{"text", "hello"}}));
  };
  Samples raw;
  Samples with_worker;
  Samples without_worker;
  const auto block = [&](int rounds, Samples& samples, const std::function<void()>& round) {
    for (int i = 0; i < rounds; ++i) samples.add(microseconds(round));
  };
  Samples warm_up;
  block(site.rounds(300), warm_up, [&] { echo.round(); });
  block(site.rounds(300), warm_up, [&] { call(pool); });
  block(site.rounds(300), warm_up, [&] { call(on_loop); });
  for (int i = 0; i < blocks; ++i) {
    block(site.rounds(100), raw, [&] { echo.round(); });
    block(site.rounds(100), with_worker, [&] { call(pool); });
    block(site.rounds(100), without_worker, [&] { call(on_loop); });
  }
  const auto add = [&](const char* what, const Samples& samples) {
    site.report.add({std::string(what) + ", median", way.name(), "µs", raw.median(),
                     samples.median(), at_most(1.25)});
    site.report.add(
        {std::string(what) + ", 99 %", way.name(), "µs", raw.p99(), samples.p99(), at_most(2)});
  };
  add("sequential `tools/call`", with_worker);
  add("the same, inline handler", without_worker);
}

}  // namespace mcp_mqtt::bench
