#include "server_harness.hpp"

// Requests of the server to its client: roots, sampling, elicitation, ping.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::seconds;

const Json everything = Json::parse(R"({"roots":{},"sampling":{"tools":{},"context":{}},
  "elicitation":{"form":{},"url":{}},
  "tasks":{"list":{},"cancel":{},"requests":{"sampling":{"createMessage":{}},
                                             "elicitation":{"create":{}}}}})");

class ServerAsks : public ::testing::Test {
 protected:
  ServerAsks() {
    server.bring_online();
    server.open_session("c1", "2025-11-25", everything);
  }
  /// The request as the client hears it; its id.
  Json expect_request(const std::string& method, const std::string& client = "c1") {
    const Json sent = server.actions.expect_method(ServerHarness::rpc(client), method);
    EXPECT_TRUE(sent.contains("id")) << sent;
    return sent.value("id", Json());
  }
  void expect_cancelled(const Json& id, const std::string& client = "c1") {
    EXPECT_EQ(server.expect_notice(client, "notifications/cancelled").value("requestId", Json()),
              id);
  }

  ServerHarness server;
};

TEST_F(ServerAsks, TheAnswerIsTheOutcome) {
  const auto call = server.ask("c1", "roots/list");
  const auto publish = server.actions.expect_publish(ServerHarness::rpc("c1"));
  EXPECT_EQ(ActionQueue<ServerAction>::body(publish), request_json(1, "roots/list"));
  server.acknowledge(publish);
  server.actions.expect_nothing();
  server.send("c1", answer_json(1, {{"roots", Json::array()}}));
  EXPECT_EQ(server.expect_outcome(call).value(), (Json{{"roots", Json::array()}}));
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.next_deadline());
}

TEST_F(ServerAsks, AnErrorIsTheOutcome) {
  const auto call = server.ask("c1", "sampling/createMessage", {{"maxTokens", 5}});
  const Json id = expect_request("sampling/createMessage");
  server.send("c1", error_json(id, -1, "the user said no", {{"why", "x"}}));
  const auto outcome = server.expect_outcome(call);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::rpc);
  EXPECT_EQ(outcome.error().code, -1);
  EXPECT_EQ(outcome.error().message, "the user said no");
  EXPECT_EQ(outcome.error().data, (Json{{"why", "x"}}));
}

TEST_F(ServerAsks, AnswersFindTheirRequests) {
  const auto first = server.ask("c1", "ping");
  const auto second = server.ask("c1", "ping");
  const Json first_id = expect_request("ping");
  const Json second_id = expect_request("ping");
  EXPECT_NE(first_id, second_id);
  server.send("c1", answer_json(second_id, {{"pong", true}}));
  EXPECT_EQ(server.expect_outcome(second).value(), (Json{{"pong", true}}));
  server.send("c1", answer_json(first_id, Json::object()));
  EXPECT_TRUE(server.expect_outcome(first));
}

TEST_F(ServerAsks, LateUnknownAndForeignAnswersAreDropped) {
  const auto call = server.ask("c1", "ping");
  const Json id = expect_request("ping");
  server.open_session("c2");
  for (const Json& body :
       {answer_json(77, Json::object()),
        answer_json(to_string(RequestId(id.get<std::int64_t>())), 1), answer_json(-1, 1),
        error_json(78, -1, "x"), error_json(nullptr, -32700, "cannot read")}) {
    server.send("c1", body);
    server.actions.expect_nothing();
  }
  server.send("c2", answer_json(id, Json::object()));  // not asked
  server.actions.expect_nothing();
  server.send("c1", answer_json(id, Json::object()));
  EXPECT_TRUE(server.expect_outcome(call));
  server.send("c1", answer_json(id, Json::object()));
  server.actions.expect_nothing();
}

