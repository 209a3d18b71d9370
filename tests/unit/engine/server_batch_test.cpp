#include "server_harness.hpp"

// JSON-RPC batches, which belong to revision 2025-03-26 alone.
namespace mcp_mqtt::engine::test {
namespace {

class ServerBatch : public ::testing::Test {
 protected:
  ServerBatch() {
    server.bring_online();
    server.open_session("c1", "2025-03-26");
  }
  ServerHarness server;
};

TEST_F(ServerBatch, OtherRevisionsRefuseIt) {
  int number = 1;
  for (const char* revision : {"2024-11-05", "2025-06-18", "2025-11-25"}) {
    const std::string client = "c" + std::to_string(++number);
    server.open_session(client, revision);
    server.send(client, Json::array({request_json(2, "ping")}));
    server.expect_error(client, nullptr, error_code::invalid_request);
    server.actions.expect_nothing();
  }
  server.handshake("c9", 1, "2025-03-26");  // not before initialized
  server.send("c9", Json::array({request_json(2, "ping")}));
  server.expect_error("c9", nullptr, error_code::invalid_request);
}

TEST_F(ServerBatch, MixedIsAnsweredAsOneArrayAfterTheLastRun) {
  server.send("c1", Json::array({request_json(2, "ping"), ServerHarness::call_body(3),
                                 notification_json("notifications/whatever"), Json(7),
                                 answer_json(9, Json::object()), ServerHarness::call_body(4),
                                 request_json(5, "no/such"), Json{{"id", 6}, {"result", 1}}}));
  const auto first = server.actions.next<RunHandler>();
  const auto second = server.actions.next<RunHandler>();
  server.actions.expect_nothing();
  server.finish(second, text_result("four"));
  server.actions.expect_nothing();
  server.finish(first, text_result("three"));
  const Json answers = server.expect_answer("c1");
  ASSERT_TRUE(answers.is_array());
  ASSERT_EQ(answers.size(), 5U) << answers;
  EXPECT_EQ(answers[0]["id"], 2);
  EXPECT_EQ(answers[1]["id"], nullptr);
  EXPECT_EQ(answers[1]["error"]["code"], error_code::invalid_request);
  EXPECT_EQ(answers[2]["id"], 5);
  EXPECT_EQ(answers[3]["result"]["content"][0]["text"], "four");
  EXPECT_EQ(answers[4]["result"]["content"][0]["text"], "three");
  server.actions.expect_nothing();
}

TEST_F(ServerBatch, OfNotificationsIsNotAnswered) {
  const auto run = server.start_call("c1", 2);
  server.send("c1",
              Json::array({notification_json("notifications/cancelled", {{"requestId", 2}}),
                           notification_json("notifications/whatever"), answer_json(1, nullptr)}));
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  server.actions.expect_nothing();
}

TEST_F(ServerBatch, CancelledMembersAddNoAnswer) {
  server.send("c1", Json::array({ServerHarness::call_body(2), ServerHarness::call_body(3)}));
  const auto first = server.actions.next<RunHandler>();
  const auto second = server.actions.next<RunHandler>();
  server.send("c1", notification_json("notifications/cancelled", {{"requestId", 2}}));
  server.actions.next<CancelRun>();
  server.finish(second, text_result("x"));
  server.actions.expect_nothing();
  server.finish(first, text_result("unwanted"));
  const Json answers = server.expect_answer("c1");
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0]["id"], 3);

  server.send("c1", Json::array({ServerHarness::call_body(4)}));
  const auto only = server.actions.next<RunHandler>();
  server.send("c1", notification_json("notifications/cancelled", {{"requestId", 4}}));
  server.actions.next<CancelRun>();
  server.finish(only, text_result("unwanted"));
  server.actions.expect_nothing();  // an empty array is no answer
}

TEST_F(ServerBatch, TheSameIdTwiceIsRefusedWithinIt) {
  server.send("c1", Json::array({ServerHarness::call_body(2), ServerHarness::call_body(2)}));
  const auto run = server.actions.next<RunHandler>();
  server.finish(run, text_result("x"));
  const Json answers = server.expect_answer("c1");
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0]["error"]["code"], error_code::invalid_request);
  EXPECT_TRUE(answers[1].contains("result"));
}

TEST_F(ServerBatch, GoodbyeInsideEndsTheSession_T41) {
  server.send("c1", Json::array({ServerHarness::call_body(2),
                                 notification_json("notifications/disconnected"),
                                 ServerHarness::call_body(3)}));
  const auto run = server.actions.next<RunHandler>();
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  server.actions.next<ClientGone>();
  EXPECT_EQ(server.actions.count<Publish>() + server.actions.count<RunHandler>(), 0U);
  server.finish(run, text_result("late"));
  EXPECT_EQ(server.actions.count<Publish>(), 0U);
}

TEST_F(ServerBatch, EmptyAndTooLongOnesAreRefusedAsAWhole) {
  server.send("c1", Json::array());
  server.expect_error("c1", nullptr, error_code::invalid_request);
  server.send("c1", Json(std::vector<Json>(101, request_json(2, "ping"))));
  server.expect_error("c1", nullptr, error_code::invalid_request);
  server.actions.expect_nothing();
}

