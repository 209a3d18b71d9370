#include "integration/faces/site.hpp"

// Tools called as tasks (2025-11-25), from the client's side.
namespace mcp_mqtt::test {
namespace {

class ClientToolTasks : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<McpServer>(server_options("desk-1"));
    auto render = typed_tool("render", "Renders", [gate = gate_](RequestContext& context) {
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock lock(mutex);
      while (!context.cancelled() && gate.size() == 0) {
        wake.wait_for(lock, context.stop_token(), 1ms, [] { return false; });
      }
      return std::string(context.cancelled() ? "stopped" : "rendered");
    });
    render.tool.task_support = TaskSupport::optional;
    server_->add_tool(std::move(render));
    server_->add_tool("plain", "No task", [] { return "plain"; });
    server_->start(url());
    client_ = std::make_unique<McpClient>(client_options());
    client_->on_task_status(
        [states = states_](const ClientSession&, const Task& task) { states.push(task); });
    client_->connect(url());
    desk_ = client_->open("desk/companion", {.timeout = patience});
  }

  /// Tasks end when something is in it.
  const EventLog<int> gate_;
  const EventLog<Task> states_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession desk_;
};

TEST_P(ClientToolTasks, ResultComesWhenTheTaskIsOver) {
  const Task task = desk_.call_tool_as_task("render", Json::object(), 60s);
  EXPECT_EQ(task.status, TaskStatus::working);
  EXPECT_EQ(task.ttl, std::chrono::milliseconds(60s));
  EXPECT_EQ(desk_.get_task(task.task_id).status, TaskStatus::working);
  ASSERT_EQ(desk_.list_tasks().size(), 1U);
  const Outcome<CallToolResult> result;
  desk_.async_task_result(task.task_id, {}, result.callback());
  gate_.push(1);
  EXPECT_EQ(result.wait().value().text(), "rendered");
  EXPECT_TRUE(states_.wait_for([&](const Task& state) {
    return state.task_id == task.task_id && state.status == TaskStatus::completed;
  }));
  EXPECT_EQ(desk_.get_task(task.task_id).status, TaskStatus::completed);
}

TEST_P(ClientToolTasks, CancelEndsATask) {
  const Task task = desk_.call_tool_as_task("render");
  EXPECT_EQ(desk_.cancel_task(task.task_id).status, TaskStatus::cancelled);
  EXPECT_EQ(error_of([&] { desk_.cancel_task(task.task_id); }).code, error_code::invalid_params);
}

TEST_P(ClientToolTasks, AWaitThatIsGivenUpLeavesTheTask) {
  const Task task = desk_.call_tool_as_task("render");
  EXPECT_EQ(error_of([&] { desk_.task_result(task.task_id, {.timeout = 50ms}); }).kind,
            ErrorKind::timeout);
  gate_.push(1);
  EXPECT_EQ(desk_.task_result(task.task_id).text(), "rendered");
}

TEST_P(ClientToolTasks, ATaskNeedsAToolThatCanBeOne) {
  EXPECT_EQ(error_of([&] { desk_.call_tool_as_task("plain"); }).kind, ErrorKind::rpc);
  EXPECT_EQ(error_of([&] { desk_.get_task("none"); }).code, error_code::invalid_params);
}

TEST_P(ClientToolTasks, OlderRevisionsHaveNone) {
  const auto old =
      client_->open("desk/companion", {.timeout = patience, .revision = Revision::v2025_06_18});
  const Error error = error_of([&] { old.call_tool_as_task("render"); });
  EXPECT_EQ(error.kind, ErrorKind::unsupported);
  EXPECT_NE(error.message.find("2025-06-18"), std::string::npos);
}

MCP_MQTT_ON_EVERY_SITE(ClientToolTasks);

}  // namespace
}  // namespace mcp_mqtt::test
