#include "server_harness.hpp"

// T20 to T23 on the server's side.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::seconds;

class ServerHandshake : public ::testing::Test {
 protected:
  ServerHandshake() { server.bring_online(); }

  /// The three subscriptions of a session, not acknowledged yet.
  std::vector<Subscribe> expect_subscriptions(const std::string& client) {
    return {server.actions.expect_subscribe(ServerHarness::rpc(client), true),
            server.actions.expect_subscribe("$mcp-client/capability/" + client, false),
            server.actions.expect_subscribe("$mcp-client/presence/" + client, false)};
  }
  void expect_unsubscriptions(const std::string& client) {
    server.actions.expect_unsubscribe(ServerHarness::rpc(client));
    server.actions.expect_unsubscribe("$mcp-client/capability/" + client);
    server.actions.expect_unsubscribe("$mcp-client/presence/" + client);
  }

  ServerHarness server;
};

TEST_F(ServerHandshake, AnswersOnlyAfterAllSubscriptions_T8_T21) {
  server.send_control("c1", ServerHarness::initialize_body("init_1"));
  const auto subscriptions = expect_subscriptions("c1");
  server.acknowledge(subscriptions[2]);
  server.acknowledge(subscriptions[0]);
  server.actions.expect_nothing();
  server.acknowledge(subscriptions[1]);
  const Json result = server.expect_result("c1", "init_1");
  EXPECT_EQ(result["protocolVersion"], "2025-11-25");
  EXPECT_EQ(result["serverInfo"]["name"], "companion");
  EXPECT_TRUE(result["capabilities"].contains("tools"));
  server.actions.expect_nothing();
  EXPECT_TRUE(server.engine.clients().empty());
}

TEST_F(ServerHandshake, InitializedOpensTheSession_T22) {
  server.handshake("c1");
  server.initialized("c1");
  const ClientInfo client = server.actions.next<ClientConnected>().client;
  EXPECT_EQ(client.client_id, "c1");
  EXPECT_EQ(client.implementation.name, "host");
  EXPECT_EQ(client.revision, Revision::v2025_11_25);
  EXPECT_EQ(server.engine.clients().size(), 1U);
  server.initialized("c1");
  server.actions.expect_nothing();
}

TEST_F(ServerHandshake, InitializedBeforeTheAnswerIsIgnored_T22) {
  server.send_control("c1", ServerHarness::initialize_body(1));
  const auto subscriptions = expect_subscriptions("c1");
  server.initialized("c1");
  server.actions.expect_nothing();
  EXPECT_TRUE(server.engine.clients().empty());
}

TEST_F(ServerHandshake, EachRevisionIsEchoedAndAnUnknownOneGetsTheLatest_T23) {
  int number = 0;
  for (const auto* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    const std::string client = "c" + std::to_string(++number);
    EXPECT_EQ(server.handshake(client, 1, version)["result"]["protocolVersion"], version);
  }
  for (const auto* version : {"2026-07-28", "1.0", ""}) {
    const std::string client = "c" + std::to_string(++number);
    EXPECT_EQ(server.handshake(client, 1, version)["result"]["protocolVersion"], "2025-11-25");
  }
}

TEST_F(ServerHandshake, MissingVersionIsInvalidParams_T23) {
  for (const Json& version : {Json(), Json(20251125), Json::array({"2025-11-25"})}) {
    Json body = ServerHarness::initialize_body(4);
    body["params"]["protocolVersion"] = version;
    server.send_control("c1", body);
    const std::string message = server.expect_error("c1", 4, error_code::invalid_params);
    EXPECT_NE(message.find("protocolVersion"), std::string::npos);
    server.actions.expect_nothing();
  }
  server.open_session("c1");  // nothing is left of the attempts
}

TEST_F(ServerHandshake, RefusedSubscriptionIsAnsweredWithAnError_T21) {
  server.send_control("c1", ServerHarness::initialize_body(1));
  const auto subscriptions = expect_subscriptions("c1");
  server.acknowledge(subscriptions[0]);
  server.acknowledge(subscriptions[1], error_of(ErrorKind::refused, "not authorized", 0x87));
  EXPECT_NE(server.expect_error("c1", 1, error_code::internal_error).find("not authorized"),
            std::string::npos);
  expect_unsubscriptions("c1");
  server.acknowledge(subscriptions[2]);
  server.actions.expect_nothing();
  server.open_session("c1");
}

