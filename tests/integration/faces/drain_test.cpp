#include <thread>

#include "integration/faces/site.hpp"

// One server that goes without harm.
namespace mcp_mqtt::test {
namespace {

using Clock = std::chrono::steady_clock;

class Drain : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<McpServer>(server_options("desk-1"));
    client_ = std::make_unique<McpClient>(client_options());
    endless_.add_to(*server_);
    add_desk_tools(*server_);
  }
  void open() {
    server_->start(url());
    client_->connect(url());
    session_ = client_->open("desk/companion", {.timeout = patience});
  }

  EndlessTool endless_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession session_;
};

TEST_P(Drain, AnIdleServerIsGoneAtOnceAndMayStartAgain) {
  const EventLog<ErrorKind> over;
  client_->on_disconnected([=](auto, const Error& reason) { over.push(reason.kind); });
  open();
  server_->drain(1h);
  EXPECT_FALSE(server_->running());
  EXPECT_EQ(over.take(), ErrorKind::server_gone);
  EXPECT_EQ(error_of([&] { session_.ping(); }).kind, ErrorKind::server_gone);
  server_->drain(1h);  // does nothing
  server_->start(url());
  session_ = client_->open("desk/companion", {.timeout = patience});
  EXPECT_EQ(session_.call_tool("set_volume", {{"volume", 9}}).text(), "volume is 9");
}

TEST_P(Drain, WhatTakesLongerThanTheTimeoutIsCancelled) {
  open();
  const Outcome<CallToolResult> outcome;
  session_.async_call_tool("endless", {}, {.timeout = 1h}, outcome.callback());
  ASSERT_TRUE(endless_.wait_until_started());
  const auto before = Clock::now();
  server_->drain(100ms);
  EXPECT_GE(Clock::now() - before, 100ms);
  EXPECT_FALSE(server_->running());
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::server_gone));
  EXPECT_TRUE(endless_.wait_until_cancelled());
}

TEST_P(Drain, StopCutsItShort) {
  open();
  const Outcome<CallToolResult> outcome;
  session_.async_call_tool("endless", {}, {.timeout = 1h}, outcome.callback());
  ASSERT_TRUE(endless_.wait_until_started());
  std::thread draining([&] { server_->drain(1h); });
  while (!client_->servers("desk/companion").empty()) std::this_thread::yield();
  EXPECT_TRUE(server_->running());
  server_->stop();
  draining.join();
  EXPECT_FALSE(server_->running());
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::server_gone));
}

TEST_P(Drain, AHandlerMayDrainItsServer) {
  server_->add_tool("leave", "Drains the server", [&] {
    server_->drain(1h);
    return "leaving";
  });
  std::thread running([&] { server_->run(url()); });
  client_->connect(url());
  session_ = client_->open("desk/companion", {.timeout = patience});
  EXPECT_EQ(session_.call_tool("leave").text(), "leaving");  // it is a call that runs
  running.join();
  EXPECT_FALSE(server_->running());
}

TEST_P(Drain, WhileItStartsOrWithoutABrokerItIsBounded) {
  server_->drain(1h);  // it does not run
  open();
  if (mosquitto_) {
    mosquitto_->kill();
  } else {
    loopback_->on_connect([](auto&) -> Result<mqtt::ConnectionInfo> {
      return Error{ErrorKind::not_connected, 0, "no broker", nullptr};
    });
    loopback_->cut("desk-1");
  }
  server_->drain(1h);
  EXPECT_FALSE(server_->running());
}

MCP_MQTT_ON_EVERY_SITE(Drain);

}  // namespace
}  // namespace mcp_mqtt::test
