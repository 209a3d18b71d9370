#include "server_harness.hpp"

// A server that goes without harm: no new sessions, answers for what runs, then goodbye.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Duration quiet = server_config().drain_quiet;

class ServerDrain : public ::testing::Test {
 protected:
  ServerDrain() {
    server.bring_online();
    server.open_session("c1");
  }

  /// The presence is withdrawn, and the broker took that.
  void start_draining(Duration timeout = seconds(30)) {
    server.drain(timeout);
    const auto clear = expect_withdrawal();
    server.actions.expect_nothing();
    server.acknowledge(clear);
  }
  Publish expect_withdrawal() {
    auto clear = server.actions.expect_publish(ServerHarness::presence());
    EXPECT_TRUE(clear.message.payload.empty());
    EXPECT_TRUE(clear.message.retain);
    EXPECT_EQ(property(clear.message.user_properties, "MCP-DRAINING"), "true");
    EXPECT_EQ(property(clear.message.user_properties, "MCP-MQTT-CLIENT-ID"), "s1");
    return clear;
  }
  void expect_goodbye(const std::string& client) {
    EXPECT_EQ(server.actions.next<ClientGone>().client.client_id, client);
    server.actions.expect_method(ServerHarness::rpc(client), "notifications/disconnected");
    server.actions.expect_unsubscribe(ServerHarness::rpc(client));
    server.actions.expect_unsubscribe("$mcp-client/capability/" + client);
    server.actions.expect_unsubscribe("$mcp-client/presence/" + client);
  }
  void expect_left() {
    server.actions.next<ServerLeft>();
    server.actions.expect_nothing();
    EXPECT_FALSE(server.engine.next_deadline());
    EXPECT_TRUE(server.engine.clients().empty());
  }

  ServerHarness server;
};

TEST_F(ServerDrain, WithdrawsThePresenceAnswersThenSaysGoodbye) {
  const RunHandler run = server.start_call("c1", 2);
  start_draining();
  server.actions.expect_nothing();
  server.advance(seconds(10));
  server.actions.expect_nothing();
  server.finish(run, text_result("done"));
  EXPECT_EQ(server.expect_result("c1", 2)["content"][0]["text"], "done");
  server.actions.expect_nothing();
  server.advance(quiet - milliseconds(1));
  server.actions.expect_nothing();
  server.advance(milliseconds(1));
  expect_goodbye("c1");
  expect_left();
}

TEST_F(ServerDrain, AnIdleSessionEndsAfterAQuietMoment) {
  server.now += seconds(100);
  start_draining();
  server.actions.expect_nothing();  // a request may be on its way
  server.advance(quiet);
  expect_goodbye("c1");
  expect_left();
}

TEST_F(ServerDrain, ARequestThatWasOnItsWayIsAnswered) {
  start_draining();
  server.advance(quiet - milliseconds(1));
  const RunHandler run = server.start_call("c1", 2);
  server.advance(seconds(5));
  server.actions.expect_nothing();
  server.finish(run, text_result("done"));
  server.expect_result("c1", 2);
  server.advance(quiet);
  expect_goodbye("c1");
  expect_left();
}

TEST_F(ServerDrain, AClientThatLeavesByItselfIsNotWaitedFor) {
  server.open_session("c2");
  start_draining();
  server.send("c2", notification_json("notifications/disconnected"));
  server.actions.next<ClientGone>();
  server.actions.clear();
  server.deliver(message_of("c1", "$mcp-client/presence/c1", ""));
  EXPECT_EQ(server.actions.next<ClientGone>().client.client_id, "c1");
  for (int i = 0; i < 3; ++i) server.actions.next<Unsubscribe>();
  expect_left();
}

TEST_F(ServerDrain, InitializeIsRefusedAsBusy) {
  const RunHandler run = server.start_call("c1", 2);
  start_draining();
  server.send_control("c2", ServerHarness::initialize_body(7));
  const std::string message = server.expect_error("c2", 7, error_code::server_busy);
  EXPECT_NE(message.find("drained"), std::string::npos);
  server.send_control("c1", ServerHarness::initialize_body(8));
  server.expect_error("c1", 8, error_code::server_busy);
  server.actions.expect_nothing();
  server.finish(run, text_result("done"));  // the session in use is not harmed
  server.expect_result("c1", 2);
}

TEST_F(ServerDrain, WhatTakesLongerThanTheTimeoutIsCancelled) {
  server.open_session("c2");
  const RunHandler quick = server.start_call("c1", 2);
  const RunHandler endless = server.start_call("c2", 2);
  start_draining(seconds(30));
  server.finish(quick, text_result("done"));
  server.expect_result("c1", 2);
  server.advance(quiet);
  expect_goodbye("c1");
  server.actions.expect_nothing();
  server.advance(seconds(30) - quiet - seconds(1));
  server.actions.expect_nothing();
  server.advance(seconds(1));
  EXPECT_EQ(server.actions.next<CancelRun>().call, endless.call);
  expect_goodbye("c2");
  expect_left();
  server.finish(endless, text_result("late"));
  server.actions.expect_nothing();
}