TEST_F(ServerAsks, MalformedAnswersEndTheirCall) {
  for (Json body : {Json{{"jsonrpc", "2.0"}, {"result", 1}, {"error", Json::object()}},
                    Json{{"jsonrpc", "2.0"}, {"error", "no"}},
                    Json{{"jsonrpc", "2.0"}, {"error", {{"code", "x"}, {"message", "y"}}}},
                    Json{{"result", Json::object()}}}) {
    const auto call = server.ask("c1", "ping");
    body["id"] = expect_request("ping");
    server.send("c1", body);
    EXPECT_EQ(server.expect_failure(call), ErrorKind::protocol_violation) << body;
    server.actions.expect_nothing();
  }
}

// --- Time

TEST_F(ServerAsks, TimeoutEndsItAndTellsTheClient) {
  const auto call = server.ask("c1", "roots/list", Json::object(), 0, within(seconds(5)));
  const Json id = expect_request("roots/list");
  EXPECT_EQ(server.engine.next_deadline(), server.now + seconds(5));
  server.advance(seconds(5) - std::chrono::nanoseconds(1));
  server.actions.expect_nothing();
  server.advance(std::chrono::nanoseconds(1));
  expect_cancelled(id);
  EXPECT_EQ(server.expect_failure(call, "roots/list"), ErrorKind::timeout);
  EXPECT_FALSE(server.engine.next_deadline());
  server.send("c1", answer_json(id, Json::object()));
  server.actions.expect_nothing();
}

TEST_F(ServerAsks, ProgressIsPassedOn) {
  const auto call = server.ask("c1", "ping", Json::object(), 0, within(seconds(5)), true);
  const Json sent = server.actions.expect_method(ServerHarness::rpc("c1"), "ping");
  const Json token = sent["params"]["_meta"]["progressToken"];
  EXPECT_EQ(token, sent["id"]);
  server.send("c1", notification_json("notifications/progress", {{"progressToken", token},
                                                                 {"progress", 1},
                                                                 {"total", 4},
                                                                 {"message", "thinking"}}));
  const auto told = server.actions.next<CallProgressed>();
  EXPECT_EQ(told.call, call);
  EXPECT_EQ(told.progress.progress, 1.0);
  EXPECT_EQ(told.progress.total, 4.0);
  EXPECT_EQ(told.progress.message, "thinking");
  for (const Json& params : {Json::object(), Json{{"progressToken", token}},
                             Json{{"progressToken", 99}, {"progress", 2}},
                             Json{{"progressToken", to_string(RequestId(1))}, {"progress", 2}},
                             Json{{"progressToken", token}, {"progress", "2"}}}) {
    server.send("c1", notification_json("notifications/progress", params));
    server.actions.expect_nothing();
  }
  server.advance(seconds(5));  // without reset_on_progress it does not matter
  expect_cancelled(sent["id"]);
  EXPECT_EQ(server.expect_failure(call), ErrorKind::timeout);
}

TEST_F(ServerAsks, ProgressStartsTheTimeoutAgainUpToTheCap) {
  const auto call =
      server.ask("c1", "ping", Json::object(), 0, {seconds(5), true, seconds(12)}, true);
  const Json id = expect_request("ping");
  int progress = 0;
  for (const int passed : {4, 8}) {
    server.advance(seconds(4));
    server.actions.expect_nothing();
    server.send("c1", notification_json("notifications/progress",
                                        {{"progressToken", id}, {"progress", ++progress}}));
    server.actions.next<CallProgressed>();
    EXPECT_EQ(server.engine.next_deadline(), server.now + seconds(passed == 4 ? 5 : 4));
  }
  server.advance(seconds(4));
  expect_cancelled(id);
  EXPECT_EQ(server.expect_failure(call), ErrorKind::timeout);
}

// --- Cancellation

TEST_F(ServerAsks, CancelEndsItAndTellsTheClient) {
  const auto call = server.ask("c1", "ping");
  const Json id = expect_request("ping");
  server.cancel_ask("c1", call, "no longer needed");
  const Json params = server.expect_notice("c1", "notifications/cancelled");
  EXPECT_EQ(params, (Json{{"requestId", id}, {"reason", "no longer needed"}}));
  EXPECT_EQ(server.expect_failure(call), ErrorKind::cancelled);
  server.cancel_ask("c1", call);
  server.send("c1", answer_json(id, Json::object()));
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.next_deadline());
}

