#include <future>

#include "integration/acl/access_site.hpp"

// examples/broker/acl_per_user: everybody gets everywhere under its own name, and nowhere under
// another's.
namespace mcp_mqtt::test {
namespace {

class AclPerUser : public AccessSite {
 protected:
  void SetUp() override {
    AccessSite::SetUp();
    if (IsSkipped()) return;
    start_broker("acl_per_user");
    desk_.emplace(server_options("desk-1"));
    desk_->add_tool("set_volume", "Set the volume", {arg("volume", "How loud")},
                    [](int volume) { return "volume is " + std::to_string(volume); });
    desk_->on_connection(
        [log = desk_connection_](ConnectionState state, const Error&) { log.push(state); });
    desk_->on_client_gone([log = told_](const ClientInfo& client, const Error&) {
      log.push(client.client_id + " is gone");
    });
  }

  ClientSession open_desk(McpClient& client) const {
    return client.open("desk/companion", {.timeout = patience});
  }

  /// Kills the broker, which tells nobody, and starts it again; returns when the desk is back.
  void restart_broker() {
    desk_connection_.clear();
    broker().kill();
    broker().restart();
    EXPECT_TRUE(desk_connection_.wait_for(
        [](ConnectionState state) { return state == ConnectionState::connected; }));
  }

  std::optional<McpServer> desk_;
  EventLog<ConnectionState> desk_connection_;
  /// What servers and clients were told.
  EventLog<std::string> told_;

