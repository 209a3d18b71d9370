#pragma once

#include <string>
#include <utility>

#include "server_harness.hpp"

namespace mcp_mqtt::engine::test {

inline const std::string status_told = "notifications/tasks/status";
inline const std::string related = "io.modelcontextprotocol/related-task";

/// A server with a tool that may and one that must be called as a task, and a client.
class ServerTasks : public ::testing::Test {
 protected:
  ServerTasks() : server(config()) {
    server.add(task_tool("maybe"));
    server.add(task_tool("always", TaskSupport::required));
    server.bring_online();
    server.open_session("c1", "2025-11-25", {{"sampling", Json::object()}});
  }
  static ServerConfig config() {
    ServerConfig config = server_config();
    config.tasks.max_tasks = 3;
    config.tasks.max_ttl = std::chrono::minutes(10);
    config.max_requests_per_session = 4;
    return config;
  }

  static Json task_body(const Json& id, const std::string& tool, Json task = Json::object()) {
    Json body = ServerHarness::call_body(id, tool);
    body["params"]["task"] = std::move(task);
    return body;
  }
  struct Begun {
    std::string id;
    RunHandler run;
    Json params;  // of requests about it
  };
  Begun begin(const Json& id, const Json& task = Json::object(), const Json& token = nullptr) {
    Json body = task_body(id, "maybe", task);
    if (!token.is_null()) body["params"]["_meta"]["progressToken"] = token;
    server.send("c1", body);
    const Json created = server.expect_result("c1", id);
    EXPECT_EQ(created["task"]["status"], "working") << created;
    Begun begun;
    begun.id = created["task"].value("taskId", std::string());
    begun.run = server.actions.next<RunHandler>();
    begun.params = {{"taskId", begun.id}};
    server.actions.expect_nothing();
    return begun;
  }
  void expect_status(const Begun& task, const std::string& status) {
    const Json told = server.expect_notice("c1", status_told);
    EXPECT_EQ(told["taskId"], task.id);
    EXPECT_EQ(told["status"], status);
    EXPECT_TRUE(told.contains("ttl") && told.contains("createdAt") &&
                told.contains("lastUpdatedAt"))
        << told;
  }
  std::string status_of(const Begun& task) {
    return server.ask_server("c1", 90, "tasks/get", task.params).value("status", std::string());
  }

  ServerHarness server;
};

}  // namespace mcp_mqtt::engine::test