TEST_F(ServerAsks, CancelOfAnUnknownCallIsIgnored) {
  server.cancel_ask("c1", 99);
  server.cancel_ask("nobody", 99);
  server.actions.expect_nothing();
}

// --- What cannot be sent

TEST_F(ServerAsks, ARefusedPublishIsTheOutcome) {
  const auto call = server.ask("c1", "ping");
  const auto publish = server.actions.expect_publish(ServerHarness::rpc("c1"));
  server.acknowledge(publish, error_of(ErrorKind::too_large, "beyond the broker's limit"));
  EXPECT_EQ(server.expect_failure(call, "broker"), ErrorKind::too_large);
  EXPECT_FALSE(server.engine.next_deadline());
  server.actions.expect_nothing();
}

TEST_F(ServerAsks, APublishThatFailsAfterTheEndChangesNothing) {
  const auto call = server.ask("c1", "ping");
  const auto publish = server.actions.expect_publish(ServerHarness::rpc("c1"));
  server.cancel_ask("c1", call);
  server.actions.clear();
  server.acknowledge(publish, error_of(ErrorKind::refused));
  server.actions.expect_nothing();
}

TEST_F(ServerAsks, BeyondTheLimitsOfMessages) {
  ServerConfig config = server_config();
  config.message_limits.max_bytes = 1'000;
  ServerHarness small(config);
  small.bring_online();
  small.open_session("c1", "2025-11-25", everything);
  const auto large =
      small.ask("c1", "sampling/createMessage", {{"systemPrompt", std::string(2'000, 'x')}});
  EXPECT_EQ(small.expect_failure(large), ErrorKind::too_large);
  const auto text = small.ask("c1", "sampling/createMessage", {{"systemPrompt", "\xff"}});
  EXPECT_EQ(small.expect_failure(text), ErrorKind::invalid_argument);
  small.actions.expect_nothing();
  EXPECT_FALSE(small.engine.next_deadline());
}

TEST_F(ServerAsks, ParamsMustBeAnObjectAndSoMustMeta) {
  for (const Json& params : {Json(7), Json::array(), Json{{"_meta", 7}}, Json{{"_meta", "x"}}}) {
    const auto call = server.ask("c1", "ping", params, 0, within(seconds(5)), true);
    EXPECT_EQ(server.expect_failure(call), ErrorKind::invalid_argument) << params;
  }
  const auto call = server.ask("c1", "ping", nullptr);
  expect_request("ping");
  server.cancel_ask("c1", call);
}

TEST_F(ServerAsks, TooManyAreBusy) {
  ServerConfig config = server_config();
  config.max_asks_per_session = 2;
  ServerHarness small(config);
  small.bring_online();
  small.open_session("c1");
  const auto first = small.ask("c1", "ping");
  small.ask("c1", "ping");
  EXPECT_EQ(small.actions.count<Publish>(), 2U);
  small.actions.clear();
  EXPECT_EQ(small.expect_failure(small.ask("c1", "ping"), "2"), ErrorKind::busy);
  small.send("c1", answer_json(1, Json::object()));
  EXPECT_TRUE(small.expect_outcome(first));
  small.ask("c1", "ping");
  small.actions.expect_publish(ServerHarness::rpc("c1"));
}

// --- Gates

TEST_F(ServerAsks, WhatTheClientCannotDoIsNotSent) {
  server.open_session("c2", "2024-11-05", everything);
  EXPECT_EQ(server.expect_failure(server.ask("c2", "elicitation/create"), "2024-11-05"),
            ErrorKind::unsupported);
  server.open_session("c3");
  EXPECT_EQ(server.expect_failure(server.ask("c3", "roots/list"), "'roots'"),
            ErrorKind::unsupported);
  server.actions.expect_nothing();
  EXPECT_FALSE(server.engine.next_deadline());
}

// --- The end of the session

TEST_F(ServerAsks, WithoutASessionTheClientIsGone) {
  EXPECT_EQ(server.expect_failure(server.ask("nobody", "ping")), ErrorKind::client_gone);
  server.handshake("c2");  // provisional
  EXPECT_EQ(server.expect_failure(server.ask("c2", "ping")), ErrorKind::client_gone);
  server.actions.expect_nothing();
}

class ServerAsksEnd : public ServerAsks {
 protected:
  ServerAsksEnd() {
    for (CallToken& call : calls) call = server.ask("c1", "ping");
    server.actions.clear();
  }
  void expect_all_gone(ErrorKind kind) {
    for (const CallToken call : calls) EXPECT_EQ(server.expect_failure(call), kind);
    EXPECT_EQ(server.actions.next<ClientGone>().client.client_id, "c1");
    server.actions.clear();
    server.advance(std::chrono::hours(1));
    server.actions.expect_nothing();
    EXPECT_FALSE(server.engine.next_deadline());
  }
  CallToken calls[3];
};

TEST_F(ServerAsksEnd, ByTheClient_T41) {
  server.send("c1", notification_json("notifications/disconnected"));
  expect_all_gone(ErrorKind::client_gone);
}

TEST_F(ServerAsksEnd, ByTheClientsWill_T42) {
  server.deliver(message_of("c1", "$mcp-client/presence/c1",
                            notification_json("notifications/disconnected").dump()));
  expect_all_gone(ErrorKind::client_gone);
}

TEST_F(ServerAsksEnd, ByTheServer_T41) {
  server.engine.disconnect(server.engine.session_number("c1"));
  server.actions.add(server.engine.take_actions());
  expect_all_gone(ErrorKind::stopped);
}

TEST_F(ServerAsksEnd, ByTheConnection) {
  server.lost();
  expect_all_gone(ErrorKind::connection_lost);
}

TEST_F(ServerAsksEnd, ByASecondInitialization) {
  server.handshake("c1", 9, "2025-11-25", everything);
  server.initialized("c1");
  for (const CallToken call : calls) {
    EXPECT_EQ(server.expect_failure(call), ErrorKind::client_gone);
  }
  server.actions.next<ClientGone>();
  server.actions.next<ClientConnected>();
  server.send("c1", answer_json(1, Json::object()));  // for the session before
  server.actions.expect_nothing();
  server.ask("c1", "ping");
  EXPECT_EQ(expect_request("ping"), 4);  // ids are not used again
}

// --- What clients tell

TEST_F(ServerAsks, RootsChangedIsHeardOnBothTopics_T40) {
  const Json body = notification_json("notifications/roots/list_changed");
  server.send("c1", body);
  EXPECT_EQ(server.actions.next<ClientRootsChanged>().client.client_id, "c1");
  server.deliver(message_of("c1", "$mcp-client/capability/c1", body.dump()));
  EXPECT_EQ(server.actions.next<ClientRootsChanged>().client.client_id, "c1");
  server.deliver(message_of("evil", "$mcp-client/capability/c1", body.dump()));
  server.handshake("c2");
  server.send("c2", body);
  server.deliver(message_of("c2", "$mcp-client/capability/c2", body.dump()));
  server.actions.expect_nothing();
}

TEST_F(ServerAsks, TheStatusOfAClientsTaskIsHeard) {
  server.send("c1", notification_json("notifications/tasks/status",
                                      {{"taskId", "t1"}, {"status", "input_required"}}));
  const auto told = server.actions.next<ClientTaskStatus>();
  EXPECT_EQ(told.task.task_id, "t1");
  EXPECT_EQ(told.task.status, TaskStatus::input_required);
  server.send("c1", notification_json("notifications/tasks/status", {{"taskId", "t1"}}));
  server.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
