#include <algorithm>
#include <csignal>
#include <iostream>

#include "fault/host.hpp"
#include "fault/peer_process.hpp"
#include "fault/site.hpp"
#include "support/memory_bound.hpp"
#include "support/mqtt_proxy.hpp"

// Clients that connect, call and are gone without a word: a server keeps nothing of them.
namespace mcp_mqtt::test {
namespace {

std::size_t sessions_left(const ClientSession& control, std::size_t at_most) {
  return std::stoul(
      control.call_tool("sessions", {{"at_most", at_most}}, {.timeout = 2 * patience}).text());
}

class VanishingClients : public FaultSite {};

TEST_F(VanishingClients, LeaveNoSessionAndNoMemoryBehind) {
  const std::size_t cycles = long_run() ? 1'000 : 80;
  constexpr std::size_t clients_per_process = 10;
  constexpr std::size_t bound_kib = memory_bound_kib(8'192);
  MosquittoBroker broker;
  MqttProxy proxy(broker.port());
  const ServerProcess server(broker.url(), fault_service, "desk-1");
  ClientOptions options{.name = "control"};
  options.connection = quick_connection(mqtt::TransportKind::mosquitto);
  McpClient control_client(options);
  control_client.connect(broker.url());
  const auto control = control_client.open(fault_service, {.timeout = patience});

  const CallLedger ledger;
  const auto reset_one = [&] {
    ClientOptions vanishing{.name = "vanishing"};
    vanishing.connection.backoff.initial = 1h;  // it does not come back
    vanishing.worker_threads = 1;
    McpClient client(vanishing);
    client.connect(proxy.url());
    const auto session = client.open(fault_service, {.timeout = patience});
    const Outcome<CallToolResult> outcome;
    ledger.make(session, "work", {}, outcome.callback());
    EXPECT_TRUE(succeeded(outcome.wait()));
    proxy.cut(client.client_id());
  };
  std::size_t processes = 0;
  std::size_t vanished = 0;
  const auto vanish_until = [&](std::size_t count) {
    while (vanished < count) {
      // One in five goes with its whole process.
      if (vanished % 50 == 0) {
        ChildProcess process({FAULT_PEER_PROGRAM, "call", broker.url(), fault_service,
                              std::to_string(clients_per_process)});
        ASSERT_TRUE(process.wait_for_output("called", patience)) << process.error_output();
        process.kill();
        ++processes;
        vanished += clients_per_process;
      } else {
        reset_one();
        ++vanished;
      }
    }
  };

  vanish_until(cycles / 4);
  EXPECT_EQ(sessions_left(control, 1), 1U);  // that of the control
  const std::size_t warm = resident_kib(server.pid());
  vanish_until(cycles);
  const std::size_t left = sessions_left(control, 1) - 1;
  EXPECT_EQ(left, 0U);
  const std::size_t grown = growth_kib(server.pid(), warm);
  EXPECT_LT(grown, bound_kib) << "warm: " << warm << " KiB";
  ledger.expect_sound(false);
  std::cout << "reliability: clients_vanished=" << vanished
            << " with_their_process=" << processes * clients_per_process
            << " sessions_left=" << left << " server_rss_warm_kib=" << warm
            << " grown_kib=" << grown << " " << ledger.figures() << std::endl;
}

}  // namespace
}  // namespace mcp_mqtt::test
