#include "integration/faces/site.hpp"
#include "support/mqtt_proxy.hpp"

// A session is opened again under its handle when it was cut off.
namespace mcp_mqtt::test {
namespace {

using Kind = ClientEvent::Kind;

class Reopening : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (mosquitto_) proxy_ = std::make_unique<MqttProxy>(mosquitto_->port());
  }

  std::unique_ptr<McpServer> make_server(const std::string& id) {
    auto server = std::make_unique<McpServer>(server_options(id));
    add_desk_tools(*server);
    server->add_tool("who", "Who answers", [id] { return id; });
    server->add_tool("slow", "Waits until it is let go", [this] {
      slow_started_.push(true);
      EXPECT_TRUE(slow_go_.take());
      return "slow";
    });
    server->add_resource({.uri = "plant://soil", .name = "soil"},
                         [] { return std::string("wet"); });
    server->start(url());
    return server;
  }

  /// A client behind the proxy, if there is one.
  McpClient& client() {
    if (!client_) {
      auto options = client_options();
      options.client_id = "host-0123456789";
      options.connection.backoff.initial = 10ms;
      client_ = std::make_unique<McpClient>(options);
      client_->on_state([events = events_](const ClientEvent& event) { events.push(event); });
      client_->connect(proxy_ ? proxy_->url() : url());
    }
    return *client_;
  }
  void cut() {
    if (proxy_) {
      proxy_->cut();
    } else {
      loopback_->cut(client_->client_id());
    }
  }
  bool saw(Kind kind) const {
    return events_.wait_for([&](const ClientEvent& event) { return event.kind == kind; })
        .has_value();
  }

  std::unique_ptr<MqttProxy> proxy_;
  EventLog<ClientEvent> events_;
  EventLog<bool> slow_started_;
  EventLog<bool> slow_go_;
  std::unique_ptr<McpClient> client_;
};

TEST_P(Reopening, TheHandleGoesOnAfterALostConnection) {
  const auto server = make_server("desk-1");
  const auto desk = client().open("desk/companion", {.timeout = patience});
  const std::string before = desk.client_id();
  cut();
  ASSERT_TRUE(saw(Kind::session_suspended));
  EXPECT_EQ(desk.call_tool("who").text(), "desk-1");
  EXPECT_EQ(desk.state(), SessionState::open);
  EXPECT_NE(desk.client_id(), before);  // T30
  ASSERT_TRUE(saw(Kind::session_reopened));
  std::vector<Kind> kinds;
  for (const auto& event : events_.all()) kinds.push_back(event.kind);
  EXPECT_EQ(kinds,
            (std::vector<Kind>{Kind::connected, Kind::session_opened, Kind::connection_lost,
                               Kind::session_suspended, Kind::connected, Kind::session_reopened}));
  EXPECT_EQ(client().sessions(), std::vector<ClientSession>{desk});
}

TEST_P(Reopening, WhatWasUnderWayIsLostUnlessItIsIdempotent) {
  const auto server = make_server("desk-1");
  const auto desk = client().open("desk/companion", {.timeout = patience});
  const EventLog<Result<CallToolResult>> once;
  const EventLog<Result<CallToolResult>> again;
  desk.async_call_tool("slow", {}, {}, [=](auto result) { once.push(std::move(result)); });
  desk.async_call_tool("slow", {}, {.timeout = patience, .idempotent = true},
                       [=](auto result) { again.push(std::move(result)); });
  ASSERT_TRUE(slow_started_.wait_for_count(2));
  cut();
  const auto lost = once.take();
  ASSERT_TRUE(lost);
  ASSERT_FALSE(*lost);
  EXPECT_EQ(lost->error().kind, ErrorKind::connection_lost);
  for (int i = 0; i < 3; ++i) slow_go_.push(true);
  const auto answered = again.take();
  ASSERT_TRUE(answered);
  ASSERT_TRUE(*answered) << answered->error().message;
  EXPECT_EQ((*answered)->text(), "slow");
}

