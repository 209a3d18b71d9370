#include "server_harness.hpp"

// The server and its connection: CONNECT, registration, another name from the broker, the end.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::seconds;

TEST(ServerConnection, WillClearsThePresence_T4_T6) {
  const ServerHarness server;
  const mqtt::Message will = server.engine.will();
  EXPECT_EQ(will.topic, ServerHarness::presence());
  EXPECT_TRUE(will.payload.empty());
  EXPECT_TRUE(will.retain);
  EXPECT_EQ(property(will.user_properties, "MCP-COMPONENT-TYPE"), "mcp-server");
  EXPECT_EQ(property(will.user_properties, "MCP-MQTT-CLIENT-ID"), "s1");
}

TEST(ServerConnection, ConnectSaysWhatItIs_T3) {
  ServerConfig config = server_config();
  config.connect_meta = Json{{"version", "3"}};
  const ServerHarness server(config);
  const auto properties = server.engine.connect_properties();
  EXPECT_EQ(property(properties, "MCP-COMPONENT-TYPE"), "mcp-server");
  EXPECT_EQ(Json::parse(property(properties, "MCP-META")), (Json{{"version", "3"}}));
}

TEST(ServerConnection, SubscribesThenAnnounces_T10) {
  ServerHarness server;
  server.connected();
  const auto subscribe = server.actions.expect_subscribe(ServerHarness::control(), false);
  server.actions.expect_nothing();
  server.acknowledge(subscribe);
  const auto publish = server.actions.expect_publish(ServerHarness::presence());
  EXPECT_TRUE(publish.message.retain);
  EXPECT_EQ(property(publish.message.user_properties, "MCP-COMPONENT-TYPE"), "mcp-server");
  EXPECT_EQ(property(publish.message.user_properties, "MCP-MQTT-CLIENT-ID"), "s1");
  EXPECT_EQ(ActionQueue<ServerAction>::body(publish),
            (Json{{"jsonrpc", "2.0"},
                  {"method", "notifications/server/online"},
                  {"params",
                   {{"server_name", "desk/companion"},
                    {"description", "Volume and display"},
                    {"meta", {{"room", "study"}}}}}}));
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.online());
  server.acknowledge(publish);
  server.actions.next<ServerOnline>();
  EXPECT_TRUE(server.engine.online());
}

TEST(ServerConnection, RefusedControlSubscriptionIsAnError_T10) {
  ServerHarness server;
  server.connected();
  server.acknowledge(server.actions.next<Subscribe>(), error_of(ErrorKind::refused, "no", 0x87));
  EXPECT_EQ(server.actions.next<ServerRefused>().error.code, 0x87);
  server.actions.expect_nothing();
}

TEST(ServerConnection, RefusedPresenceIsAnError_T10) {
  ServerHarness server;
  server.connected();
  server.acknowledge(server.actions.next<Subscribe>());
  server.acknowledge(server.actions.next<Publish>(), error_of(ErrorKind::refused, "no", 0x87));
  EXPECT_EQ(server.actions.next<ServerRefused>().error.code, 0x87);
}

TEST(ServerConnection, PresenceThatCannotBeWrittenIsAnError_T10) {
  ServerConfig config = server_config();
  config.instance.description = "\xff";
  ServerHarness server(config);
  server.connected();
  server.acknowledge(server.actions.next<Subscribe>());
  EXPECT_EQ(server.actions.next<ServerRefused>().error.kind, ErrorKind::invalid_argument);
}

// A transport ends the calls under way before it reports the loss: that is no refusal.
TEST(ServerConnection, LossWhileSubscribingOrAnnouncingIsNoRefusal_T10) {
  for (const auto kind : {ErrorKind::connection_lost, ErrorKind::not_connected}) {
    ServerHarness server;
    server.connected();
    server.acknowledge(server.actions.next<Subscribe>(), error_of(kind));
    server.actions.expect_nothing();
    server.lost();
    server.connected();
    server.acknowledge(server.actions.next<Subscribe>());
    server.acknowledge(server.actions.next<Publish>(), error_of(kind));
    server.actions.expect_nothing();
    server.lost();
    server.bring_online();
  }
}

TEST(ServerConnection, PresenceIsRepeatedAfterAReconnectOnly_T10) {
  ServerHarness server;
  server.bring_online();
  EXPECT_FALSE(server.engine.next_deadline());
  server.lost();
  server.connected();
  server.acknowledge(server.actions.next<Subscribe>());
  server.acknowledge(server.actions.expect_publish(ServerHarness::presence()));
  server.actions.next<ServerOnline>();
  server.actions.expect_nothing();
  EXPECT_EQ(server.engine.next_deadline(), server.now + seconds(2));
  server.advance(seconds(2));
  const auto again = server.actions.expect_publish(ServerHarness::presence());
  EXPECT_FALSE(again.message.payload.empty());
  server.acknowledge(again);
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.next_deadline());
}

