#include "client_harness.hpp"

// The requests of an open session, and what a server may send.
namespace mcp_mqtt::engine::test {
namespace {

class ClientRequests : public ::testing::Test {
 protected:
  ClientRequests() {
    client.start();
    client.announce("s1");
    session = client.open_session(2, "s1");
  }

  Json sent_request(const std::string& method = "tools/list") {
    return client.actions.expect_method(client.rpc("s1"), method);
  }

  ClientHarness client;
  SessionNumber session = 0;
};

TEST_F(ClientRequests, IdsArePositiveAndParamsAnObject) {
  client.request(session, 10, "tools/list", nullptr);
  const Json first = sent_request();
  EXPECT_EQ(first["id"], 2);  // 1 was initialize
  EXPECT_EQ(first["params"], Json::object());
  client.request(session, 11, "ping", Json{{"a", 1}});
  const Json second = sent_request("ping");
  EXPECT_EQ(second["id"], 3);
  EXPECT_EQ(second["params"], (Json{{"a", 1}}));
}

TEST_F(ClientRequests, ParamsOfAnotherKindAreRefused) {
  for (const bool wants_progress : {false, true}) {
    for (const Json& params :
         {Json::array({1}), Json("text"), Json(1), Json{{"_meta", "no object"}}}) {
      client.request(session, 10, "tools/call", params, {seconds(1), false, {}}, wants_progress);
      EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::invalid_argument) << params;
      client.actions.expect_nothing();
    }
  }
  client.request(session, 11, "tools/call", Json{{"a", "\xff"}});
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::invalid_argument);
  EXPECT_FALSE(client.engine.next_deadline());
}

TEST_F(ClientRequests, AnswersInAnyOrderAndErrorsReachTheirCalls) {
  client.request(session, 10);
  client.request(session, 11);
  client.request(session, 12);
  client.actions.clear();
  client.answer("s1", answer_json(3, "eleven"));
  EXPECT_EQ(client.expect_call_done(11), "eleven");
  client.answer("s1", error_json(2, -32001, "ten", Json{{"why", 1}}));
  const Error error = client.expect_call_failed(10);
  EXPECT_EQ(error.kind, ErrorKind::rpc);
  EXPECT_EQ(error.code, -32001);
  EXPECT_EQ(error.message, "ten");
  EXPECT_EQ(error.data, (Json{{"why", 1}}));
  client.answer("s1", answer_json(4, nullptr));
  EXPECT_EQ(client.expect_call_done(12), Json());
}

TEST_F(ClientRequests, LateDoubleAndForeignAnswersAreDropped) {
  client.request(session, 10);
  client.actions.clear();
  for (const Json& id : {Json("2"), Json(1), Json(3), Json(-2), Json(0), Json(nullptr)}) {
    client.answer("s1", answer_json(id, "foreign"));
  }
  client.deliver(message_of("s1", "$mcp-rpc/other/s1/desk/companion",
                            answer_json(2, "another client's").dump()));
  client.deliver(message_of("s2", "$mcp-rpc/" + client.engine.client_id(0) + "/s2/desk/companion",
                            answer_json(2, "another server's").dump()));
  client.actions.expect_nothing();
  client.answer("s1", answer_json(2, "right"));
  EXPECT_EQ(client.expect_call_done(10), "right");
  client.answer("s1", answer_json(2, "again"));
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, MalformedAnswerEndsItsRequest) {
  client.request(session, 10);
  client.actions.clear();
  client.deliver(message_of("s1", client.rpc("s1"), R"({"id":2,"result":{}})"));
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::protocol_violation);
  client.request(session, 11);
  client.actions.clear();
  for (const char* payload : {"garbage", "", "[]", "{}"}) {
    client.deliver(message_of("s1", client.rpc("s1"), payload));
  }
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, BatchOutsideIts2025_03_26EndsTheCallsThatItAnswers) {
  client.request(session, 10);
  client.request(session, 11);
  client.actions.clear();
  client.answer("s1", Json::array({answer_json(3, "b"), Json(7), request_json("p", "ping"),
                                   error_json(2, -32000, "a")}));
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::protocol_violation);
  EXPECT_EQ(client.expect_answer("s1", "p")["error"]["code"], error_code::invalid_request);
  const Error error = client.expect_call_failed(10);
  EXPECT_EQ(error.kind, ErrorKind::protocol_violation);
  EXPECT_EQ(error.message, "a batch, which revision 2025-11-25 does not have");
  client.actions.expect_nothing();
}