TEST_F(ServerHandshake, ClientIdThatCannotBeUsedIsDropped_T21) {
  for (const char* id : {"", "a/b", "+", "#", "a\nb", "a\xff"}) {
    server.deliver({ServerHarness::control(),
                    ServerHarness::initialize_body(1).dump(),
                    mqtt::Qos::at_least_once,
                    false,
                    {{"MCP-MQTT-CLIENT-ID", id}}});
    server.actions.expect_nothing();
  }
  server.deliver({ServerHarness::control(),
                  ServerHarness::initialize_body(1).dump(),
                  mqtt::Qos::at_least_once,
                  false,
                  {}});
  server.actions.expect_nothing();
}

TEST_F(ServerHandshake, OnlyInitializeBelongsOnTheControlTopic) {
  server.send_control("c1", request_json(1, "tools/list"));
  server.expect_error("c1", 1, error_code::invalid_request);
  server.send_control("c1", notification_json("notifications/initialized"));
  server.send_control("c1", answer_json(1, Json::object()));
  server.send_control("c1", Json::array({ServerHarness::initialize_body(1)}));
  server.actions.expect_nothing();
}

TEST_F(ServerHandshake, GarbageOnTheControlTopicIsAnswered) {
  server.deliver(message_of("c1", ServerHarness::control(), "{"));
  server.expect_error("c1", nullptr, error_code::parse_error);
  server.deliver(message_of("c1", ServerHarness::control(), ""));
  server.expect_error("c1", nullptr, error_code::parse_error);
  server.deliver(message_of("c1", ServerHarness::control(), R"({"jsonrpc":"1.0","id":7})"));
  server.expect_error("c1", 7, error_code::invalid_request);
  server.deliver(message_of("c1", ServerHarness::control(), R"({"id":7,"result":{}})"));
  server.actions.expect_nothing();  // an answer is never answered
}

TEST_F(ServerHandshake, NeverFinishedEndsAtTheTimeout) {
  server.handshake("c1");
  EXPECT_EQ(server.engine.next_deadline(), server.now + seconds(30));
  server.advance(seconds(29));
  server.actions.expect_nothing();
  server.advance(seconds(1));
  expect_unsubscriptions("c1");
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.next_deadline());
}

TEST_F(ServerHandshake, FinishedOutlivesTheTimeout) {
  server.open_session("c1");
  server.advance(seconds(31));
  server.actions.expect_nothing();
  EXPECT_EQ(server.engine.clients().size(), 1U);
}

TEST_F(ServerHandshake, InitializeOnRpcIsRefused_T22) {
  server.handshake("c1");
  server.send("c1", ServerHarness::initialize_body(2));
  server.expect_error("c1", 2, error_code::invalid_request);
}

TEST_F(ServerHandshake, SessionLimitAnswersBusy) {
  ServerConfig config = server_config();
  config.max_sessions = 1;
  ServerHarness small(config);
  small.bring_online();
  small.open_session("c1");
  small.send_control("c2", ServerHarness::initialize_body(9));
  small.expect_error("c2", 9, error_code::server_busy);
  small.actions.expect_nothing();
  small.send_control("c1", ServerHarness::initialize_body(2));  // has its place already
  EXPECT_EQ(small.expect_result("c1", 2)["protocolVersion"], "2025-11-25");
  small.send("c1", notification_json("notifications/disconnected"));
  small.actions.clear();
  small.open_session("c2");
}

TEST_F(ServerHandshake, ForeignTopicsAreIgnored) {
  const std::string body = ServerHarness::initialize_body(1).dump();
  for (const char* topic :
       {"$mcp-server/s2/desk/companion", "$mcp-server/s1/other", "$mcp-server/capability/s1/desk",
        "$mcp-rpc/c9/s1/desk/companion", "$mcp-rpc/c1/s2/desk/companion", "a/b", "",
        "$mcp-server/presence/s1/desk/companion", "$mcp-client/capability/c1"}) {
    server.deliver(message_of("c1", topic, body));
    server.actions.expect_nothing();
  }
}

