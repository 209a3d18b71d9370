#include "server_harness.hpp"

// How a session ends: the client leaves, dies, or the connection breaks.
namespace mcp_mqtt::engine::test {
namespace {

class ServerDeparture : public ::testing::Test {
 protected:
  ServerDeparture() {
    server.bring_online();
    server.open_session("c1");
    run = server.start_call("c1", 2);
  }

  static std::string presence() { return "$mcp-client/presence/c1"; }

  void expect_end() {
    EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
    const auto gone = server.actions.next<ClientGone>();
    EXPECT_EQ(gone.client.client_id, "c1");
    EXPECT_EQ(gone.reason.kind, ErrorKind::client_gone);
    server.actions.expect_unsubscribe(ServerHarness::rpc("c1"));
    server.actions.expect_unsubscribe("$mcp-client/capability/c1");
    server.actions.expect_unsubscribe("$mcp-client/presence/c1");
    server.actions.expect_nothing();
    EXPECT_TRUE(server.engine.clients().empty());
    server.finish(run, text_result("late"));
    server.progress(run.call, {1});
    server.send("c1", request_json(3, "ping"));
    server.actions.expect_nothing();
  }

  ServerHarness server;
  RunHandler run;
};

TEST_F(ServerDeparture, DisconnectedOnPresence_T42) {
  server.deliver(
      message_of("c1", presence(),
                 R"({"jsonrpc":"2.0","method":"notifications/disconnected","params":null})"));
  expect_end();
  server.deliver(
      message_of("c1", presence(), R"({"jsonrpc":"2.0","method":"notifications/disconnected"})"));
  server.actions.expect_nothing();  // said twice
}

TEST_F(ServerDeparture, EmptyPresence_T42) {
  server.deliver(message_of("c1", presence(), ""));
  expect_end();
}

TEST_F(ServerDeparture, DisconnectedOnRpc_T41) {
  server.send("c1", notification_json("notifications/disconnected"));
  expect_end();
}

TEST_F(ServerDeparture, OtherPresenceSaysNothing) {
  for (const char* payload :
       {"garbage", "{}", R"({"jsonrpc":"2.0","method":"notifications/x"})",
        R"({"jsonrpc":"2.0","id":1,"method":"notifications/disconnected"})"}) {
    server.deliver(message_of("c1", presence(), payload));
    server.actions.expect_nothing();
  }
  server.deliver(message_of("c2", "$mcp-client/presence/c2", ""));
  server.actions.expect_nothing();
}

TEST_F(ServerDeparture, EndsAProvisionalSessionToo_T42) {
  server.handshake("c2");
  server.deliver(message_of("c2", "$mcp-client/presence/c2", ""));
  server.actions.expect_unsubscribe(ServerHarness::rpc("c2"));
  EXPECT_EQ(server.actions.count<ClientGone>(), 0U);  // it was never there for the host
}

TEST_F(ServerDeparture, ComesBackUnderTheSameId) {
  server.deliver(message_of("c1", presence(), ""));
  server.actions.clear();
  server.open_session("c1");
  server.finish(run, text_result("of the old session"));
  server.actions.expect_nothing();
  const auto again = server.start_call("c1", 2);
  server.finish(again, text_result("new"));
  EXPECT_EQ(server.expect_result("c1", 2)["content"][0]["text"], "new");
}

TEST_F(ServerDeparture, LateSubackOfTheOldSessionDoesNotAnswerTheNewOne_T21) {
  server.send_control("c2", ServerHarness::initialize_body(1));
  const auto old_rpc = server.actions.next<Subscribe>();
  server.actions.clear();
  server.deliver(message_of("c2", "$mcp-client/presence/c2", ""));
  server.actions.clear();
  server.send_control("c2", ServerHarness::initialize_body(2));
  const auto rpc = server.actions.next<Subscribe>();
  server.acknowledge(server.actions.next<Subscribe>());
  server.acknowledge(server.actions.next<Subscribe>());
  server.acknowledge(old_rpc);
  server.actions.expect_nothing();
  server.acknowledge(rpc);
  server.expect_result("c2", 2);
}

TEST_F(ServerDeparture, ConnectionLostEndsEverySession) {
  server.open_session("c2");
  server.handshake("c3");
  server.lost();
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  for (const char* client : {"c1", "c2"}) {
    const auto gone = server.actions.next<ClientGone>();
    EXPECT_EQ(gone.client.client_id, client);
    EXPECT_EQ(gone.reason.kind, ErrorKind::connection_lost);
  }
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.online());
  EXPECT_FALSE(server.engine.next_deadline());
  server.finish(run, text_result("late"));
  server.actions.expect_nothing();
  server.send("c1", request_json(3, "ping"));
  server.actions.expect_nothing();
}

// A transport ends the calls under way before it reports the loss.
TEST_F(ServerDeparture, SubscriptionsThatBreakWithTheConnectionAreNotAnswered_T21) {
  server.send_control("c2", ServerHarness::initialize_body(1));
  const auto rpc = server.actions.next<Subscribe>();
  server.actions.clear();
  server.acknowledge(rpc, error_of(ErrorKind::connection_lost));
  server.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