TEST_P(Reopening, SubscriptionsGoOn) {
  const auto server = make_server("desk-1");
  const auto desk = client().open("desk/companion", {.timeout = patience});
  const EventLog<ResourceUpdated> updates;
  const auto soil = desk.subscribe("plant://soil", [=](auto& update) { updates.push(update); });
  cut();
  ASSERT_TRUE(updates.wait_for([](const auto& update) { return update.resubscribed; }));
  server->notify_resource_updated("plant://soil");
  EXPECT_TRUE(updates.wait_for([](const auto& update) { return !update.resubscribed; }));
}

TEST_P(Reopening, AnotherInstanceTakesOver) {
  auto first = make_server("desk-1");
  const auto desk =
      client().open("desk/companion", {.timeout = patience, .reopen = Reopen::always});
  const auto second = make_server("desk-2");
  EXPECT_EQ(desk.call_tool("who").text(), "desk-1");
  first->stop();
  EXPECT_EQ(desk.call_tool("who", {}, {.idempotent = true}).text(), "desk-2");
  EXPECT_EQ(desk.instance().server_id, "desk-2");
}

TEST_P(Reopening, OnlyWhereTheHostWantsIt) {
  auto first = make_server("desk-1");
  const auto never =
      client().open("desk/companion", {.timeout = patience, .reopen = Reopen::never});
  cut();
  ASSERT_TRUE(saw(Kind::session_closed));
  EXPECT_EQ(never.state(), SessionState::closed);
  EXPECT_EQ(error_of([&] { never.call_tool("who"); }).kind, ErrorKind::connection_lost);
  const auto by_default = client().open("desk/companion", {.timeout = patience});
  events_.clear();
  first->stop();
  ASSERT_TRUE(saw(Kind::session_closed));
  EXPECT_EQ(by_default.close_reason()->kind, ErrorKind::server_gone);
}

/// Where one of two connections can be held.
class Silence : public Reopening {};

TEST_P(Silence, OfAServerIsNoticedAndAnotherTaken) {
  const auto first = make_server("desk-1");
  OpenOptions options{.timeout = patience, .reopen = Reopen::always, .health_check = 10ms};
  auto client_side = client_options();
  client_side.timeouts.ping = 50ms;
  McpClient host(client_side);
  host.connect(url());
  const auto desk = host.open("desk/companion", options);
  const auto second = make_server("desk-2");
  ASSERT_EQ(desk.instance().server_id, "desk-1");
  loopback_->hold("desk-1");
  EXPECT_EQ(desk.call_tool("who", {}, {.timeout = patience, .idempotent = true}).text(), "desk-2");
  loopback_->release("desk-1");
}

TEST_P(Reopening, ClosedWhileItIsReopening) {
  const auto server = make_server("desk-1");
  auto options = client_options();
  options.connection.backoff.initial = std::chrono::hours(1);
  McpClient host(options);
  const EventLog<bool> suspended;
  host.on_state([=](const ClientEvent& event) {
    if (event.kind == Kind::session_suspended) suspended.push(true);
  });
  host.connect(proxy_ ? proxy_->url() : url());
  const auto desk = host.open("desk/companion", {.timeout = patience});
  if (proxy_) {
    proxy_->cut();
  } else {
    loopback_->cut(host.client_id());
  }
  ASSERT_TRUE(suspended.take());
  EXPECT_EQ(desk.state(), SessionState::reopening);
  EXPECT_FALSE(desk.close_reason());
  EXPECT_EQ(error_of([&] { desk.call_tool("who", {}, {.timeout = 10ms}); }).kind,
            ErrorKind::not_connected);
  const EventLog<ErrorKind> waiting;
  desk.async_call_tool("who", {}, {},
                       [=](const auto& result) { waiting.push(result.error().kind); });
  desk.close();
  EXPECT_EQ(waiting.take(), ErrorKind::stopped);
  EXPECT_EQ(desk.state(), SessionState::closed);
}

MCP_MQTT_ON_EVERY_SITE(Reopening);
INSTANTIATE_TEST_SUITE_P(Sites, Silence, ::testing::Values(SiteKind::loopback), site_name);

}  // namespace
}  // namespace mcp_mqtt::test
