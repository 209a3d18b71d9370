#include <cmath>

#include "end_to_end/site.hpp"
#include "support/samples.hpp"
#include "support/slow_line.hpp"

namespace mcp_mqtt::bench {
namespace {

using namespace std::chrono_literals;

/// Long beside everything else that takes time here.
constexpr auto round_trip = 100ms;

}  // namespace

/// The client is far away, the server near. What MQTT and T12 to T22 ask for, each waiting for the
/// one before: TCP; CONNECT and CONNACK; SUBSCRIBE and the retained presence; SUBSCRIBE and SUBACK
/// of the session's topics; `initialize` and its answer; `initialized`, which nobody waits for,
/// with the call and its answer behind it.
void measure_round_trips(const Site& site, const Way& way) {
  const std::string name = site.fresh_name("server");
  auto server = site.start_server(way, name);
  server.read_line();
  const SlowLine line(site.broker.port, round_trip);
  Site far = site;
  far.url = "mqtt://127.0.0.1:" + std::to_string(line.port());
  const auto trips = [](double microseconds) {
    return std::floor(microseconds / std::chrono::microseconds(round_trip).count() * 10) / 10;
  };
  Samples connecting;
  Samples opening;
  Samples calling;
  for (int i = 0; i < (site.quick ? 1 : 5); ++i) {
    std::unique_ptr<McpClient> client;
    ClientSession session;
    connecting.add(microseconds([&] { client = far.connect(way); }));
    opening.add(microseconds([&] { session = client->open(name); }));
    calling.add(microseconds([&] {
      static_cast<void>(session.call_tool("echo", {{"text", "hello"}}));
    }));
  }
  const double all = connecting.median() + opening.median() + calling.median();
  const auto add = [&](const char* what, double took, double needed) {
    // Half a round trip beyond is time that was spent, not a message that was waited for.
    site.report.add(
        {what, way.name(), "round trips", std::nullopt, trips(took), at_most(needed + 0.5)});
  };
  add("connecting (CONNECT)", connecting.median(), 1);
  add("opening (presence, subscriptions, initialize)", opening.median(), 3);
  add("first call", calling.median(), 1);
  add("from nothing to the first answer", all, 5);
}

}  // namespace mcp_mqtt::bench
