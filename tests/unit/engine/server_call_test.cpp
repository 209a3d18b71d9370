#include <limits>

#include "server_harness.hpp"

// tools/call: one run, one answer; cancellation, progress, failures, limits.
namespace mcp_mqtt::engine::test {
namespace {

class ServerCalls : public ::testing::Test {
 protected:
  ServerCalls() {
    server.bring_online();
    server.open_session("c1");
  }

  RunHandler start_with_token(const std::string& client, const Json& id, const Json& token) {
    Json body = ServerHarness::call_body(id);
    body["params"]["_meta"]["progressToken"] = token;
    server.send(client, body);
    return server.actions.next<RunHandler>();
  }
  Json expect_progress(const std::string& client) {
    const Json sent =
        server.actions.expect_method(ServerHarness::rpc(client), "notifications/progress");
    return sent.value("params", Json::object());
  }

  ServerHarness server;
};

TEST_F(ServerCalls, RunsOnceAndAnswersOnce) {
  server.send("c1", ServerHarness::call_body(2, "echo", {{"a", 1}}));
  const auto run = server.actions.next<RunHandler>();
  EXPECT_EQ(run.method, "tools/call");
  EXPECT_EQ(run.name, "echo");
  EXPECT_EQ(arguments_of(run), (Json{{"a", 1}}));
  EXPECT_EQ(run.client.client_id, "c1");
  server.actions.expect_nothing();
  server.finish(run, text_result("hello"));
  const Json result = server.expect_result("c1", 2);
  EXPECT_EQ(result["content"], Json::parse(R"([{"type":"text","text":"hello"}])"));
  server.finish(run, text_result("again"));
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, MissingAndNullArgumentsReadAsAnEmptyObject) {
  server.send("c1", request_json(2, "tools/call", {{"name", "echo"}}));
  EXPECT_EQ(arguments_of(server.actions.next<RunHandler>()), Json::object());
  server.send("c1", request_json(3, "tools/call", {{"name", "echo"}, {"arguments", nullptr}}));
  EXPECT_EQ(arguments_of(server.actions.next<RunHandler>()), Json::object());
}

TEST_F(ServerCalls, BadParams) {
  server.send("c1", request_json(2, "tools/call"));
  server.expect_error("c1", 2, error_code::invalid_params);
  server.send("c1", request_json(3, "tools/call", {{"name", 7}}));
  server.expect_error("c1", 3, error_code::invalid_params);
  server.send("c1", request_json(4, "tools/call", {{"name", "echo"}, {"arguments", "x"}}));
  server.expect_error("c1", 4, error_code::invalid_params);
  server.send("c1", ServerHarness::call_body(5, "nothing"));
  EXPECT_NE(server.expect_error("c1", 5, error_code::invalid_params).find("nothing"),
            std::string::npos);
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, IdInFlightIsRefusedAndFreeAgainAfterwards) {
  const auto run = server.start_call("c1", 2);
  server.send("c1", ServerHarness::call_body(2));
  server.expect_error("c1", 2, error_code::invalid_request);
  server.send("c1", request_json(2, "ping"));
  server.expect_error("c1", 2, error_code::invalid_request);
  server.finish(run, text_result("x"));
  server.expect_result("c1", 2);
  server.start_call("c1", 2);
}

TEST_F(ServerCalls, NumberAndTextAreDifferentIds) {
  const auto number = server.start_call("c1", 1);
  const auto text = server.start_call("c1", "1");
  server.finish(text, text_result("text"));
  EXPECT_EQ(server.expect_result("c1", "1")["content"][0]["text"], "text");
  server.finish(number, text_result("number"));
  EXPECT_EQ(server.expect_result("c1", 1)["content"][0]["text"], "number");
}

TEST_F(ServerCalls, RemovedToolFinishesItsRun) {
  const auto run = server.start_call("c1", 2);
  EXPECT_TRUE(server.remove_tool("echo"));
  server.actions.expect_method(ServerHarness::capability(), "notifications/tools/list_changed");
  server.finish(run, text_result("x"));
  server.expect_result("c1", 2);
  server.send("c1", ServerHarness::call_body(3));
  server.expect_error("c1", 3, error_code::invalid_params);
}

// --- Cancellation

TEST_F(ServerCalls, CancelledIsNotAnswered) {
  const auto run = server.start_call("c1", 2);
  const Json cancelled = notification_json("notifications/cancelled", {{"requestId", 2}});
  server.send("c1", cancelled);
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  server.send("c1", cancelled);
  server.actions.expect_nothing();
  server.progress(run.call, {1});
  server.finish(run, text_result("late"));
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, CancelOfSomethingElseIsIgnored) {
  const auto run = server.start_call("c1", 2);
  for (const Json& params : {Json::object(), Json{{"requestId", "2"}}, Json{{"requestId", 3}},
                             Json{{"requestId", nullptr}}, Json{{"requestId", Json::array()}}}) {
    server.send("c1", notification_json("notifications/cancelled", params));
    server.actions.expect_nothing();
  }
  server.finish(run, text_result("x"));
  server.expect_result("c1", 2);
  server.send("c1", notification_json("notifications/cancelled", {{"requestId", 2}}));
  server.actions.expect_nothing();
}

// --- Progress

TEST_F(ServerCalls, ProgressNeedsAToken) {
  const auto run = server.start_call("c1", 2);
  server.progress(run.call, {1});
  for (const Json& token : {Json(), Json(1.5), Json::object(), Json(true)}) {
    const auto other = start_with_token("c1", "x" + token.dump(), token);
    server.progress(other.call, {1});
    server.actions.expect_nothing();
  }
  server.progress(999, {1});
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, ProgressOnlyIncreases) {
  const auto run = start_with_token("c1", 2, "t");
  server.progress(run.call, {0, 10, "begin"});
  EXPECT_EQ(
      expect_progress("c1"),
      (Json{{"progressToken", "t"}, {"progress", 0.0}, {"total", 10.0}, {"message", "begin"}}));
  server.progress(run.call, {0});
  server.progress(run.call, {-1});
  server.actions.expect_nothing();
  server.progress(run.call, {0.5});
  EXPECT_EQ(expect_progress("c1"), (Json{{"progressToken", "t"}, {"progress", 0.5}}));
  server.finish(run, text_result("x"));
  server.expect_result("c1", 2);
  server.progress(run.call, {1});
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, ProgressThatIsNoNumberIsDropped) {
  const auto run = start_with_token("c1", 2, 2);
  server.progress(run.call, {std::numeric_limits<double>::quiet_NaN()});
  server.progress(run.call, {std::numeric_limits<double>::infinity()});
  server.actions.expect_nothing();
  server.progress(run.call, {5, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(expect_progress("c1"), (Json{{"progressToken", 2}, {"progress", 5.0}}));
  server.progress(run.call, {4});
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, ProgressMessageIsSince20250326) {
  server.open_session("old", "2024-11-05");
  const auto run = start_with_token("old", 2, 2);
  server.progress(run.call, {1, {}, "text"});
  EXPECT_FALSE(expect_progress("old").contains("message"));
  server.open_session("mid", "2025-03-26");
  const auto other = start_with_token("mid", 2, 2);
  server.progress(other.call, {1, {}, "text"});
  EXPECT_EQ(expect_progress("mid")["message"], "text");
}

// --- What a handler came to

TEST_F(ServerCalls, ArgumentErrorsFollowTheRevision) {
  int number = 0;
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18"}) {
    const std::string client = "old" + std::to_string(++number);
    server.open_session(client, revision);
    const auto run = server.start_call(client, 2);
    server.finish(run, error_of(ErrorKind::invalid_argument, "volume must be a number"));
    EXPECT_EQ(server.expect_error(client, 2, error_code::invalid_params),
              "volume must be a number");
  }
  const auto run = server.start_call("c1", 2);
  server.finish(run, error_of(ErrorKind::invalid_argument, "volume must be a number"));
  const Json result = server.expect_result("c1", 2);
  EXPECT_EQ(result["isError"], true);
  EXPECT_EQ(result["content"][0]["text"], "volume must be a number");
}

TEST_F(ServerCalls, FailureOfAToolIsAResultAndARpcErrorAnError) {
  const auto run = server.start_call("c1", 2);
  server.finish(run, error_of(ErrorKind::timeout, "the device is slow"));
  EXPECT_EQ(server.expect_result("c1", 2)["isError"], true);
  const auto other = server.start_call("c1", 3);
  server.finish(other, rpc_error(-32099, "no paper", Json{{"tray", 2}}));
  const Json error = server.expect_answer("c1")["error"];
  EXPECT_EQ(error, (Json{{"code", -32099}, {"message", "no paper"}, {"data", {{"tray", 2}}}}));
}

TEST_F(ServerCalls, StructuredContentIsSince20250618) {
  server.open_session("mid", "2025-03-26");
  CallToolResult result;
  result.structured_content = Json{{"level", 3}};
  const auto old_run = server.start_call("mid", 2);
  server.finish(old_run, result);
  const Json old_result = server.expect_result("mid", 2);
  EXPECT_FALSE(old_result.contains("structuredContent"));
  EXPECT_EQ(old_result["content"][0]["text"], R"({"level":3})");
  const auto run = server.start_call("c1", 2);
  server.finish(run, result);
  EXPECT_EQ(server.expect_result("c1", 2)["structuredContent"], (Json{{"level", 3}}));
}

TEST_F(ServerCalls, AnswerThatCannotBeWrittenBecomesAnError) {
  const auto run = server.start_call("c1", 2);
  server.finish(run, text_result("\xff"));
  server.expect_error("c1", 2, error_code::internal_error);
  const auto other = server.start_call("c1", 3);
  server.finish(other, rpc_error(-32099, "\xff"));
  server.expect_error("c1", 3, error_code::internal_error);
}

TEST_F(ServerCalls, TooLargeAnswerBecomesAnError) {
  ServerConfig config = server_config();
  config.message_limits.max_bytes = 2'000;
  ServerHarness small(config);
  small.bring_online();
  small.open_session("c1");
  const auto run = small.start_call("c1", 2);
  small.finish(run, text_result(std::string(3'000, 'x')));
  small.expect_error("c1", 2, error_code::internal_error);
  const auto other = small.start_call("c1", 3);
  small.finish(other, rpc_error(-32099, "data", Json(std::string(3'000, 'x'))));
  small.expect_error("c1", 3, error_code::internal_error);
}

TEST_F(ServerCalls, AnswerThatTheBrokerRefusesBecomesAnErrorOnce) {
  const auto run = server.start_call("c1", 2);
  server.finish(run, text_result("big"));
  const auto refused = server.actions.next<Publish>();
  server.acknowledge(refused, error_of(ErrorKind::too_large, "beyond the broker's limit"));
  const auto error = server.actions.expect_publish(ServerHarness::rpc("c1"));
  EXPECT_EQ(ActionQueue<ServerAction>::body(error)["error"]["code"], error_code::internal_error);
  server.acknowledge(error, error_of(ErrorKind::too_large));
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, AnswerLostWithTheConnectionIsNotRepeated) {
  const auto run = server.start_call("c1", 2);
  server.finish(run, text_result("x"));
  server.acknowledge(server.actions.next<Publish>(), error_of(ErrorKind::connection_lost));
  server.actions.expect_nothing();
}

TEST_F(ServerCalls, TooManyAtOnceAreBusy) {
  ServerConfig config = server_config();
  config.max_requests_per_session = 2;
  ServerHarness small(config);
  small.bring_online();
  small.open_session("c1");
  small.open_session("c2");
  const auto run = small.start_call("c1", 2);
  small.start_call("c1", 3);
  small.send("c1", ServerHarness::call_body(4));
  small.expect_error("c1", 4, error_code::server_busy);
  small.send("c1", notification_json("notifications/cancelled", {{"requestId", 2}}));
  small.actions.next<CancelRun>();
  small.send("c1", ServerHarness::call_body(5));
  small.expect_error("c1", 5, error_code::server_busy);  // the handler still runs
  small.start_call("c2", 2);
  small.finish(run, text_result("x"));
  small.start_call("c1", 6);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