  bool told(const std::string& what) const {
    return told_.wait_for([&](const std::string& one) { return one == what; }).has_value();
  }
};

/// What takes seconds, over one transport.
class AclPerUserOnce : public AclPerUser {};

TEST_P(AclPerUser, EveryTopicWorksUnderOnesOwnName) {
  desk_->add_resource({.uri = "desk://state", .name = "state"}, "idle");
  desk_->add_tool("count", "Counts", [](RequestContext& context) {
    context.report_progress(1, 2);
    return "counted";
  });
  desk_->on_roots_changed([log = told_](const ConnectedClient&) { log.push("roots changed"); });
  desk_->start(url());
  McpClient host(client_options("host-1"));
  host.set_roots({{.uri = "file:///a"}});
  host.on_tools_changed([log = told_](auto) { log.push("tools changed"); });
  host.on_server_gone([log = told_](auto& server) { log.push(server.server_id + " is gone"); });
  host.connect(url());
  const auto session = open_desk(host);

  const auto on_progress = [this](const Progress&) { told_.push("progress"); };
  EXPECT_EQ(session.call_tool("count", Json::object(), {.on_progress = on_progress}).text(),
            "counted");
  EXPECT_TRUE(told("progress"));
  const auto watch = session.subscribe(
      "desk://state",
      [log = told_](const ResourceUpdated& update) { log.push(update.uri + " updated"); });
  desk_->notify_resource_updated("desk://state");
  EXPECT_TRUE(told("desk://state updated"));
  desk_->remove_tool("count");
  EXPECT_TRUE(told("tools changed"));
  host.set_roots({{.uri = "file:///b"}});
  EXPECT_TRUE(told("roots changed"));

  McpServer other(server_options("desk-2"));
  other.start(url());
  EXPECT_EQ(host.open("desk/companion", {.timeout = patience, .server_id = "desk-2"})
                .instance()
                .server_id,
            "desk-2");
  other.stop();
  EXPECT_TRUE(told("desk-2 is gone"));
  host.stop();
  EXPECT_TRUE(told("host-1 is gone"));
}

TEST_P(AclPerUser, WhoKeepsItsIdGoesOnAfterTheBrokerRestarted) {
  desk_->start(url());
  McpClient host(client_options("host-1"));
  const EventLog<ClientEvent::Kind> events;
  host.on_state([=](const ClientEvent& event) { events.push(event.kind); });
  host.connect(url());
  const auto session = open_desk(host);
  restart_broker();
  ASSERT_TRUE(events.wait_for(
      [](ClientEvent::Kind kind) { return kind == ClientEvent::Kind::session_reopened; }));
  EXPECT_EQ(session.call_tool("set_volume", {{"volume", 7}}).text(), "volume is 7");
  EXPECT_EQ(host.client_id(), "host-1");
}

TEST_P(AclPerUserOnce, WhoChangesItsIdHearsWhichTopicIsMissing) {
  desk_->start(url());
  ClientOptions options = client_options("host-1");
  options.fixed_client_id = false;
  McpClient host(options);
  host.connect(url());
  open_desk(host).close();
  restart_broker();
  const Error error = error_of(
      [&] { host.open("desk/companion", {.timeout = patience, .initialize_timeout = 500ms}); });
  EXPECT_NE(host.client_id(), "host-1");  // T30
  EXPECT_TRUE(
      names(error, ErrorKind::timeout, "$mcp-rpc/" + host.client_id() + "/desk-1/desk/companion"));
}

TEST_P(AclPerUser, AServerCannotAnnounceItselfUnderAnotherId) {
  desk_->start(url());
  ServerOptions options = server_options("mallory");
  options.server_id = "desk-1";
  McpServer impostor(options);
  EXPECT_TRUE(refused_for(error_of([&] { impostor.start(url()); }),
                          "$mcp-server/presence/desk-1/desk/companion"));
  EXPECT_FALSE(impostor.running());
  McpClient host(client_options("host-1"));
  host.connect(url());
  EXPECT_EQ(open_desk(host).call_tool("set_volume", {{"volume", 8}}).text(), "volume is 8");
}

TEST_P(AclPerUser, AClientUnderAnotherIdHearsNothingAndDisturbsNobody) {
  const EventLog<std::shared_ptr<std::promise<void>>> waiting;
  desk_->add_tool("wait", "Ends when it may", [=] {
    const auto may_end = std::make_shared<std::promise<void>>();
    waiting.push(may_end);
    may_end->get_future().wait();
    return "ended";
  });
  desk_->start(url());
  McpClient host(client_options("host-1"));
  const EventLog<std::string> disconnected;
  host.on_disconnected([=](auto, const Error& error) { disconnected.push(error.message); });
  host.connect(url());
  const auto session = open_desk(host);
  const Outcome<CallToolResult> outcome;
  session.async_call_tool("wait", Json::object(), {}, outcome.callback());
  const auto may_end = waiting.take();
  ASSERT_TRUE(may_end);
  {
    ClientOptions options = client_options("mallory");
    options.client_id = "host-1";
    McpClient impostor(options);
    impostor.connect(url());
    const Error error = error_of([&] {
      impostor.open("desk/companion", {.timeout = patience, .initialize_timeout = 500ms});
    });
    EXPECT_TRUE(names(error, ErrorKind::timeout, "$mcp-rpc/host-1/desk-1/desk/companion"));
    impostor.stop();  // its goodbye is in the name of host-1
  }
  EXPECT_FALSE(outcome.called());
  (*may_end)->set_value();
  const auto result = outcome.wait();
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->text(), "ended");
  EXPECT_EQ(session.call_tool("set_volume", {{"volume", 9}}).text(), "volume is 9");
  EXPECT_EQ(disconnected.size(), 0U);
  EXPECT_EQ(told_.size(), 0U);
  EXPECT_EQ(desk_->clients().size(), 1U);
}

TEST_P(AclPerUser, NobodyReadsOrWritesTheTopicsOfAnother) {
  desk_->start(url());
  McpClient host(client_options("host-1"));
  host.on_server_gone([log = told_](auto& server) { log.push(server.server_id + " is gone"); });
  host.connect(url());
  const auto session = open_desk(host);

  // The will of a user, too, is worth what the user may write.
  Intruder bomb(
      url(), "mallory", password_of("mallory"),
      mqtt::Message{
          "$mcp-server/presence/desk-1/desk/companion", "", mqtt::Qos::at_least_once, true, {}});
  bomb.vanish();
  Intruder mallory(url(), "mallory", password_of("mallory"));
  for (const char* filter : {"#", "$mcp-rpc/#", "$mcp-rpc/host-1/#", "$mcp-rpc/+/desk-1/#",
                             "$mcp-rpc/host-1/desk-1/desk/companion", "$mcp-server/desk-1/#",
                             "$mcp-rpc/mallory/mallory/a/b"}) {
    // mosquitto grants them all, and filters.
    EXPECT_TRUE(succeeded(mallory.subscribe(filter))) << filter;
  }
  const std::string call = R"({"jsonrpc":"2.0","id":99,"method":"tools/call","params":{}})";
  const std::string bye = R"({"jsonrpc":"2.0","method":"notifications/disconnected","params":{}})";
  const std::string changed =
      R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}})";
  for (const auto& [topic, payload] : std::vector<std::pair<std::string, std::string>>{
           {"$mcp-rpc/host-1/desk-1/desk/companion", call},
           {"$mcp-rpc/host-1/desk-1/desk/companion", bye},
           {"$mcp-client/presence/host-1", bye},
           {"$mcp-client/presence/host-1", ""},
           {"$mcp-client/capability/host-1", changed},
           {"$mcp-server/capability/desk-1/desk/companion", changed},
           {"$mcp-server/presence/desk-1/desk/companion", ""}}) {
    const auto outcome = mallory.publish(topic, payload, true);
    ASSERT_TRUE(failed_with(outcome, ErrorKind::refused)) << topic;
    EXPECT_EQ(outcome.error().code, not_authorized);
  }
  // What the last line of the file lets it write, nobody may read.
  const std::string online =
      R"({"jsonrpc":"2.0","method":"notifications/server/online","params":{}})";
  EXPECT_TRUE(succeeded(mallory.publish("$mcp-server/presence/desk-9/ghost", online, true)));

  EXPECT_EQ(session.call_tool("set_volume", {{"volume", 5}}).text(), "volume is 5");
  EXPECT_TRUE(succeeded(mallory.publish("$mcp-rpc/mallory/mallory/a/b", "fence")));
  const auto own = [](const mqtt::Message& message) { return message.payload == "fence"; };
  ASSERT_TRUE(mallory.heard().wait_for(own));
  for (const mqtt::Message& message : mallory.heard().all()) EXPECT_TRUE(own(message));

  McpClient second(client_options("host-2"));
  second.connect(url());
  const auto found = second.discover("#");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().server_id, "desk-1");
  EXPECT_EQ(told_.size(), 0U);
  EXPECT_TRUE(session.is_open());
}

MCP_MQTT_OVER_EVERY_TRANSPORT(AclPerUser);
INSTANTIATE_TEST_SUITE_P(Transports, AclPerUserOnce,
                         ::testing::Values(mqtt::TransportKind::mosquitto), transport_name);

}  // namespace
}  // namespace mcp_mqtt::test