TEST_F(ServerDrain, AQuestionToTheClientIsWaitedFor) {
  server.open_session("c2", "2025-11-25", Json{{"roots", Json::object()}});
  const CallToken call = server.ask("c2", "roots/list");
  const Json asked = server.expect_answer("c2");
  start_draining();
  server.advance(quiet);
  expect_goodbye("c1");
  server.actions.expect_nothing();
  server.send("c2", answer_json(asked.at("id"), {{"roots", Json::array()}}));
  EXPECT_TRUE(server.expect_outcome(call));
  server.advance(quiet);
  expect_goodbye("c2");
  expect_left();
}

TEST_F(ServerDrain, ChangesAndLogsAreStillTold) {
  const RunHandler run = server.start_call("c1", 2);
  start_draining();
  server.log("c1", {LoggingLevel::error, "", "text"});
  server.expect_notice("c1", "notifications/message");
  server.add(echo_tool("more"));
  server.actions.expect_method(ServerHarness::capability(), "notifications/tools/list_changed");
  server.progress(run.call, {1});
  server.actions.expect_nothing();
}

TEST_F(ServerDrain, WithoutAnAnswerOfTheBrokerItEndsAtTheTimeout) {
  server.drain(seconds(30));
  const auto clear = expect_withdrawal();
  server.advance(seconds(30));
  expect_goodbye("c1");
  server.actions.expect_nothing();  // who carries this out gives the broker its time
  server.acknowledge(clear);
  expect_left();
}

TEST_F(ServerDrain, WithoutSessionsItLeavesOnceThePresenceIsGone) {
  ServerHarness empty;
  empty.bring_online();
  empty.drain(seconds(30));
  const auto clear = empty.actions.next<Publish>();
  empty.actions.expect_nothing();
  empty.acknowledge(clear, error_of(ErrorKind::refused, "no", 0x87));  // nothing better to do
  empty.actions.next<ServerLeft>();
  empty.actions.expect_nothing();
}

TEST_F(ServerDrain, WithoutPresenceItLeavesAtOnce) {
  ServerHarness offline;
  offline.drain(seconds(30));
  offline.actions.next<ServerLeft>();
  server.lost();
  server.actions.clear();
  server.drain(seconds(30));
  expect_left();
}

TEST_F(ServerDrain, LeaveCutsItShort) {
  const RunHandler run = server.start_call("c1", 2);
  start_draining();
  server.leave();
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  expect_goodbye("c1");
  expect_left();
  server.leave();
  server.drain(seconds(1));
  server.actions.expect_nothing();
}

TEST_F(ServerDrain, LeaveWhileThePresenceIsBeingWithdrawnWaitsForThat) {
  server.drain(seconds(30));
  const auto clear = expect_withdrawal();
  server.leave();
  expect_goodbye("c1");
  server.actions.expect_nothing();
  server.acknowledge(clear);
  expect_left();
}

TEST_F(ServerDrain, ALossEndsItAndItDoesNotComeBack) {
  const RunHandler run = server.start_call("c1", 2);
  start_draining();
  server.lost();
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  EXPECT_EQ(server.actions.next<ClientGone>().reason.kind, ErrorKind::connection_lost);
  expect_left();
  server.connected();
  server.actions.expect_nothing();
}

TEST_F(ServerDrain, ALossWhileThePresenceIsBeingWithdrawnEndsItOnce) {
  server.drain(seconds(30));
  server.acknowledge(expect_withdrawal(), error_of(ErrorKind::connection_lost));
  server.actions.expect_nothing();
  server.lost();
  server.actions.next<ClientGone>();
  expect_left();
}

TEST_F(ServerDrain, AProvisionalSessionIsNotWaitedForLong) {
  server.handshake("c2");
  start_draining();
  server.advance(quiet);
  expect_goodbye("c1");
  server.actions.expect_method(ServerHarness::rpc("c2"), "notifications/disconnected");
  for (int i = 0; i < 3; ++i) server.actions.next<Unsubscribe>();
  expect_left();
}

// After leave() a loss and a new connection must not bring the server back.
TEST(ServerLeave, IsFinal) {
  ServerHarness server;
  server.bring_online();
  server.leave();
  server.actions.next<Publish>();
  server.lost();
  server.actions.next<ServerLeft>();
  server.connected();
  server.actions.expect_nothing();
  server.advance(std::chrono::hours(1));
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.online());
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
