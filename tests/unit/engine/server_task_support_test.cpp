#include "server_task_fixture.hpp"

// Which calls may be tasks, how many, and what becomes of them with their session.
namespace mcp_mqtt::engine::test {
namespace {

// --- What may be a task

TEST_F(ServerTasks, ToolsSayWhetherTheyMayOrMustBeTasks) {
  const Json tools = server.ask_server("c1", 2, "tools/list")["tools"];
  ASSERT_EQ(tools.size(), 3U);
  EXPECT_EQ(tools[0]["execution"]["taskSupport"], "required");
  EXPECT_FALSE(tools[1].contains("execution"));  // echo
  EXPECT_EQ(tools[2]["execution"]["taskSupport"], "optional");
}

TEST_F(ServerTasks, ForbiddenAndRequired) {
  server.send("c1", task_body(2, "echo"));
  EXPECT_NE(server.expect_error("c1", 2, error_code::method_not_found).find("echo"),
            std::string::npos);
  server.send("c1", ServerHarness::call_body(3, "always"));
  EXPECT_NE(server.expect_error("c1", 3, error_code::method_not_found).find("always"),
            std::string::npos);
  server.send("c1", task_body(4, "always"));
  EXPECT_TRUE(server.expect_result("c1", 4).contains("task"));
  server.actions.next<RunHandler>();
  server.send("c1", ServerHarness::call_body(5, "maybe"));
  server.finish(server.actions.next<RunHandler>(), text_result("at once"));
  EXPECT_EQ(server.expect_result("c1", 5)["content"][0]["text"], "at once");
}

TEST_F(ServerTasks, OlderRevisionsKnowNoTasks) {
  int number = 1;
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18"}) {
    const std::string client = "c" + std::to_string(++number);
    const Json initialized = server.handshake(client, 1, revision)["result"];
    EXPECT_FALSE(initialized["capabilities"].contains("tasks"));
    server.initialized(client);
    server.actions.next<ClientConnected>();
    for (const char* method : {"tasks/get", "tasks/result", "tasks/list", "tasks/cancel"}) {
      server.ask_refused(client, 2, method, {{"taskId", "t"}}, error_code::method_not_found);
    }
    for (const char* tool : {"echo", "maybe", "always"}) {
      server.send(client, task_body(3, tool));
      const auto run = server.actions.next<RunHandler>();
      server.finish(run, text_result("at once"));
      EXPECT_EQ(server.expect_result(client, 3)["content"][0]["text"], "at once") << tool;
    }
    const Json tools = server.ask_server(client, 4, "tools/list").at("tools");
    for (const Json& tool : tools) {
      EXPECT_FALSE(tool.contains("execution")) << tool;
    }
    server.actions.expect_nothing();
  }
}

TEST_F(ServerTasks, WhereNoneWereDeclaredTheWishIsIgnored) {
  ServerHarness plain;
  plain.bring_online();
  EXPECT_FALSE(plain.handshake("c1")["result"]["capabilities"].contains("tasks"));
  plain.initialized("c1");
  plain.actions.next<ClientConnected>();
  plain.send("c1", task_body(2, "echo"));
  plain.finish(plain.actions.next<RunHandler>(), text_result("at once"));
  EXPECT_EQ(plain.expect_result("c1", 2)["content"][0]["text"], "at once");
  plain.ask_refused("c1", 3, "tasks/list", Json::object(), error_code::method_not_found);
  // A tool that comes later and must be a task: this client cannot know how.
  plain.add(task_tool("late", TaskSupport::required));
  plain.actions.clear();
  plain.send("c1", ServerHarness::call_body(4, "late"));
  plain.actions.next<RunHandler>();
}

TEST_F(ServerTasks, TheirResultsOutliveTheirTools) {
  const auto task = begin(2);
  for (const char* tool : {"maybe", "always"}) EXPECT_TRUE(server.remove_tool(tool));
  server.actions.clear();
  server.finish(task.run, text_result("done"));
  expect_status(task, "completed");
  EXPECT_EQ(server.ask_server("c1", 3, "tasks/result", task.params)["content"][0]["text"], "done");
}

// --- Bounds and the end

TEST_F(ServerTasks, TooManyAreBusy) {
  for (const int id : {2, 3, 4}) {
    server.finish(begin(id).run, text_result("x"));
    server.actions.clear();
  }
  server.send("c1", task_body(5, "maybe"));
  server.expect_error("c1", 5, error_code::server_busy);
  server.actions.expect_nothing();
  server.advance(std::chrono::minutes(10));
  begin(6);
}

TEST_F(ServerTasks, CountAsRequestsUnderWay) {
  const auto task = begin(2);
  begin(3);
  begin(4);
  const auto run = server.start_call("c1", 5);
  server.send("c1", task_body(6, "maybe"));
  server.expect_error("c1", 6, error_code::server_busy);
  server.ask_refused("c1", 7, "tasks/result", task.params, error_code::server_busy);
  EXPECT_EQ(status_of(task), "working");
  server.ask_server("c1", 8, "tasks/cancel", task.params);
  server.actions.clear();
  // Its handler still runs, but the result is there.
  server.ask_refused("c1", 9, "tasks/result", task.params, error_code::internal_error);
  server.finish(run, text_result("x"));
  server.expect_result("c1", 5);
}

TEST_F(ServerTasks, EndWithTheSession) {
  const auto working = begin(2);
  const auto done = begin(3);
  server.finish(done.run, text_result("x"));
  server.actions.clear();
  server.send("c1", request_json(4, "tasks/result", working.params));
  server.send("c1", notification_json("notifications/disconnected"));
  EXPECT_EQ(server.actions.next<CancelRun>().call, working.run.call);
  server.actions.next<ClientGone>();  // nobody runs for the one who waited
  server.actions.clear();
  EXPECT_FALSE(server.engine.next_deadline());
  server.finish(working.run, text_result("late"));
  server.actions.expect_nothing();
  server.open_session("c1");
  EXPECT_EQ(server.ask_server("c1", 2, "tasks/list")["tasks"], Json::array());
}

TEST_F(ServerTasks, EndWithASecondInitialization) {
  const auto task = begin(2);
  server.handshake("c1", 9);
  EXPECT_EQ(status_of(task), "working");  // only claimed so far
  server.initialized("c1");
  EXPECT_EQ(server.actions.next<CancelRun>().call, task.run.call);
  server.actions.next<ClientGone>();
  server.actions.next<ClientConnected>();
  EXPECT_FALSE(server.engine.next_deadline());
  server.ask_refused("c1", 3, "tasks/get", task.params, error_code::invalid_params);
  server.finish(task.run, text_result("late"));
  server.actions.expect_nothing();
  EXPECT_NE(begin(4).id, task.id);
}

TEST_F(ServerTasks, StatusIsToldOnThatSessionsTopicOnly) {
  server.open_session("c2");
  const auto task = begin(2);
  server.finish(task.run, text_result("x"));
  expect_status(task, "completed");
  server.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
