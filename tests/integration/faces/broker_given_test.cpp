#include "integration/faces/site.hpp"
#include "support/mqtt_proxy.hpp"

// What a broker prescribes in CONNACK (T5), on a real mosquitto behind a proxy that adds it on the
// wire; and what a broker does to those who lose it.
namespace mcp_mqtt::test {
namespace {

class BrokerGiven : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (!IsSkipped()) proxy_ = std::make_unique<MqttProxy>(mosquitto_->port());
  }
  std::unique_ptr<MqttProxy> proxy_;
};

TEST_P(BrokerGiven, TheServerAdoptsItsNameAndCorrectsItsWill) {
  proxy_->add_connack_properties({{"MCP-SERVER-NAME", "given/by/broker"}});
  McpServer server(server_options("desk-1"));
  add_desk_tools(server);
  server.start(proxy_->url());
  EXPECT_EQ(server.name(), "given/by/broker");
  McpClient client(client_options());
  const EventLog<std::string> gone;
  client.on_server_gone([=](auto& instance) { gone.push(instance.server_name); });
  client.connect(url());
  const auto session = client.open("given/by/broker", {.timeout = patience});
  EXPECT_EQ(session.call_tool("set_volume", {{"volume", 5}}).text(), "volume is 5");
  const auto connects = proxy_->connects().all();
  ASSERT_EQ(connects.size(), 2U);
  ASSERT_TRUE(connects[1].will);
  EXPECT_EQ(connects[1].will->topic, "$mcp-server/presence/desk-1/given/by/broker");
  proxy_->cut();
  EXPECT_EQ(gone.take(), "given/by/broker");
}

TEST_P(BrokerGiven, TheClientUsesTheFiltersAndRolesThatItIsGiven) {
  proxy_->add_connack_properties(
      {{"MCP-SERVER-NAME-FILTERS", R"(["desk/+"])"},
       {"MCP-RBAC", R"([{"server_name":"desk/companion","role_name":"viewer"}])"}});
  auto desk_options = server_options("desk-1");
  desk_options.meta = {{"rbac", {{"roles", {{{"name", "viewer"}, {"allowed_tools", {"count"}}}}}}}};
  McpServer desk(desk_options);
  add_desk_tools(desk);
  desk.start(url());
  McpServer lamp(server_options("lamp-1", "lamp"));
  lamp.start(url());
  auto options = client_options();
  options.filters = {"#"};
  McpClient client(options);
  client.connect(proxy_->url());
  EXPECT_EQ(client.granted_filters(), std::vector<std::string>{"desk/+"});
  EXPECT_EQ(client.roles(), (std::vector<RoleGrant>{{"desk/companion", "viewer"}}));
  const auto session = client.open("desk/companion", {.timeout = patience});
  EXPECT_EQ(client.servers().size(), 1U);
  EXPECT_EQ(session.call_tool("count", {{"to", 1}}).text(), "counted to 1");
  const Error forbidden = error_of([&] { session.call_tool("set_volume", {{"volume", 1}}); });
  EXPECT_EQ(forbidden.kind, ErrorKind::refused);
  EXPECT_EQ(forbidden.message,
            "the role 'viewer' at desk/companion does not allow the tool 'set_volume'");
  EXPECT_EQ(error_of([&] { client.open("lamp", {.timeout = 1s}); }).kind, ErrorKind::refused);
}

TEST_P(BrokerGiven, AnIdThatWouldChangeATopicIsRefused) {
  proxy_->on_packet([](MqttProxy::Direction direction, std::string& packet) {
    if (direction == MqttProxy::Direction::to_client &&
        packet_type(packet) == PacketType::connack) {
      packet = with_assigned_client_id(packet, "a/b");
    }
    return MqttProxy::Verdict::forward;
  });
  McpClient client(client_options());
  const Error to_client = error_of([&] { client.connect(proxy_->url()); });
  McpServer server(server_options("desk-1"));
  const Error to_server = error_of([&] { server.start(proxy_->url()); });
  if (GetParam() == SiteKind::paho) {
    EXPECT_EQ(to_client.kind, ErrorKind::protocol_violation);
    EXPECT_NE(to_client.message.find("the broker assigned a client id"), std::string::npos)
        << to_client.message;
    EXPECT_EQ(to_server.kind, ErrorKind::protocol_violation) << to_server.message;
  } else {
    // libmosquitto takes no other id than the one it asked for.
    EXPECT_NE(to_client.message.find("protocol error"), std::string::npos) << to_client.message;
    EXPECT_NE(to_server.message.find("protocol error"), std::string::npos) << to_server.message;
  }
}

TEST_P(BrokerGiven, ConnectCarriesWhoWeAre) {
  auto options = server_options("desk-1");
  McpServer server(options);
  server.start(proxy_->url());
  auto client_side = client_options();
  client_side.client_id = "host-1";
  client_side.meta = {{"location", "Berlin"}};
  McpClient client(client_side);
  client.connect(proxy_->url());
  const auto connects = proxy_->connects().all();
  ASSERT_EQ(connects.size(), 2U);
  const auto property = [](const ConnectPacket& packet, const std::string& name) {
    for (const auto& [key, value] : packet.user_properties) {
      if (key == name) return value;
    }
    return std::string("missing");
  };
  EXPECT_EQ(connects[0].client_id, "desk-1");
  EXPECT_EQ(property(connects[0], "MCP-COMPONENT-TYPE"), "mcp-server");
  EXPECT_EQ(Json::parse(property(connects[0], "MCP-META")).at("version"), "1.2.3");
  EXPECT_EQ(connects[1].client_id, "host-1");
  EXPECT_EQ(property(connects[1], "MCP-COMPONENT-TYPE"), "mcp-client");
  EXPECT_EQ(Json::parse(property(connects[1], "MCP-META")).at("location"), "Berlin");
}

TEST_P(BrokerGiven, AfterALostConnectionServerAndClientComeBack) {
  auto server_side = server_options("desk-1");
  server_side.connection.backoff.initial = 10ms;
  McpServer server(server_side);
  add_desk_tools(server);
  server.start(proxy_->url());
  auto client_side = client_options();
  client_side.connection.backoff.initial = 10ms;
  McpClient client(client_side);
  const EventLog<ConnectionState> states;
  client.on_connection([=](auto state, auto&) { states.push(state); });
  client.connect(proxy_->url());
  EXPECT_EQ(states.take(), ConnectionState::connected);
  const auto session = client.open("desk/companion", {.timeout = patience});
  const std::string before = session.client_id();
  proxy_->cut();
  EXPECT_EQ(states.take(), ConnectionState::lost);
  EXPECT_EQ(states.take(), ConnectionState::connected);
  EXPECT_EQ(session.call_tool("set_volume", {{"volume", 6}}).text(), "volume is 6");
  EXPECT_NE(session.client_id(), before);  // T30
}

INSTANTIATE_TEST_SUITE_P(Sites, BrokerGiven, ::testing::Values(SiteKind::mosquitto, SiteKind::paho),
                         site_name);

}  // namespace
}  // namespace mcp_mqtt::test
