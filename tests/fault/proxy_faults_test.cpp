#include <algorithm>
#include <array>
#include <atomic>
#include <iostream>
#include <random>
#include <thread>

#include "fault/fault_script.hpp"
#include "fault/host.hpp"
#include "fault/site.hpp"

// One fault at one packet of a server or a client, for each kind of fault and each packet that
// matters: afterwards both are back, a call works, and each call made had one outcome.
namespace mcp_mqtt::test {
namespace {

using mqtt::TransportKind;

struct Trial {
  std::vector<FaultStep> steps;
  TransportKind transport = TransportKind::mosquitto;

  std::string name() const {
    std::string name = transport == TransportKind::paho ? "Paho" : "libmosquitto";
    for (const FaultStep& step : steps) name += ", " + step.name();
    return name;
  }
};

/// A server and a client of one service behind a proxy, through the trial's faults.
class Stage {
 public:
  /// `reopen`: whether the host wants to keep its session whatever happens to the server.
  Stage(const Trial& trial, const MosquittoBroker& broker, std::string service, Reopen reopen)
      : trial_(trial),
        service_(std::move(service)),
        reopen_(reopen),
        proxy_(broker.port()),
        script_(trial.steps) {
    proxy_.on_link_packet(script_.hook());
  }

  CallLedger::Figures play() {
    ServerOptions server_options{.name = service_};
    server_options.connection = quick_connection(trial_.transport);
    server_options.worker_threads = 1;
    McpServer server(server_options);
    add_work(server, ledger_);
    ClientOptions client_options{.name = "host"};
    client_options.connection = quick_connection(trial_.transport);
    client_options.worker_threads = 1;
    McpClient client(client_options);
    try {
      run(server, client);
      // Those at the goodbye struck only now: what they left behind hinders nobody.
      run(server, client);
    } catch (const McpError& error) {
      ADD_FAILURE() << trial_.name() << ": " << error.what();
    }
    if (!script_.complete()) ADD_FAILURE() << trial_.name() << ": it did not happen";
    EXPECT_TRUE(ledger_.wait_until_settled()) << trial_.name();
    {
      SCOPED_TRACE(trial_.name());
      ledger_.expect_sound();
    }
    return ledger_.figures();
  }

 private:
  void run(McpServer& server, McpClient& client) {
    server.start(proxy_.url());
    client.connect(proxy_.url());
    Host host(client, service_, ledger_, reopen_);
    for (int i = 0; i < 3; ++i) (void)host.call("work", {.timeout = 5s});
    EXPECT_TRUE(host.call_until_answered()) << trial_.name() << ": no call works afterwards";
    if (reopen_ == Reopen::always && host.opened() > 1) {
      ADD_FAILURE() << trial_.name() << ": the session was not kept";
    }
    client.stop();
    server.stop();
  }

