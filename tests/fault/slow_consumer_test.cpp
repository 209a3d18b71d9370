#include <csignal>
#include <iostream>

#include "fault/host.hpp"
#include "fault/peer_process.hpp"
#include "fault/scale.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mqtt_proxy.hpp"

// One side does not read any more: the other side's memory stays bounded, and those beside it go
// on.
namespace mcp_mqtt::test {
namespace {

constexpr const char* service = "fault/desk";

class SlowConsumers : public ::testing::Test {
 protected:
  void SetUp() override {
    log_as_asked();
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }
};

ClientOptions client_options(const std::string& name) {
  ClientOptions options{.name = name};
  // Long, so that the broker bears with the frozen one.
  options.connection.keep_alive = 600s;
  return options;
}

TEST_F(SlowConsumers, AClientThatNeverReadsCostsItsServerLittle) {
  const std::size_t messages = long_run() ? 400'000 : 60'000;
  constexpr std::size_t bytes = 4'000;
  // Ten thousand messages may wait for the loop, ten thousand for the broker, each with its
  // envelope; what the heap keeps of them may be half as much again.
  constexpr std::size_t bound_kib = 120 * 1'024;
  MosquittoBroker broker;
  MqttProxy proxy(broker.port());
  const ServerProcess server(broker.url(), service, "desk-1");
  McpClient other(client_options("other"));
  other.connect(broker.url());
  const auto calling = other.open(service, {.timeout = patience});
  calling.set_logging_level(LoggingLevel::emergency);
  McpClient slow(client_options("slow"));
  const EventLog<bool> heard;
  slow.on_log([heard](const ClientSession&, const LoggingMessage&) {
    if (heard.size() == 0) heard.push(true);
  });
  slow.connect(proxy.url());
  const auto listening = slow.open(service, {.timeout = patience});
  listening.set_logging_level(LoggingLevel::debug);
  const auto subscription = listening.subscribe("fault://value", [](const ResourceUpdated&) {});

  const std::size_t before = resident_kib(server.pid());
  proxy.freeze(slow.client_id());
  constexpr std::size_t parts = 20;
  std::size_t highest = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    calling.call_tool("flood", {{"messages", messages / parts}, {"bytes", bytes}},
                      {.timeout = 4 * patience});
    highest = std::max(highest, growth_kib(server.pid(), before));
  }
  EXPECT_LT(highest, bound_kib);
  EXPECT_EQ(calling.call_tool("work", {{"call", 1}}).text(), "done 1");
  proxy.release();
  EXPECT_TRUE(heard.wait_for_count(1));
  EXPECT_EQ(listening.call_tool("work", {{"call", 2}}, {.timeout = 4 * patience}).text(), "done 2");
  std::cout << "reliability: slow_client messages=" << messages
            << " sent_kib=" << messages * bytes / 1'024 << " server_rss_before_kib=" << before
            << " grown_at_most_kib=" << highest << std::endl;
}

}  // namespace
}  // namespace mcp_mqtt::test