// --- A second initialize of the same client

TEST_F(ServerHandshake, RepeatedWhileSubscribingAnswersTheLast) {
  server.send_control("c1", ServerHarness::initialize_body(1, "2025-03-26"));
  const auto subscriptions = expect_subscriptions("c1");
  server.send_control("c1", ServerHarness::initialize_body(2, "2025-06-18"));
  server.actions.expect_nothing();
  for (const auto& subscription : subscriptions) server.acknowledge(subscription);
  EXPECT_EQ(server.expect_result("c1", 2)["protocolVersion"], "2025-06-18");
  server.actions.expect_nothing();
}

TEST_F(ServerHandshake, RepeatedWhileProvisionalIsAnsweredAgain) {
  server.handshake("c1", 1, "2025-03-26");
  server.send_control("c1", ServerHarness::initialize_body(2, "2024-11-05"));
  EXPECT_EQ(server.expect_result("c1", 2)["protocolVersion"], "2024-11-05");
  server.initialized("c1");
  EXPECT_EQ(server.actions.next<ClientConnected>().client.revision, Revision::v2024_11_05);
}

TEST_F(ServerHandshake, RepeatedWhileLiveDisturbsNothingUntilInitialized) {
  server.open_session("c1");
  const auto run = server.start_call("c1", 5);
  server.send_control("c1", ServerHarness::initialize_body(2, "2024-11-05"));
  server.expect_result("c1", 2);
  server.actions.expect_nothing();
  server.finish(run, text_result("done"));
  EXPECT_EQ(server.expect_result("c1", 5)["content"][0]["text"], "done");
  EXPECT_EQ(server.engine.clients().at(0).revision, Revision::v2025_11_25);

  const auto stale = server.start_call("c1", 6);
  server.initialized("c1");  // proved on the client's own topic
  EXPECT_EQ(server.actions.next<CancelRun>().call, stale.call);
  EXPECT_EQ(server.actions.next<ClientGone>().client.revision, Revision::v2025_11_25);
  EXPECT_EQ(server.actions.next<ClientConnected>().client.revision, Revision::v2024_11_05);
  EXPECT_EQ(server.engine.clients().at(0).revision, Revision::v2024_11_05);
  server.finish(stale, text_result("late"));
  server.actions.expect_nothing();
  server.start_call("c1", 6);  // ids begin anew
}

TEST_F(ServerHandshake, ClaimOnALiveSessionThatIsNeverProvedPasses) {
  server.open_session("c1");
  server.send_control("c1", ServerHarness::initialize_body(2, "2024-11-05"));
  server.expect_result("c1", 2);
  server.advance(seconds(30));
  server.initialized("c1");  // too late for the proposal
  server.actions.expect_nothing();
  EXPECT_EQ(server.engine.clients().at(0).revision, Revision::v2025_11_25);
}

TEST_F(ServerHandshake, BadInitializeOnALiveSessionLeavesIt) {
  server.open_session("c1");
  server.send_control("c1", request_json(2, "initialize"));
  server.expect_error("c1", 2, error_code::invalid_params);
  server.start_call("c1", 3);
}

TEST(ServerQos, ConcernsTheRpcTopicsAlone) {
  ServerConfig config = server_config();
  config.qos = mqtt::Qos::at_most_once;
  ServerHarness server(config);
  server.bring_online();
  server.send_control("c1", ServerHarness::initialize_body(1));
  while (auto subscribe = server.actions.find<Subscribe>()) {
    EXPECT_EQ(subscribe->subscription.qos,
              subscribe->subscription.filter == ServerHarness::rpc("c1") ? mqtt::Qos::at_most_once
                                                                         : mqtt::Qos::at_least_once)
        << subscribe->subscription.filter;
    server.acknowledge(*subscribe);
  }
  EXPECT_EQ(server.actions.next<Publish>().message.qos, mqtt::Qos::at_most_once);
  server.initialized("c1");
  server.actions.next<ClientConnected>();
  server.add(echo_tool("another"));
  EXPECT_EQ(server.actions.next<Publish>().message.qos, mqtt::Qos::at_least_once);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
