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

}  // namespace
}  // namespace mcp_mqtt::engine::test