TEST(ClientBatches, AreReadAndAnsweredAsOneIn2025_03_26) {
  ClientHarness client;
  client.start();
  client.announce("s1");
  const auto session = client.open_session(2, "s1", ClientHarness::initialize_result("2025-03-26"));
  client.request(session, 10);
  client.request(session, 11);
  client.actions.clear();
  client.answer("s1", Json::array({answer_json(3, "b"), Json(7), request_json("p", "ping"),
                                   answer_json(2, "a"), request_json(5, "no/such/method")}));
  EXPECT_EQ(client.expect_call_done(11), "b");
  EXPECT_EQ(client.expect_call_done(10), "a");
  const Json answers =
      ActionQueue<ClientAction>::body(client.actions.expect_publish(client.rpc("s1")));
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0], answer_json("p", Json::object()));
  EXPECT_EQ(answers[1]["error"]["code"], error_code::method_not_found);
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, TimeoutNamesTheRequestAndTellsTheServer_T45) {
  client.request(session, 10, "tools/call", Json::object(), {seconds(5), false, {}});
  client.actions.clear();
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(5));
  client.advance(milliseconds(4'999));
  client.actions.expect_nothing();
  client.advance(milliseconds(1));
  const Json cancelled = client.actions.expect_method(client.rpc("s1"), "notifications/cancelled");
  EXPECT_EQ(cancelled["params"]["requestId"], 2);
  const Error error = client.expect_call_failed(10);
  EXPECT_EQ(error.kind, ErrorKind::timeout);
  EXPECT_EQ(error.message, "tools/call: no answer from desk/companion (s1) within 5 s");
  client.answer("s1", answer_json(2, "late"));
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, TimeoutBeyondTheClockMeansNever) {
  client.request(session, 10, "tools/call", Json::object(),
                 {Duration::max(), true, Duration::max()});
  client.actions.clear();
  client.advance(std::chrono::hours(24 * 365));
  client.actions.expect_nothing();
  client.answer("s1", answer_json(2, "at last"));
  client.expect_call_done(10);
}

TEST_F(ClientRequests, CancelTellsTheServer) {
  client.request(session, 10);
  client.actions.clear();
  client.cancel(10, "the user closed the window");
  const Json cancelled = client.actions.expect_method(client.rpc("s1"), "notifications/cancelled");
  EXPECT_EQ(cancelled["params"],
            (Json{{"requestId", 2}, {"reason", "the user closed the window"}}));
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::cancelled);
  client.cancel(10);
  client.cancel(999);
  client.answer("s1", answer_json(2, "late"));
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, PublishFailureEndsTheCall) {
  client.request(session, 10);
  client.acknowledge(client.actions.next<Publish>(), error_of(ErrorKind::too_large, "4 MB"));
  const Error error = client.expect_call_failed(10);
  EXPECT_EQ(error.kind, ErrorKind::too_large);
  EXPECT_EQ(error.message, "4 MB");
  client.answer("s1", answer_json(2, "impossible"));
  client.actions.expect_nothing();
  client.request(session, 11);
  const auto sent = client.actions.next<Publish>();
  client.answer("s1", answer_json(3, "quick"));
  client.expect_call_done(11);
  client.acknowledge(sent, error_of(ErrorKind::connection_lost));  // the PUBACK was lost
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, TooManyAtOnceAreBusy) {
  ClientConfig config = client_config();
  config.max_requests_per_session = 2;
  ClientHarness small(config);
  small.start();
  small.announce("s1");
  const auto number = small.open_session(2, "s1");
  small.request(number, 10);
  small.request(number, 11);
  small.actions.clear();
  small.request(number, 12);
  EXPECT_EQ(small.expect_call_failed(12).kind, ErrorKind::busy);
  small.actions.expect_nothing();
  small.answer("s1", answer_json(2, nullptr));
  small.expect_call_done(10);
  small.request(number, 13);
  small.actions.next<Publish>();
}

// --- Progress