TEST(ServerConnection, LeaveSaysGoodbyeThenClearsPresence_T11_T41) {
  ServerHarness server;
  server.bring_online();
  server.open_session("c1");
  server.leave();
  EXPECT_EQ(server.actions.next<ClientGone>().reason.kind, ErrorKind::stopped);
  server.actions.expect_method(ServerHarness::rpc("c1"), "notifications/disconnected");
  server.actions.expect_unsubscribe(ServerHarness::rpc("c1"));
  server.actions.expect_unsubscribe("$mcp-client/capability/c1");
  server.actions.expect_unsubscribe("$mcp-client/presence/c1");
  const auto clear = server.actions.expect_publish(ServerHarness::presence());
  EXPECT_TRUE(clear.message.payload.empty());
  EXPECT_TRUE(clear.message.retain);
  server.actions.expect_nothing();
  server.acknowledge(clear);
  server.actions.next<ServerLeft>();
  server.leave();
  server.acknowledge(clear);
  server.actions.expect_nothing();
}

TEST(ServerConnection, LeaveWithoutPresenceIsImmediate_T11) {
  ServerHarness offline;
  offline.leave();
  offline.actions.next<ServerLeft>();
  ServerHarness subscribing;
  subscribing.connected();
  subscribing.actions.next<Subscribe>();
  subscribing.leave();
  subscribing.actions.next<ServerLeft>();
  subscribing.actions.expect_nothing();
}

TEST(ServerConnection, LeaveEndsAlsoWhenTheConnectionBreaks_T11) {
  ServerHarness server;
  server.bring_online();
  server.leave();
  const auto clear = server.actions.next<Publish>();
  server.acknowledge(clear, error_of(ErrorKind::connection_lost));
  server.actions.next<ServerLeft>();
  server.lost();
  server.actions.expect_nothing();
}

TEST(ServerConnection, NothingIsAnsweredWhileLeaving) {
  ServerHarness server;
  server.bring_online();
  server.leave();
  server.actions.clear();
  server.send_control("c1", ServerHarness::initialize_body(1));
  server.actions.expect_nothing();
}

TEST(ServerName, AdoptedWithOneReconnect_T5) {
  ServerHarness server;
  server.connected({{"MCP-SERVER-NAME", "site/7/desk"}});
  server.actions.next<ReconnectWithWill>();
  server.actions.expect_nothing();
  EXPECT_EQ(server.engine.will().topic, "$mcp-server/presence/s1/site/7/desk");
  server.connected({{"MCP-SERVER-NAME", "site/7/desk"}});
  server.acknowledge(server.actions.expect_subscribe("$mcp-server/s1/site/7/desk", false));
  const auto presence = server.actions.expect_publish("$mcp-server/presence/s1/site/7/desk");
  EXPECT_EQ(ActionQueue<ServerAction>::body(presence)["params"]["server_name"], "site/7/desk");
  server.acknowledge(presence);
  server.actions.next<ServerOnline>();
  server.send_control("c1", ServerHarness::initialize_body(1));
  server.actions.expect_nothing();  // the old name's control topic is not ours any more
  server.deliver(
      message_of("c1", "$mcp-server/s1/site/7/desk", ServerHarness::initialize_body(1).dump()));
  server.actions.expect_subscribe("$mcp-rpc/c1/s1/site/7/desk", true);
}

TEST(ServerName, SameNameNeedsNoReconnect_T5) {
  ServerHarness server;
  server.connected({{"MCP-SERVER-NAME", "desk/companion"}});
  server.actions.expect_subscribe(ServerHarness::control(), false);
}

TEST(ServerName, ChangedAgainIsAdoptedWithoutAnotherReconnect_T5) {
  ServerHarness server;
  server.connected({{"MCP-SERVER-NAME", "one"}});
  server.actions.next<ReconnectWithWill>();
  server.connected({{"MCP-SERVER-NAME", "two"}});
  server.actions.expect_subscribe("$mcp-server/s1/two", false);
}

TEST(ServerName, InvalidSuggestionIsNotAdopted_T5) {
  for (const char* name : {"", "a/+", "#", "/a", "a//b", "a/"}) {
    ServerHarness server;
    server.connected({{"MCP-SERVER-NAME", name}});
    server.actions.expect_subscribe(ServerHarness::control(), false);
    server.actions.expect_nothing();
  }
}

TEST(ServerName, InvalidOwnNameIsAnError) {
  ServerConfig config = server_config();
  config.instance.server_name = "desk/+";
  ServerHarness server(config);
  server.connected();
  const auto refused = server.actions.next<ServerRefused>().error;
  EXPECT_EQ(refused.kind, ErrorKind::invalid_argument);
  EXPECT_NE(refused.message.find("desk/+"), std::string::npos) << refused.message;
  server.actions.expect_nothing();
}

TEST(ServerId, AssignedByTheBrokerIsUsed) {
  ServerHarness server;
  mqtt::ConnectionInfo info;
  info.assigned_client_id = "auto-1";
  server.engine.on_connected(info, server.now);
  server.actions.add(server.engine.take_actions());
  server.actions.expect_subscribe("$mcp-server/auto-1/desk/companion", false);
}

TEST(ServerId, ThatNoTopicCanHoldIsAnError) {
  for (const char* id : {"a/b", "a+", "#", "presence", "capability"}) {
    ServerHarness server;
    mqtt::ConnectionInfo info;
    info.assigned_client_id = id;
    server.engine.on_connected(info, server.now);
    server.actions.add(server.engine.take_actions());
    EXPECT_EQ(server.actions.next<ServerRefused>().error.kind, ErrorKind::invalid_argument) << id;
    server.actions.expect_nothing();
  }
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
