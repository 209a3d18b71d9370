#include <atomic>
#include <future>
#include <malloc.h>

#include "end_to_end/site.hpp"
#include "support/private_broker.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {
namespace {

using namespace std::chrono_literals;

std::string presence_of(const std::string& name) {
  return wire::encode(wire::Notification{"notifications/server/online",
                                         {{"server_name", name},
                                          {"description", "A server that only announces itself"},
                                          {"meta", Json::object()}}},
                      {})
      .value();
}

std::size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// From a subscription until `count` messages have come.
double count_raw(const Site& site, const Way& way, int count) {
  std::atomic<int> heard{0};
  std::promise<void> all;
  RawPeer peer({site.broker, way.transport, mqtt::Qos::at_least_once}, "counter",
               [&](const mqtt::Message&) {
                 if (++heard == count) all.set_value();
               });
  return microseconds([&] {
    peer.subscribe("$mcp-server/presence/#");
    if (all.get_future().wait_for(60s) != std::future_status::ready) {
      throw std::runtime_error("the broker sent " + std::to_string(heard) + " of " +
                               std::to_string(count) + " presences");
    }
  });
}

}  // namespace

void measure_discovery(const Site& site, const Way& way) {
  const int count = site.quick ? 500 : 10'000;
  // A stock mosquitto drops what is beyond 1,000 messages to one client: nobody could count.
  const PrivateBroker broker("max_queued_messages 0\n");
  Site big = site;
  big.url = broker.url();
  big.broker = mqtt::parse_broker_url(big.url).value();
  std::size_t payload = 0;
  {
    RawPeer announcer({big.broker, way.transport, mqtt::Qos::at_least_once}, "announcer", {});
    for (int i = 0; i < count; ++i) {
      const std::string name = "hall/" + std::to_string(i % 100) + "/machine/" + std::to_string(i);
      const std::string presence = presence_of(name);
      payload += presence.size();
      announcer.retain("$mcp-server/presence/id-" + std::to_string(i) + "/" + name, presence);
    }
  }
  Samples raw;
  Samples ours;
  Samples query;
  Samples memory;
  for (int i = 0; i < (site.quick ? 1 : 7); ++i) {
    raw.add(count_raw(big, way, count));
    ClientOptions options{.name = "bench"};
    options.connection.transport = way.transport;
    McpClient client(options);
    std::atomic<int> found{0};
    std::promise<void> all;
    client.on_server_discovered([&](const ServerInstance&) {
      if (++found == count) all.set_value();
    });
    client.connect(big.url);
    const auto before = allocated();
    std::future<void> looking;
    ours.add(microseconds([&] {
      looking = std::async(std::launch::async, [&] { client.discover("#", 100ms); });
      if (all.get_future().wait_for(60s) != std::future_status::ready) {
        throw std::runtime_error("found " + std::to_string(found) + " of " + std::to_string(count) +
                                 " servers");
      }
    }));
    looking.get();
    memory.add((static_cast<double>(allocated() - before) - static_cast<double>(payload)) / count);
    query.add(microseconds([&] {
      if (client.servers("hall/7/#").size() != static_cast<std::size_t>(count) / 100) {
        throw std::runtime_error("a query found something else");
      }
    }));
  }
  const std::string servers = std::to_string(count) + " retained servers";
  site.report.add({"discovery of " + servers, way.name(), "ms", raw.median() / 1e3,
                   ours.median() / 1e3, at_most(1.5)});
  site.report.add({"memory a server, beyond its payload", way.name(), "bytes", std::nullopt,
                   memory.median(), at_most(1024)});
  site.report.add({"a query by filter over " + servers, way.name(), "µs", std::nullopt,
                   query.median(), at_most(1000)});
}

}  // namespace mcp_mqtt::bench
