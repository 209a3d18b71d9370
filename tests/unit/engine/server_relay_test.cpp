#include "server_harness.hpp"

// A server whose clients are answered by a backend.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::seconds;

ServerConfig backend_config() {
  ServerConfig config = server_config();
  config.has_backend = true;
  return config;
}

const Json wanted_roots{{"roots", {{"listChanged", true}}}};

Json backend_answer(std::string_view revision = "2025-06-18") {
  return {{"protocolVersion", revision},
          {"capabilities", {{"tools", {{"listChanged", true}}}, {"ours", {{"x", 1}}}}},
          {"serverInfo", {{"name", "behind"}, {"version", "7"}, {"extra", true}}},
          {"instructions", "be kind"}};
}

class ServerRelayed : public ::testing::Test {
 protected:
  ServerRelayed() { server.bring_online(); }

  /// The `initialize` as the backend gets it.
  RunHandler begin(const std::string& client = "c1", const Json& id = "init") {
    server.send_control(client, ServerHarness::initialize_body(id, "2025-11-25", wanted_roots));
    while (auto subscribe = server.actions.find<Subscribe>()) server.acknowledge(*subscribe);
    return server.actions.next<RunHandler>();
  }
  CallNumber open(const std::string& client = "c1") {
    const CallNumber call = begin(client).call;
    server.finish(call, backend_answer());
    server.expect_result(client, "init");
    server.initialized(client);
    EXPECT_EQ(server.actions.next<ClientConnected>().initialize, call);
    return call;
  }
  RunHandler ask(const Json& id, const std::string& method, const Json& params) {
    server.send("c1", request_json(id, method, params));
    return server.actions.next<RunHandler>();
  }

  ServerHarness server{backend_config()};
};

TEST_F(ServerRelayed, TheBackendAnswersInitialize) {
  const RunHandler run = begin();
  EXPECT_EQ(run.method, "initialize");
  EXPECT_EQ(run.params["clientInfo"]["name"], "host");
  EXPECT_EQ(run.params["capabilities"], wanted_roots);
  EXPECT_EQ(run.client.client_id, "c1");
  server.actions.expect_nothing();

  server.finish(run.call, backend_answer());
  EXPECT_EQ(server.expect_result("c1", "init"), backend_answer());
  server.initialized("c1");
  const auto connected = server.actions.next<ClientConnected>();
  EXPECT_EQ(connected.initialize, run.call);
  EXPECT_EQ(connected.client.revision, Revision::v2025_06_18);
  EXPECT_TRUE(connected.client.capabilities.roots);
}

TEST_F(ServerRelayed, ABackendThatRefusesEndsTheSession) {
  server.finish(begin().call, rpc_error(-7, "not today"));
  EXPECT_EQ(server.expect_error("c1", "init", -7), "not today");
  server.actions.next<HandshakeDropped>();
  EXPECT_EQ(server.actions.count<Unsubscribe>(), 3U);
  server.actions.clear();
  EXPECT_EQ(server.engine.session_number("c1"), 0U);
}

TEST_F(ServerRelayed, AnAnswerThatMakesNoSessionIsAnError) {
  for (const Json& bad : {Json(1), Json::object(), Json{{"protocolVersion", "1999-01-01"}}}) {
    server.finish(begin().call, bad);
    server.expect_error("c1", "init", error_code::internal_error);
    server.actions.clear();
  }
}

TEST_F(ServerRelayed, InitializedBeforeTheBackendAnsweredIsIgnored) {
  const RunHandler run = begin();
  server.initialized("c1");
  server.actions.expect_nothing();
  server.finish(run.call, backend_answer());
  server.expect_result("c1", "init");
}

TEST_F(ServerRelayed, ABackendThatIsTooSlowIsAnErrorAndCancelled) {
  const RunHandler run = begin();
  server.advance(seconds(31));
  server.expect_error("c1", "init", error_code::internal_error);
  EXPECT_EQ(server.actions.find<CancelRun>().value().call, run.call);
  EXPECT_EQ(server.actions.find<HandshakeDropped>().value().initialize, run.call);
  server.actions.clear();
  server.finish(run.call, backend_answer());
  server.actions.expect_nothing();
}

