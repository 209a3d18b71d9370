#include "client_harness.hpp"

// T5, T12: what a client finds, and who waits for it.
namespace mcp_mqtt::engine::test {
namespace {

using Kind = InstanceChange::Kind;
using Filters = std::vector<std::string>;

TEST(ClientConnect, SaysWhatItIsAndLeavesAWill_T3_T4_T7) {
  ClientConfig config = client_config();
  config.connect_meta = Json{{"location", "hall"}};
  const ClientHarness client(config);
  const auto properties = client.engine.connect_properties();
  EXPECT_EQ(property(properties, "MCP-COMPONENT-TYPE"), "mcp-client");
  EXPECT_EQ(Json::parse(property(properties, "MCP-META")), (Json{{"location", "hall"}}));
  const auto will = client.engine.will(0);
  EXPECT_EQ(will.topic, "$mcp-client/presence/client-0123456789");
  EXPECT_EQ(Json::parse(will.payload)["method"], "notifications/disconnected");
  EXPECT_FALSE(will.retain);
  EXPECT_EQ(property(will.user_properties, "MCP-COMPONENT-TYPE"), "mcp-client");
  EXPECT_EQ(property(will.user_properties, "MCP-MQTT-CLIENT-ID"), "client-0123456789");
}

TEST(ClientDiscovery, CompletesWithTheSuback_T12) {
  ClientHarness client;
  client.connected();
  client.discover(1, "desk/+");
  const auto subscribe = client.actions.expect_subscribe("$mcp-server/presence/+/desk/+", false);
  client.discover(2, "desk/+");  // not before the broker answered
  const auto second = client.actions.expect_subscribe("$mcp-server/presence/+/desk/+", false);
  client.actions.expect_nothing();
  client.acknowledge(subscribe);
  EXPECT_EQ(client.expect_call_done(1), Json());
  client.acknowledge(second, error_of(ErrorKind::refused, "no", 0x87));
  EXPECT_EQ(client.expect_call_failed(2).code, 0x87);
}

TEST(ClientDiscovery, InvalidFilterIsAnError) {
  ClientHarness client;
  client.connected();
  for (const char* filter : {"", "a+", "#/a", "/a", "a//b"}) {
    client.discover(1, filter);
    EXPECT_EQ(client.expect_call_failed(1).kind, ErrorKind::invalid_argument) << filter;
  }
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, BeforeTheConnectionTheFilterWaits_T12) {
  ClientHarness client;
  client.discover(1, "a");
  EXPECT_EQ(client.expect_call_failed(1).kind, ErrorKind::not_connected);
  client.connected();
  client.actions.expect_subscribe("$mcp-server/presence/+/a", false);
}

TEST(ClientDiscovery, OnlineChangedOffline_T12) {
  ClientHarness client;
  client.start();
  client.announce("s1");
  client.announce_quietly("s1");  // the same again
  client.actions.expect_nothing();
  client.announce_quietly("s1", "desk/companion", Json{{"room", 2}});
  const auto changed = client.actions.next<InstanceChanged>().change;
  EXPECT_EQ(changed.kind, Kind::changed);
  EXPECT_EQ(changed.instance.meta, (Json{{"room", 2}}));
  client.announce("s2");
  client.clear_presence("s1");
  EXPECT_EQ(client.actions.next<InstanceChanged>().change.kind, Kind::offline);
  EXPECT_TRUE(client.engine.discovery().registry().service_online("desk/companion"));
  client.clear_presence("s1");
  client.actions.expect_nothing();
  client.clear_presence("s2");
  EXPECT_EQ(client.actions.next<InstanceChanged>().change.instance.server_id, "s2");
  EXPECT_FALSE(client.engine.discovery().registry().service_online("desk/companion"));
}

TEST(ClientDiscovery, GarbageIsIgnored_T12) {
  ClientHarness client;
  client.start();
  client.announce("s1");
  for (const char* payload :
       {"{", "[]", "1", R"({"jsonrpc":"2.0","method":"other"})",
        R"({"jsonrpc":"2.0","id":1,"method":"notifications/server/online"})"}) {
    client.deliver(message_of("s1", ClientHarness::presence("s1"), payload));
    client.deliver(message_of("s2", ClientHarness::presence("s2"), payload));
  }
  for (const char* topic : {"$mcp-server/presence/a+/x", "$mcp-server/presence/s3", "x/y"}) {
    client.deliver(message_of(
        "s3", topic, notification_json("notifications/server/online", Json::object()).dump()));
  }
  client.actions.expect_nothing();
  EXPECT_EQ(client.engine.discovery().registry().size(), 1U);
}

TEST(ClientDiscovery, NobodySpeaksForAServer) {
  ClientHarness client;
  client.start();
  client.announce("s1");
  client.open_session(2, "s1");
  const std::string online = notification_json("notifications/server/online").dump();
  for (const std::string& payload : {std::string(), online, std::string("garbage")}) {
    client.deliver(message_of("s2", ClientHarness::presence("s1"), payload));
    client.actions.expect_nothing();
  }
}

TEST(ClientDiscovery, NameComesFromTheTopic_T12) {
  ClientHarness client;
  client.start();
  client.deliver(message_of("", ClientHarness::presence("s1", "ESP32 Demo Server"),
                            R"({"jsonrpc":"2.0","method":"notifications/server/online"})"));
  const auto instance = client.actions.next<InstanceChanged>().change.instance;
  EXPECT_EQ(instance.server_name, "ESP32 Demo Server");
  EXPECT_EQ(instance.server_id, "s1");
  EXPECT_EQ(instance.meta, Json::object());
}

TEST(ClientDiscovery, OverlappingFiltersReportOnce_T12) {
  ClientHarness client;
  client.connected();
  client.discover(1, "desk/+");
  client.discover(2, "desk/companion");
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/desk/+", false));
  client.acknowledge(
      *client.actions.find<Subscribe>());  // both are subscribed: both were asked for
  client.actions.clear();
  client.announce("s1");
  client.announce_quietly("s1");
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, FullRegistryIgnoresTheRest) {
  ClientConfig config = client_config();
  config.max_instances = 2;
  ClientHarness client(config);
  client.start();
  client.announce("s1");
  client.announce("s2");
  client.announce_quietly("s3");
  client.actions.expect_nothing();
  client.announce_quietly("s2", "desk/companion", Json{{"still", "known"}});
  EXPECT_EQ(client.actions.next<InstanceChanged>().change.kind, Kind::changed);
  client.clear_presence("s1");
  client.actions.next<InstanceChanged>();
  client.announce("s3");
}

TEST(ClientDiscovery, GrantedFiltersReplaceItsOwn_T5) {
  ClientHarness client;
  client.discover(1, "own/#");
  client.actions.next<CompleteCall>();
  client.connected(0, {{"MCP-SERVER-NAME-FILTERS", R"(["desk/+","plant/#"])"}});
  client.actions.expect_subscribe("$mcp-server/presence/+/desk/+", false);
  client.actions.expect_subscribe("$mcp-server/presence/+/plant/#", false);
  client.actions.expect_nothing();
  EXPECT_EQ(client.engine.discovery().filters(), (Filters{"desk/+", "plant/#"}));
  client.discover(2, "more");
  EXPECT_EQ(client.expect_call_done(2), Json());
  client.open(ClientHarness::open_request(3, "own/thing"));
  const Error error = client.expect_open_failed(3);
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_NE(error.message.find("plant/#"), std::string::npos) << error.message;
  client.wait_for_instance(4, "own/thing", seconds(1));
  EXPECT_EQ(client.actions.next<InstanceFound>().instance.error().kind, ErrorKind::refused);
  client.open(ClientHarness::open_request(5, "plant/soil"));  // within
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, EmptyGrantFindsNothing_T5) {
  ClientHarness client;
  client.discover(1, "own/#");
  client.actions.clear();
  client.connected(0, {{"MCP-SERVER-NAME-FILTERS", "[]"}});
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, UnusableGrantLeavesItsOwn_T5) {
  ClientHarness client;
  client.discover(1, "own/#");
  client.actions.clear();
  client.connected(0, {{"MCP-SERVER-NAME-FILTERS", "[7]"}, {"MCP-RBAC", "{"}});
  client.actions.expect_subscribe("$mcp-server/presence/+/own/#", false);
  EXPECT_FALSE(client.engine.discovery().granted_filters());
  EXPECT_FALSE(client.engine.discovery().roles());
}

TEST(ClientDiscovery, RolesAreShown_T5) {
  ClientHarness client;
  client.connected(0, {{"MCP-RBAC", R"([{"server_name":"a/b","role_name":"admin"}])"}});
  ASSERT_TRUE(client.engine.discovery().roles());
  EXPECT_EQ(*client.engine.discovery().roles(), (std::vector<RoleGrant>{{"a/b", "admin"}}));
}

// Asking for a service adds its filter only where none in force covers it.
TEST(ClientDiscovery, FilterInForceCoversNarrowerOnes) {
  struct Case {
    const char* known;
    const char* wanted;
    bool covered;
  };
  for (const Case& c :
       {Case{"#", "a/b", true}, Case{"#", "#", true}, Case{"a/+", "a/b", true},
        Case{"a/+", "a/+", true}, Case{"a/#", "a/b/#", true}, Case{"a/#", "a", true},
        Case{"a/#", "a/+/c", true}, Case{"+", "#", false}, Case{"a/+", "a/#", false},
        Case{"+/+/#", "a/#", false}, Case{"a/b", "a/+", false}, Case{"a/b", "a", false},
        Case{"a", "a/b", false}, Case{"a/+", "a", false}, Case{"a/#", "#", false}}) {
    ClientHarness client;
    client.connected();
    client.discover(1, c.known);
    client.actions.clear();
    client.wait_for_instance(2, c.wanted, seconds(1));
    EXPECT_EQ(client.actions.count<Subscribe>(), c.covered ? 0U : 1U)
        << c.known << " and " << c.wanted;
  }
}

TEST(ClientDiscovery, WaitIsAnsweredByTheFirstMatch_T12) {
  ClientHarness client;
  client.start();
  client.wait_for_instance(5, "desk/+", seconds(3));
  client.announce("s9", "plant");
  client.actions.expect_nothing();
  client.announce("s1");
  const auto found = client.actions.next<InstanceFound>();
  EXPECT_EQ(found.call, 5U);
  EXPECT_EQ(found.instance->server_id, "s1");
  client.wait_for_instance(6, "plant", seconds(3));  // known already
  EXPECT_EQ(client.actions.next<InstanceFound>().instance->server_id, "s9");
  client.advance(seconds(10));
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, WaitEndsByTimeoutOrCancel) {
  ClientHarness client;
  client.start();
  client.wait_for_instance(5, "desk/+", seconds(3));
  client.wait_for_instance(6, "desk/+", seconds(4));
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(3));
  client.advance(seconds(3));
  const auto late = client.actions.next<InstanceFound>();
  EXPECT_EQ(late.call, 5U);
  EXPECT_EQ(late.instance.error().kind, ErrorKind::server_gone);
  EXPECT_NE(late.instance.error().message.find("desk/+"), std::string::npos);
  client.cancel(6);
  EXPECT_EQ(client.actions.next<InstanceFound>().instance.error().kind, ErrorKind::cancelled);
  client.cancel(6);
  client.announce("s1");
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, CancelledDiscoverCompletesOnce) {
  ClientHarness client;
  client.connected();
  client.discover(1, "a");
  const auto subscribe = client.actions.next<Subscribe>();
  client.cancel(1);
  EXPECT_EQ(client.expect_call_failed(1).kind, ErrorKind::cancelled);
  client.acknowledge(subscribe);
  client.actions.expect_nothing();
}

TEST(ClientDiscovery, ReconnectFindsAgainAndForgetsTheRestAfterAWhile_T12) {
  ClientHarness client;
  client.start();
  client.announce("s1");
  client.announce("s2");
  client.lost();
  client.actions.expect_nothing();
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.announce_quietly("s1");
  client.actions.expect_nothing();
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(10));
  client.advance(seconds(10));
  const auto change = client.actions.next<InstanceChanged>().change;
  EXPECT_EQ(change.kind, Kind::offline);
  EXPECT_EQ(change.instance.server_id, "s2");
  client.actions.expect_nothing();
}

// A transport ends the calls under way before it reports the loss.
TEST(ClientDiscovery, FilterOutlivesALossDuringItsSubscription_T12) {
  ClientHarness client;
  client.connected();
  client.discover(1, "a");
  client.acknowledge(client.actions.next<Subscribe>(), error_of(ErrorKind::connection_lost));
  EXPECT_EQ(client.expect_call_failed(1).kind, ErrorKind::connection_lost);
  client.lost();
  client.connected();
  client.actions.expect_subscribe("$mcp-server/presence/+/a", false);
}

TEST(ClientDiscovery, RefusedFilterIsForgotten) {
  ClientHarness client;
  client.connected();
  client.discover(1, "a");
  client.acknowledge(client.actions.next<Subscribe>(), error_of(ErrorKind::refused, "no", 0x87));
  EXPECT_EQ(client.expect_call_failed(1).kind, ErrorKind::refused);
  EXPECT_TRUE(client.engine.discovery().filters().empty());
  client.lost();
  client.connected();
  client.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
