#include "client_harness.hpp"

// Tasks that a server makes of its requests to the client (2025-11-25).
namespace mcp_mqtt::engine::test {
namespace {

ClientConfig config_with_tasks() {
  ClientConfig config = client_config();
  ClientCapabilities& declared = config.capabilities;
  declared.roots = declared.elicitation = true;
  declared.tasks_elicitation = declared.tasks_list = declared.tasks_cancel = true;
  config.task_limits.max_ttl = seconds(100);
  return config;
}

class ClientTasks : public ::testing::Test {
 protected:
  ClientTasks() {
    client.start();
    client.announce("s1");
    session = client.open_session(2, "s1");
  }

  static Json params(Json task = Json::object()) {
    return {{"message", "Who are you?"},
            {"requestedSchema", {{"type", "object"}, {"properties", Json::object()}}},
            {"task", std::move(task)}};
  }
  void ask(const Json& id, const std::string& method, Json params = Json::object()) {
    client.answer("s1", request_json(id, method, std::move(params)));
  }
  /// A task is made at once, and its handler runs.
  CallNumber start_task(const Json& id) {
    ask(id, "elicitation/create", params());
    const Json answer = client.expect_answer("s1", id);
    task_id = answer["result"]["task"]["taskId"];
    EXPECT_EQ(answer["result"]["task"]["status"], "working");
    return client.actions.next<RunRequest>().call;
  }
  Json expect_status(const std::string& status) {
    const Json sent = client.actions.expect_method(client.rpc("s1"), "notifications/tasks/status");
    EXPECT_EQ(sent["params"]["status"], status);
    return sent;
  }
  Json result_of(const Json& id) { return client.expect_answer("s1", id).value("result", Json()); }

  ClientHarness client{config_with_tasks()};
  SessionNumber session = 0;
  std::string task_id;
};

TEST_F(ClientTasks, ResultWaitsUntilItIsFetched) {
  const CallNumber call = start_task(1);
  client.finish(call, Json{{"action", "decline"}});
  expect_status("completed");
  ask(2, "tasks/get", {{"taskId", task_id}});
  EXPECT_EQ(result_of(2)["status"], "completed");
  ask(3, "tasks/result", {{"taskId", task_id}});
  const Json result = result_of(3);
  EXPECT_EQ(result["action"], "decline");
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/related-task"]["taskId"], task_id);
  ask(4, "tasks/list");
  EXPECT_EQ(result_of(4)["tasks"].size(), 1U);
}

TEST_F(ClientTasks, ResultIsAnsweredWhenItIsThere) {
  const CallNumber call = start_task(1);
  ask(2, "tasks/result", {{"taskId", task_id}});
  ask(3, "tasks/result", {{"taskId", task_id}});
  client.answer("s1", notification_json("notifications/cancelled", {{"requestId", 3}}));
  client.actions.expect_nothing();  // no handler runs for it
  client.finish(call, Json{{"action", "cancel"}});
  expect_status("completed");
  EXPECT_EQ(result_of(2)["action"], "cancel");
  client.actions.expect_nothing();
}

TEST_F(ClientTasks, CancelStopsTheHandlerAndAnswersWhoWaits) {
  const CallNumber call = start_task(1);
  ask(2, "tasks/result", {{"taskId", task_id}});
  ask(3, "tasks/cancel", {{"taskId", task_id}});
  EXPECT_EQ(result_of(3)["status"], "cancelled");
  EXPECT_EQ(client.actions.next<CancelRun>().call, call);
  expect_status("cancelled");
  EXPECT_TRUE(client.expect_answer("s1", 2).contains("error"));
  client.finish(call, Json{{"action", "accept"}});
  client.actions.expect_nothing();
  ask(4, "tasks/cancel", {{"taskId", task_id}});
  EXPECT_EQ(client.expect_answer("s1", 4)["error"]["code"], error_code::invalid_params);
}

TEST_F(ClientTasks, TimeToLiveEndsATask) {
  const CallNumber call = start_task(1);
  ask(2, "tasks/result", {{"taskId", task_id}});
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(100));
  client.advance(seconds(100));
  EXPECT_EQ(client.actions.next<CancelRun>().call, call);
  expect_status("cancelled");
  EXPECT_TRUE(client.expect_answer("s1", 2).contains("error"));
  ask(3, "tasks/get", {{"taskId", task_id}});
  EXPECT_EQ(client.expect_answer("s1", 3)["error"]["code"], error_code::invalid_params);
}

TEST_F(ClientTasks, WhatMayNotBeATaskIsAnsweredDirectly) {
  ask(1, "roots/list", {{"task", Json::object()}});
  client.finish(client.actions.next<RunRequest>().call, Json{{"roots", Json::array()}});
  EXPECT_TRUE(result_of(1).contains("roots"));
}

TEST_F(ClientTasks, UnknownTasksAndBadOnesAreInvalid) {
  ask(1, "tasks/get", {{"taskId", "none"}});
  EXPECT_EQ(client.expect_answer("s1", 1)["error"]["code"], error_code::invalid_params);
  ask(2, "elicitation/create", params("no object"));
  EXPECT_EQ(client.expect_answer("s1", 2)["error"]["code"], error_code::invalid_params);
  client.actions.expect_nothing();
}

TEST_F(ClientTasks, TasksEndWithTheirSession) {
  const CallNumber call = start_task(1);
  ask(2, "tasks/result", {{"taskId", task_id}});
  client.close(session);
  EXPECT_EQ(client.actions.next<CancelRun>().call, call);
  EXPECT_EQ(client.actions.count<CancelRun>(), 0U);
  client.actions.clear();
  client.finish(call, Json::object());
  client.actions.expect_nothing();
  EXPECT_FALSE(client.engine.next_deadline());
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
