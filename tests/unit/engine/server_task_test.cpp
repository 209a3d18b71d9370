#include "server_task_fixture.hpp"

// Calls of tools as tasks (2025-11-25) on the server's side.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::seconds;

TEST_F(ServerTasks, TheAnswerIsTheTaskAndTheHandlerRuns) {
  const auto task = begin(2, {{"ttl", 60'000}});
  EXPECT_EQ(task.run.method, "tools/call");
  EXPECT_EQ(task.run.name, "maybe");
  const Json got = server.ask_server("c1", 3, "tasks/get", task.params);
  EXPECT_EQ(got["taskId"], task.id);
  EXPECT_EQ(got["ttl"], 60'000);
  EXPECT_EQ(got["pollInterval"], 500);
  EXPECT_EQ(got["status"], "working");
}

TEST_F(ServerTasks, TheEndIsToldAndTheResultKept) {
  const auto task = begin(2);
  server.finish(task.run, text_result("done"));
  expect_status(task, "completed");
  server.actions.expect_nothing();
  for (const int id : {3, 4}) {
    const Json result = server.ask_server("c1", id, "tasks/result", task.params);
    EXPECT_EQ(result["content"][0]["text"], "done");
    EXPECT_EQ(result["_meta"][related]["taskId"], task.id);
  }
  EXPECT_EQ(status_of(task), "completed");
}

TEST_F(ServerTasks, ThoseWhoWaitForTheResultGetItInTheEnd) {
  const auto task = begin(2);
  server.send("c1", request_json(3, "tasks/result", task.params));
  server.send("c1", request_json(4, "tasks/result", task.params));
  server.actions.expect_nothing();
  server.send("c1", request_json(3, "ping"));
  server.expect_error("c1", 3, error_code::invalid_request);  // the id is in use
  server.finish(task.run, text_result("done"));
  expect_status(task, "completed");
  for (const int id : {3, 4}) {
    EXPECT_EQ(server.expect_result("c1", id)["_meta"][related]["taskId"], task.id);
  }
  server.actions.expect_nothing();
}

TEST_F(ServerTasks, AFailedToolIsAFailedTaskWithItsResult) {
  const auto task = begin(2);
  server.finish(task.run, error_result("broken"));
  expect_status(task, "failed");
  EXPECT_EQ(server.ask_server("c1", 3, "tasks/result", task.params)["isError"], true);
}

TEST_F(ServerTasks, AnErrorIsTheResultAsAnError) {
  const auto task = begin(2);
  server.send("c1", request_json(3, "tasks/result", task.params));
  server.finish(task.run.call, rpc_error(error_code::url_elicitation_required, "open this"));
  expect_status(task, "failed");
  server.expect_error("c1", 3, error_code::url_elicitation_required);
  server.ask_refused("c1", 4, "tasks/result", task.params, error_code::url_elicitation_required);
}

TEST_F(ServerTasks, AreListed) {
  EXPECT_EQ(server.ask_server("c1", 2, "tasks/list"), (Json{{"tasks", Json::array()}}));
  const auto first = begin(3);
  const auto second = begin(4);
  const Json tasks = server.ask_server("c1", 5, "tasks/list")["tasks"];
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0]["taskId"], first.id);
  EXPECT_EQ(tasks[1]["taskId"], second.id);
}

TEST_F(ServerTasks, BelongToTheirSession) {
  const auto task = begin(2);
  server.open_session("c2");
  EXPECT_EQ(server.ask_server("c2", 2, "tasks/list")["tasks"], Json::array());
  for (const char* method : {"tasks/get", "tasks/result", "tasks/cancel"}) {
    server.ask_refused("c2", 3, method, task.params, error_code::invalid_params);
  }
}

TEST_F(ServerTasks, UnknownOnesAreInvalidParams) {
  for (const char* method : {"tasks/get", "tasks/result", "tasks/cancel"}) {
    for (const Json& params : {Json::object(), Json{{"taskId", "nothing"}}, Json{{"taskId", 1}}}) {
      server.ask_refused("c1", 3, method, params, error_code::invalid_params);
    }
  }
  server.actions.expect_nothing();
}

// --- Cancellation

TEST_F(ServerTasks, CancelStopsTheHandlerAndAnswersThoseWhoWait) {
  const auto task = begin(2);
  server.send("c1", request_json(3, "tasks/result", task.params));
  EXPECT_EQ(server.ask_server("c1", 4, "tasks/cancel", task.params)["status"], "cancelled");
  EXPECT_EQ(server.actions.next<CancelRun>().call, task.run.call);
  expect_status(task, "cancelled");
  server.expect_error("c1", 3, error_code::internal_error);
  server.finish(task.run, text_result("late"));
  server.actions.expect_nothing();
  EXPECT_EQ(status_of(task), "cancelled");
}

TEST_F(ServerTasks, WhatIsOverCannotBeCancelled) {
  const auto task = begin(2);
  server.finish(task.run, text_result("done"));
  server.actions.clear();
  server.ask_refused("c1", 3, "tasks/cancel", task.params, error_code::invalid_params);
  EXPECT_EQ(status_of(task), "completed");
  const auto other = begin(4);
  server.ask_server("c1", 5, "tasks/cancel", other.params);
  server.actions.clear();
  server.ask_refused("c1", 6, "tasks/cancel", other.params, error_code::invalid_params);
  server.actions.expect_nothing();
}

TEST_F(ServerTasks, TheRequestThatMadeItIsOverAndNotCancelled) {
  const auto task = begin(2);
  server.send("c1", notification_json("notifications/cancelled", {{"requestId", 2}}));
  server.actions.expect_nothing();
  EXPECT_EQ(status_of(task), "working");
  begin(2);  // its id is free
}

TEST_F(ServerTasks, ACancelledWaitIsForgottenAtOnce) {
  const auto task = begin(2);
  for (int id = 10; id < 30; ++id) {  // more than there may be under way
    server.send("c1", request_json(id, "tasks/result", task.params));
    server.send("c1", notification_json("notifications/cancelled", {{"requestId", id}}));
    server.actions.expect_nothing();
  }
  server.send("c1", request_json(10, "tasks/result", task.params));
  server.finish(task.run, text_result("done"));
  expect_status(task, "completed");
  server.expect_result("c1", 10);
  server.actions.expect_nothing();
}

// --- Time to live

TEST_F(ServerTasks, ExpiredResultsAreForgotten) {
  const auto task = begin(2, {{"ttl", 5'000}});
  EXPECT_EQ(server.engine.next_deadline(), server.now + seconds(5));
  server.finish(task.run, text_result("done"));
  server.actions.clear();
  server.advance(seconds(4));
  EXPECT_EQ(status_of(task), "completed");
  server.advance(seconds(1));
  server.actions.expect_nothing();
  server.ask_refused("c1", 3, "tasks/get", task.params, error_code::invalid_params);
  EXPECT_FALSE(server.engine.next_deadline());
}

TEST_F(ServerTasks, ExpiredWhileTheHandlerRunsIsStopped) {
  const auto task = begin(2, {{"ttl", 5'000}});
  server.send("c1", request_json(3, "tasks/result", task.params));
  server.advance(seconds(5));
  EXPECT_EQ(server.actions.next<CancelRun>().call, task.run.call);
  expect_status(task, "cancelled");
  server.expect_error("c1", 3, error_code::internal_error);
  server.finish(task.run, text_result("late"));
  server.actions.expect_nothing();
}

TEST_F(ServerTasks, TheServerCapsTheTimeToLive) {
  const auto task = begin(2, {{"ttl", 1'000'000'000}});
  EXPECT_EQ(server.ask_server("c1", 3, "tasks/get", task.params)["ttl"], 600'000);
  server.send("c1", task_body(4, "maybe", {{"ttl", -1}}));
  server.expect_error("c1", 4, error_code::invalid_params);
  server.send("c1", task_body(4, "maybe", 7));
  server.expect_error("c1", 4, error_code::invalid_params);
  server.actions.expect_nothing();
}

// --- Requests to the client, progress

TEST_F(ServerTasks, InputIsRequiredWhileTheHandlerAsks) {
  const auto task = begin(2);
  const auto call =
      server.ask("c1", "sampling/createMessage", {{"_meta", {{"mine", 1}}}}, task.run.call);
  expect_status(task, "input_required");
  const Json sent =
      server.actions.expect_method(ServerHarness::rpc("c1"), "sampling/createMessage");
  EXPECT_EQ(sent["params"]["_meta"][related]["taskId"], task.id);
  EXPECT_EQ(sent["params"]["_meta"]["mine"], 1);
  EXPECT_EQ(status_of(task), "input_required");
  server.send("c1", answer_json(sent["id"], Json::object()));
  expect_status(task, "working");
  EXPECT_TRUE(server.expect_outcome(call));
  server.finish(task.run, text_result("done"));
  expect_status(task, "completed");
}

TEST_F(ServerTasks, SeveralQuestionsAreOneInputRequired) {
  const auto task = begin(2);
  const auto first = server.ask("c1", "ping", Json::object(), task.run.call, within(seconds(5)));
  expect_status(task, "input_required");
  server.actions.expect_method(ServerHarness::rpc("c1"), "ping");
  const auto second = server.ask("c1", "ping", Json::object(), task.run.call);
  server.actions.expect_method(ServerHarness::rpc("c1"), "ping");
  server.actions.expect_nothing();
  server.advance(seconds(5));
  server.expect_notice("c1", "notifications/cancelled");
  EXPECT_EQ(server.expect_failure(first), ErrorKind::timeout);
  EXPECT_EQ(status_of(task), "input_required");
  server.cancel_ask("c1", second);
  server.expect_notice("c1", "notifications/cancelled");
  expect_status(task, "working");
  EXPECT_EQ(server.expect_failure(second), ErrorKind::cancelled);
}

TEST_F(ServerTasks, ARefusedQuestionLeavesTheTaskWorking) {
  const auto task = begin(2);
  const auto call = server.ask("c1", "roots/list", Json::object(), task.run.call);
  EXPECT_EQ(server.expect_failure(call), ErrorKind::unsupported);
  server.actions.expect_nothing();
  EXPECT_EQ(status_of(task), "working");
}

TEST_F(ServerTasks, AnAnswerAfterTheTasksEndDoesNotReviveIt) {
  const auto task = begin(2);
  const auto call = server.ask("c1", "ping", Json::object(), task.run.call);
  server.actions.clear();
  server.ask_server("c1", 3, "tasks/cancel", task.params);
  server.actions.clear();
  server.send("c1", answer_json(1, Json::object()));
  EXPECT_TRUE(server.expect_outcome(call));
  server.actions.expect_nothing();
  EXPECT_EQ(status_of(task), "cancelled");
}

TEST_F(ServerTasks, QuestionsOfOrdinaryCallsNameNoTask) {
  const auto run = server.start_call("c1", 2);
  server.ask("c1", "ping", Json::object(), run.call);
  EXPECT_EQ(server.actions.expect_method(ServerHarness::rpc("c1"), "ping")["params"],
            Json::object());
  server.actions.expect_nothing();
}

TEST_F(ServerTasks, WhatTheHandlerLogsNamesItsTask) {
  const auto task = begin(2);
  const auto log = [&](CallNumber origin) {
    server.engine.log(server.engine.session_number("c1"), {LoggingLevel::error, "", "x"}, origin,
                      server.now);
    server.actions.add(server.engine.take_actions());
    return server.expect_notice("c1", "notifications/message");
  };
  EXPECT_EQ(log(task.run.call)["_meta"][related]["taskId"], task.id);
  const auto plain = server.start_call("c1", 3);
  EXPECT_FALSE(log(plain.call).contains("_meta"));
  EXPECT_FALSE(log(0).contains("_meta"));
}

TEST_F(ServerTasks, ProgressGoesOnAfterTheFirstAnswer) {
  const auto task = begin(2, Json::object(), "token");
  server.progress(task.run.call, {1, 3});
  const Json params = server.expect_notice("c1", "notifications/progress");
  EXPECT_EQ(params["progressToken"], "token");
  EXPECT_EQ(params["progress"], 1.0);
  EXPECT_EQ(params["_meta"][related]["taskId"], task.id);
  server.finish(task.run, text_result("done"));
  expect_status(task, "completed");
  server.progress(task.run.call, {2, 3});
  server.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