TEST_F(ServerRelayed, ASecondInitializeTakesThePlaceOfTheFirst) {
  const RunHandler first = begin();
  server.send_control("c1", ServerHarness::initialize_body("again"));
  EXPECT_EQ(server.actions.next<CancelRun>().call, first.call);
  EXPECT_EQ(server.actions.next<HandshakeDropped>().initialize, first.call);
  const RunHandler second = server.actions.next<RunHandler>();
  server.finish(first.call, backend_answer());
  server.actions.expect_nothing();
  server.finish(second.call, backend_answer());
  server.expect_result("c1", "again");
  server.initialized("c1");
  EXPECT_EQ(server.actions.next<ClientConnected>().initialize, second.call);
}

TEST_F(ServerRelayed, AnInitializeThatIsNeverProvedLeavesTheSessionAlone) {
  open();
  server.send_control("c1", ServerHarness::initialize_body("posing"));
  const RunHandler run = server.actions.next<RunHandler>();
  server.finish(run.call, backend_answer());
  server.expect_result("c1", "posing");
  server.advance(seconds(31));
  EXPECT_EQ(server.actions.next<HandshakeDropped>().initialize, run.call);
  server.actions.expect_nothing();
  EXPECT_NE(server.engine.session_number("c1"), 0U);
}

TEST_F(ServerRelayed, WhatAClientAsksGoesOutAsItCame) {
  open();
  const Json params{{"name", "unheard"}, {"odd", 1}, {"_meta", {{"progressToken", "p"}}}};
  const RunHandler call = ask("x", "tools/call", params);
  EXPECT_EQ(call.method, "tools/call");
  EXPECT_EQ(call.params, params);
  const RunHandler other = ask(2, "vendor/anything", Json::object());
  EXPECT_EQ(other.method, "vendor/anything");
  server.finish(other.call, rpc_error(-1234, "no", Json{{"why", 1}}));
  EXPECT_EQ(server.expect_answer("c1")["error"],
            (Json{{"code", -1234}, {"message", "no"}, {"data", {{"why", 1}}}}));
  server.finish(call.call, Json{{"content", Json::array()}, {"unknown", true}});
  EXPECT_EQ(server.expect_result("c1", "x"), (Json{{"content", Json::array()}, {"unknown", true}}));
}

TEST_F(ServerRelayed, PingIsAnsweredHereAndNothingIsBeforeTheHandshake) {
  begin();
  server.ask_refused("c1", 5, "tools/list", Json::object(), error_code::invalid_request);
  server.ask_server("c1", 6, "ping");
}

TEST_F(ServerRelayed, ACancelledRequestHasNoAnswer) {
  open();
  const RunHandler call = ask(3, "tools/call", {{"name", "slow"}});
  server.send("c1", notification_json("notifications/cancelled", {{"requestId", 3}}));
  EXPECT_EQ(server.actions.next<CancelRun>().call, call.call);
  server.finish(call.call, Json::object());
  server.actions.expect_nothing();
}

TEST_F(ServerRelayed, NotificationsGoOutAsTheyCame) {
  open();
  server.send("c1", notification_json("notifications/roots/list_changed"));
  EXPECT_EQ(server.actions.next<ClientTold>().method, "notifications/roots/list_changed");
  server.deliver(message_of("c1", "$mcp-client/capability/c1",
                            notification_json("notifications/roots/list_changed").dump()));
  EXPECT_EQ(server.actions.next<ClientTold>().method, "notifications/roots/list_changed");
  server.send("c1", notification_json("notifications/vendor", {{"a", 1}}));
  const auto told = server.actions.next<ClientTold>();
  EXPECT_EQ(told.method, "notifications/vendor");
  EXPECT_EQ(told.params, (Json{{"a", 1}}));
  EXPECT_EQ(told.session, server.engine.session_number("c1"));
}

TEST_F(ServerRelayed, WhatABackendTellsTakesTheWayOfItsKind) {
  open();
  const auto session = server.engine.session_number("c1");
  const auto tell = [&](const std::string& method, const Json& params) {
    server.engine.notify(session, method, params, 0);
    server.advance(seconds(0));
    return server.actions.next<Publish>().message;
  };
  EXPECT_EQ(tell("notifications/tools/list_changed", Json::object()).topic,
            ServerHarness::capability());
  EXPECT_EQ(tell("notifications/resources/updated", {{"uri", "a:b"}}).topic,
            ServerHarness::rpc("c1"));
  EXPECT_EQ(tell("notifications/progress", {{"progressToken", 1}, {"progress", 1}}).topic,
            ServerHarness::rpc("c1"));
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
