#include <csignal>
#include <iostream>
#include <sys/wait.h>

#include "fault/host.hpp"
#include "fault/peer_process.hpp"
#include "fault/site.hpp"
#include "support/memory_bound.hpp"
#include "support/mqtt_proxy.hpp"

// One side does not read any more: the other side's memory stays bounded, and those beside it go
// on.
namespace mcp_mqtt::test {
namespace {

class SlowConsumers : public FaultSite {};

ClientOptions long_lived(const std::string& name) {
  ClientOptions options{.name = name};
  // Long, so that the broker bears with the frozen one.
  options.connection.keep_alive = 600s;
  return options;
}

/// While the broker's queue for this client is full, answers are lost there like the rest.
bool answers_again(const ClientSession& session) {
  const auto end = std::chrono::steady_clock::now() + 4 * patience;
  while (std::chrono::steady_clock::now() < end) {
    try {
      return session.call_tool("work", {{"call", 2}}, {.timeout = 1s}).text() == "done 2";
    } catch (const McpError& error) {
      if (error.kind() != ErrorKind::timeout && error.code() != error_code::server_busy) throw;
    }
  }
  return false;
}

TEST_F(SlowConsumers, AClientThatNeverReadsCostsItsServerLittle) {
  const std::size_t messages = long_run() ? 300'000 : 60'000;
  constexpr std::size_t bytes = 4'000;
  // Ten thousand messages may wait for the loop, ten thousand for the broker, each with its
  // envelope; what the heap keeps of them may be half as much again.
  constexpr std::size_t bound_kib = memory_bound_kib(120 * 1'024);
  MosquittoBroker broker;
  MqttProxy proxy(broker.port());
  const ServerProcess server(broker.url(), fault_service, "desk-1");
  McpClient other(long_lived("other"));
  other.connect(broker.url());
  const auto calling = other.open(fault_service, {.timeout = patience});
  calling.set_logging_level(LoggingLevel::emergency);
  McpClient slow(long_lived("slow"));
  const EventLog<bool> heard;
  slow.on_log([heard](const ClientSession&, const LoggingMessage&) {
    if (heard.size() == 0) heard.push(true);
  });
  slow.connect(proxy.url());
  const auto listening = slow.open(fault_service, {.timeout = patience});
  listening.set_logging_level(LoggingLevel::debug);
  const auto subscription = listening.subscribe("fault://value", [](const ResourceUpdated&) {});

  const std::size_t before = resident_kib(server.pid());
  proxy.freeze(slow.client_id());
  // So few at a time that the answer of the call finds a place in the server's queue.
  constexpr std::size_t part = 3'000;
  std::size_t highest = 0;
  for (std::size_t told = 0; told < messages; told += part) {
    calling.call_tool("flood", {{"messages", part}, {"bytes", bytes}}, {.timeout = 4 * patience});
    highest = std::max(highest, growth_kib(server.pid(), before));
  }
  EXPECT_LT(highest, bound_kib);
  EXPECT_EQ(calling.call_tool("work", {{"call", 1}}).text(), "done 1");
  proxy.release();
  EXPECT_TRUE(heard.wait_for_count(1));
  EXPECT_TRUE(answers_again(listening));
  std::cout << "reliability: slow_client messages=" << messages
            << " sent_kib=" << messages * bytes / 1'024 << " server_rss_before_kib=" << before
            << " grown_at_most_kib=" << highest << std::endl;
}

TEST_F(SlowConsumers, AServerThatNeverReadsCostsItsClientLittle) {
  const std::size_t calls = long_run() ? 400'000 : 60'000;
  constexpr std::size_t bytes = 2'000;
  // Ten thousand requests may wait for the loop, a thousand for their answers.
  constexpr std::size_t bound_kib = memory_bound_kib(80 * 1'024);
  MosquittoBroker broker;
  ServerProcess server(broker.url(), fault_service, "desk-1");
  McpClient client(long_lived("host"));
  client.connect(broker.url());
  const auto session = client.open(fault_service, {.timeout = patience});
  const CallLedger ledger;
  const std::string text(bytes, 'x');

  const std::size_t before = resident_kib(::getpid());
  server.signal(SIGSTOP);
  // It takes a moment until all its threads stand still.
  siginfo_t stopped{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(server.pid()), &stopped, WSTOPPED), 0);
  std::size_t highest = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    const CallLedger::Call call = ledger.begin();
    session.async_call_tool(
        "work", {{"call", call}, {"ballast", text}}, {.timeout = 2s},
        [ledger, call](const Result<CallToolResult>& outcome) { ledger.ended(call, outcome); });
    if (i % 1'000 == 0) highest = std::max(highest, growth_kib(::getpid(), before));
  }
  EXPECT_TRUE(ledger.wait_until_settled(4 * patience)) << "a call hangs";
  highest = std::max(highest, growth_kib(::getpid(), before));
  ledger.expect_sound(false);
  const auto figures = ledger.figures();
  EXPECT_EQ(figures.answered, 0U);
  EXPECT_LT(highest, bound_kib);
  server.signal(SIGCONT);
  // The broker's queue for the server is full: what is sent now may be lost there, and times out.
  Host host(client, fault_service, ledger);
  EXPECT_TRUE(host.call_until_answered());
  std::cout << "reliability: slow_server " << figures << " sent_kib=" << calls * bytes / 1'024
            << " client_rss_before_kib=" << before << " grown_at_most_kib=" << highest << std::endl;
}

}  // namespace
}  // namespace mcp_mqtt::test