  const Trial& trial_;
  std::string service_;
  Reopen reopen_;
  MqttProxy proxy_;
  FaultScript script_;
  CallLedger ledger_;
};

struct Packet {
  const char* component;
  ProxyDirection direction;
  const char* label;
  std::size_t occurrence = 1;
};

/// Where a connection of each side can break, from its first packet to its last.
std::vector<Packet> packets() {
  constexpr auto up = ProxyDirection::to_broker;
  constexpr auto down = ProxyDirection::to_client;
  return {
      {"mcp-server", up, "CONNECT"},
      {"mcp-server", down, "CONNACK"},
      {"mcp-server", up, "SUBSCRIBE"},
      {"mcp-server", down, "SUBACK"},
      {"mcp-server", up, "PUBLISH notifications/server/online"},
      {"mcp-server", down, "PUBACK"},
      {"mcp-server", down, "PUBLISH initialize"},
      {"mcp-server", up, "SUBSCRIBE", 2},
      {"mcp-server", down, "SUBACK", 3},
      {"mcp-server", up, "PUBLISH answer"},
      {"mcp-server", down, "PUBLISH notifications/initialized"},
      {"mcp-server", down, "PUBLISH tools/call"},
      {"mcp-server", up, "PUBLISH answer", 2},
      {"mcp-server", down, "PUBACK", 3},
      {"mcp-server", up, "PUBLISH nothing"},
      {"mcp-server", up, "DISCONNECT"},
      {"mcp-client", up, "CONNECT"},
      {"mcp-client", down, "CONNACK"},
      {"mcp-client", up, "SUBSCRIBE"},
      {"mcp-client", down, "SUBACK"},
      {"mcp-client", down, "PUBLISH notifications/server/online"},
      {"mcp-client", down, "SUBACK", 3},
      {"mcp-client", up, "PUBLISH initialize"},
      {"mcp-client", down, "PUBACK"},
      {"mcp-client", down, "PUBLISH answer"},
      {"mcp-client", up, "PUBLISH notifications/initialized"},
      {"mcp-client", up, "PUBLISH tools/call"},
      {"mcp-client", down, "PUBACK", 3},
      {"mcp-client", down, "PUBLISH answer", 2},
      {"mcp-client", up, "PUBLISH notifications/disconnected"},
      {"mcp-client", up, "DISCONNECT"},
  };
}

FaultStep step_of(const Packet& packet, Fault fault) {
  return {packet.component, packet.direction, packet.label, packet.occurrence, fault};
}

constexpr std::array all_faults{Fault::end,    Fault::reset, Fault::truncate, Fault::tear,
                                Fault::freeze, Fault::mute,  Fault::delay,    Fault::trickle};

std::vector<Trial> table(TransportKind transport) {
  std::vector<Trial> plan;
  for (const Packet& packet : packets()) {
    for (const Fault fault : all_faults) plan.push_back({{step_of(packet, fault)}, transport});
  }
  // What a broker with a full queue does not deliver.
  const auto down = ProxyDirection::to_client;
  plan.push_back({{{"mcp-server", down, "PUBLISH tools/call", 1, Fault::lose}}, transport});
  plan.push_back({{{"mcp-client", down, "PUBLISH answer", 2, Fault::lose}}, transport});
  return plan;
}

/// Two or three faults in one life. Later ones count packets from the very beginning.
std::vector<Trial> random_trials(std::size_t count, std::uint64_t seed, TransportKind transport) {
  std::mt19937_64 random(seed);
  const std::vector<Packet> all = packets();
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  std::vector<Trial> plan;
  for (std::size_t i = 0; i < count; ++i) {
    Trial trial{{}, transport};
    std::vector<std::size_t> taken;
    for (std::size_t faults = 2 + below(2); faults != 0; --faults) {
      const std::size_t place = below(all.size());
      if (std::find(taken.begin(), taken.end(), place) != taken.end()) continue;
      taken.push_back(place);
      trial.steps.push_back(step_of(all[place], all_faults.at(below(all_faults.size()))));
    }
    plan.push_back(std::move(trial));
  }
  return plan;
}

/// Many at a time: most of them wait, for a silence to be noticed.
void play(const std::vector<Trial>& plan, const char* what, std::size_t at_a_time) {
  MosquittoBroker broker;
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> calls = 0;
  std::atomic<std::size_t> failed = 0;
  std::atomic<std::size_t> lost = 0;
  std::atomic<std::size_t> doubled = 0;
  std::atomic<std::size_t> faults = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < at_a_time; ++i) {
      threads.emplace_back([&] {
        for (std::size_t mine = next++; mine < plan.size(); mine = next++) {
          const Reopen reopen = mine % 2 == 0 ? Reopen::always : Reopen::after_connection_loss;
          Stage stage(plan[mine], broker, "fault/" + std::to_string(mine), reopen);
          const auto figures = stage.play();
          calls += figures.calls;
          failed += figures.calls - figures.answered;
          lost += figures.without_outcome;
          doubled += figures.twice_over + figures.ran_again;
          faults += plan[mine].steps.size();
        }
      });
    }
  }
  std::cout << "reliability: " << what << " faults=" << faults << " calls=" << calls
            << " answered=" << calls - failed << " failed=" << failed << " lost=" << lost
            << " duplicated=" << doubled << std::endl;
}

class ProxyFaults : public FaultSite, public ::testing::WithParamInterface<TransportKind> {};

TEST_P(ProxyFaults, OneAtEachPacketAndSeveralAtRandom) {
  const bool paho = GetParam() == TransportKind::paho;
  std::vector<Trial> plan = table(GetParam());
  if (!long_run()) {
    // Every packet and every fault, but not each with each; the long run has them all.
    const std::size_t stride = paho ? 7 : 3;
    std::size_t place = 0;
    std::erase_if(plan, [&](const Trial&) { return place++ % stride != 0; });
  }
  const std::size_t several = long_run() ? 150 : paho ? 4 : 12;
  for (Trial& trial : random_trials(several, run_seed(), GetParam())) {
    plan.push_back(std::move(trial));
  }
  if (const char* only = std::getenv("MCP_MQTT_TRIAL")) {
    std::erase_if(plan, [&](const Trial& trial) { return trial.name() != only; });
  }
  // Paho serves all clients of a process on two threads.
  play(plan, paho ? "proxy_paho" : "proxy_libmosquitto", paho ? 12 : 32);
}

INSTANTIATE_TEST_SUITE_P(Libraries, ProxyFaults,
                         ::testing::Values(TransportKind::mosquitto, TransportKind::paho),
                         [](const auto& chosen) {
                           return chosen.param == TransportKind::paho ? "paho" : "mosquitto";
                         });

}  // namespace
}  // namespace mcp_mqtt::test