TEST_F(ClientRequests, ProgressReachesItsCall) {
  client.request(session, 10, "tools/call", Json{{"_meta", {{"mine", 1}}}}, {seconds(5), false, {}},
                 true);
  const Json sent = sent_request("tools/call");
  EXPECT_EQ(sent["params"]["_meta"], (Json{{"mine", 1}, {"progressToken", 2}}));
  const Json params{{"progressToken", 2}, {"progress", 3}, {"total", 10}, {"message", "half"}};
  client.answer("s1", notification_json("notifications/progress", params));
  const auto progressed = client.actions.next<CallProgressed>();
  EXPECT_EQ(progressed.call, 10U);
  EXPECT_EQ(progressed.progress.progress, 3);
  EXPECT_EQ(progressed.progress.total, 10);
  EXPECT_EQ(progressed.progress.message, "half");
  for (const Json& bad :
       {Json::object(), Json{{"progressToken", 2}}, Json{{"progressToken", "2"}, {"progress", 1}},
        Json{{"progressToken", 3}, {"progress", 1}}, Json{{"progressToken", 2}, {"progress", "1"}},
        Json{{"progressToken", nullptr}, {"progress", 1}}}) {
    client.answer("s1", notification_json("notifications/progress", bad));
    client.actions.expect_nothing();
  }
}

TEST_F(ClientRequests, ProgressNobodyAskedForIsDropped) {
  client.request(session, 10);
  EXPECT_FALSE(sent_request()["params"].contains("_meta"));
  client.answer(
      "s1", notification_json("notifications/progress", {{"progressToken", 2}, {"progress", 1}}));
  client.actions.expect_nothing();
}

TEST_F(ClientRequests, ProgressStartsTheTimeoutAgainUpToTheTotal) {
  client.request(session, 10, "tools/call", nullptr, {seconds(5), true, seconds(12)}, true);
  client.actions.clear();
  const Json progress =
      notification_json("notifications/progress", {{"progressToken", 2}, {"progress", 1}});
  for (const int step : {4, 4}) {
    client.advance(seconds(step));
    client.answer("s1", progress);
    client.actions.next<CallProgressed>();
  }
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(4));  // 12 in total
  client.advance(seconds(4));
  client.actions.expect_method(client.rpc("s1"), "notifications/cancelled");
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::timeout);
}

TEST_F(ClientRequests, ProgressAloneDoesNotExtendTheTimeout) {
  client.request(session, 10, "tools/call", nullptr, {seconds(5), false, {}}, true);
  client.actions.clear();
  client.advance(seconds(4));
  client.answer(
      "s1", notification_json("notifications/progress", {{"progressToken", 2}, {"progress", 1}}));
  client.actions.clear();
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(1));
}

// --- What a server asks

TEST_F(ClientRequests, PingOfTheServerIsAnswered_T44) {
  client.answer("s1", request_json("srv-1", "ping"));
  const auto answer = client.actions.expect_publish(client.rpc("s1"));
  EXPECT_EQ(ActionQueue<ClientAction>::body(answer),
            (Json{{"jsonrpc", "2.0"}, {"id", "srv-1"}, {"result", Json::object()}}));
  EXPECT_EQ(property(answer.message.user_properties, "MCP-MQTT-CLIENT-ID"),
            client.engine.client_id(0));
}

TEST_F(ClientRequests, PingOfTheClientIsARequest_T44) {
  client.request(session, 10, "ping");
  sent_request("ping");
  client.answer("s1", answer_json(2, Json{{"pong", true}}));
  client.expect_call_done(10);
}

TEST_F(ClientRequests, UnknownServerRequestIsRefused) {
  client.answer("s1", request_json(7, std::string(99, 'x') + "\xc3\xa9"));
  const Json answer =
      ActionQueue<ClientAction>::body(client.actions.expect_publish(client.rpc("s1")));
  EXPECT_EQ(answer["id"], 7);
  EXPECT_EQ(answer["error"]["code"], error_code::method_not_found);
}

TEST_F(ClientRequests, OtherTopicsAndNotificationsAreIgnored) {
  client.answer("s1", notification_json("notifications/no/such"));
  client.answer("s1", notification_json("notifications/tasks/status", {{"taskId", 1}}));
  client.answer("s1", notification_json("notifications/elicitation/complete"));
  client.answer("s1", notification_json("notifications/resources/updated"));
  client.answer("s1", notification_json("notifications/cancelled", {{"requestId", 99}}));
  client.deliver(message_of("s1", ClientHarness::control("s1"), "{}"));
  client.deliver(message_of("s1", "$mcp-client/presence/x", ""));
  client.deliver(message_of("s1", "a/b/c", ""));
  client.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