TEST_F(ServerBatch, TooLargeTogetherIsAnsweredOneByOne) {
  ServerConfig config = server_config();
  config.message_limits.max_bytes = 1'000;
  ServerHarness small(config);
  small.bring_online();
  small.open_session("c1", "2025-03-26");
  small.send("c1", Json::array({ServerHarness::call_body(2), ServerHarness::call_body(3)}));
  const auto first = small.actions.next<RunHandler>();
  const auto second = small.actions.next<RunHandler>();
  small.finish(first, text_result(std::string(700, 'x')));
  small.finish(second, text_result(std::string(2'000, 'y')));
  EXPECT_EQ(small.expect_result("c1", 2)["content"][0]["text"], std::string(700, 'x'));
  small.expect_error("c1", 3, error_code::internal_error);
  small.actions.expect_nothing();
}

TEST_F(ServerBatch, RefusedByTheBrokerEndsEachOfItsRequests) {
  server.send("c1", Json::array({request_json(2, "ping"), request_json("three", "ping")}));
  const auto refused = server.actions.expect_publish(ServerHarness::rpc("c1"));
  server.acknowledge(refused, error_of(ErrorKind::too_large, "beyond the broker's limit"));
  server.expect_error("c1", 2, error_code::internal_error);
  server.expect_error("c1", "three", error_code::internal_error);
  server.actions.expect_nothing();
}

// --- Other features in it

TEST_F(ServerBatch, EveryFeatureIsAnsweredInIt) {
  ServerHarness full;
  full.add(text_resource("a://b", "content"));
  PromptDefinition prompt = echo_prompt("p", {{"colour"}});
  prompt.choices["colour"] = {"red"};
  full.add(prompt);
  full.bring_online();
  full.open_session("c1", "2025-03-26");
  const Json completion{{"ref", {{"type", "ref/prompt"}, {"name", "p"}}},
                        {"argument", {{"name", "colour"}, {"value", ""}}}};
  full.send("c1", Json::array({request_json(2, "resources/read", {{"uri", "a://b"}}),
                               request_json(3, "resources/read", {{"uri", "a://none"}}),
                               request_json(4, "resources/subscribe", {{"uri", "a://b"}}),
                               request_json(5, "prompts/get", {{"name", "p"}}),
                               request_json(6, "completion/complete", completion),
                               request_json(7, "logging/setLevel", {{"level", "error"}}),
                               request_json(8, "tasks/list"), request_json(9, "initialize"),
                               request_json(10, "resources/list")}));
  const auto read = full.actions.next<RunHandler>();
  EXPECT_EQ(full.actions.next<SubscriptionChanged>().uri, "a://b");
  const auto get = full.actions.next<RunHandler>();
  full.actions.expect_nothing();
  full.run(get);
  full.actions.expect_nothing();
  full.run(read);
  const Json answers = full.expect_answer("c1");
  ASSERT_EQ(answers.size(), 9U) << answers;
  std::map<int, Json> by_id;
  for (const Json& answer : answers) by_id[answer["id"].get<int>()] = answer;
  EXPECT_EQ(by_id[2]["result"]["contents"][0]["text"], "content");
  EXPECT_EQ(by_id[3]["error"]["code"], error_code::resource_not_found);
  EXPECT_EQ(by_id[4]["result"], Json::object());
  EXPECT_TRUE(by_id[5]["result"].contains("messages"));
  EXPECT_EQ(by_id[6]["result"]["completion"]["values"], Json{"red"});
  EXPECT_EQ(by_id[7]["result"], Json::object());
  EXPECT_EQ(by_id[8]["error"]["code"], error_code::method_not_found);
  EXPECT_EQ(by_id[9]["error"]["code"], error_code::invalid_request);
  EXPECT_EQ(by_id[10]["result"]["resources"].size(), 1U);
  full.actions.expect_nothing();
}

TEST_F(ServerBatch, NotificationsOfARunAreNotHeldBack) {
  Json body = ServerHarness::call_body(2);
  body["params"]["_meta"]["progressToken"] = "t";
  server.send("c1", Json::array({body, ServerHarness::call_body(3)}));
  const auto first = server.actions.next<RunHandler>();
  const auto second = server.actions.next<RunHandler>();
  server.progress(first.call, {1});
  EXPECT_EQ(server.expect_notice("c1", "notifications/progress")["progressToken"], "t");
  server.finish(first, text_result("x"));
  server.finish(second, text_result("y"));
  EXPECT_EQ(server.expect_answer("c1").size(), 2U);
}

TEST_F(ServerBatch, AnswersOfTheClientMayComeInOne) {
  const auto good = server.ask("c1", "ping");
  const auto failed = server.ask("c1", "ping");
  const auto malformed = server.ask("c1", "ping");
  const auto waiting = server.ask("c1", "ping");
  server.actions.clear();
  server.send("c1", Json::array({answer_json(1, Json::object()), error_json(2, -7, "no"),
                                 Json{{"jsonrpc", "2.0"}, {"id", 3}, {"error", "no"}},
                                 answer_json(99, Json::object()), request_json(5, "ping")}));
  EXPECT_TRUE(server.expect_outcome(good));
  EXPECT_EQ(server.expect_failure(failed), ErrorKind::rpc);
  EXPECT_EQ(server.expect_failure(malformed), ErrorKind::protocol_violation);
  const Json answers = server.expect_answer("c1");
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0]["id"], 5);
  server.actions.expect_nothing();
  server.cancel_ask("c1", waiting);
}

TEST_F(ServerBatch, OfASessionThatBeginsAnewIsNotAnswered) {
  server.send("c1", Json::array({ServerHarness::call_body(2), request_json(3, "ping")}));
  const auto run = server.actions.next<RunHandler>();
  server.handshake("c1", 9, "2025-03-26");
  server.initialized("c1");
  server.actions.clear();
  server.finish(run, text_result("late"));
  server.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
