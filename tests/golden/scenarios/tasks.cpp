#include <stdexcept>

#include "golden/features.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

ToolDefinition with_tasks(TaskSupport support, ToolDefinition definition) {
  definition.tool.task_support = support;
  return definition;
}

std::string seen(const Task& task) { return std::string(to_string(task.status)); }

void tasks(Stage& stage) {
  auto& server = stage.server();
  const Gate gate;
  server.add_tool(with_tasks(TaskSupport::optional,
                             typed_tool("print", "Prints slowly", [=](RequestContext& context) {
                               gate.wait(context.stop_token());
                               return "printed";
                             })));
  server.add_tool(with_tasks(TaskSupport::required, typed_tool("jam", "Fails", []() -> std::string {
                               throw std::runtime_error("the paper is jammed");
                             })));
  auto& client = stage.client();
  const test::EventLog<std::string> told;
  client.on_task_status([=](auto, const Task& task) { told.push(seen(task)); });
  const auto session = stage.open();
  stage.say("A call as a task: it is answered at once.");
  std::string id = "a-task-that-never-was";
  const auto begin = [&](const char* tool) {
    try {
      id = session.call_tool_as_task(tool, Json::object(), 60'000ms).task_id;
    } catch (const McpError& error) {
      stage.say_error(error.error());
    }
  };
  begin("print");
  if (!stage.since(Revision::v2025_11_25)) {
    stage.say("The tools work without tasks, also the one that wants to be a task.");
    gate.open();
    session.call_tool("print");
    session.call_tool("jam");
    stage.fails([&] { session.get_task(id); });
    stage.fails([&] { session.request("tasks/get", {{"taskId", id}}); });
    return;
  }
  stage.say("It works still.");
  session.get_task(id);
  stage.say("The tool returns: the client is told, and fetches the result.");
  gate.open();
  EXPECT_EQ(told.take(), "completed");
  session.task_result(id);
  stage.say("A task that fails.");
  begin("jam");
  EXPECT_TRUE(told.take());
  session.get_task(id);
  session.task_result(id);
  stage.say("All tasks.");
  session.list_tasks();
  stage.say("A tool that must be a task, without one.");
  stage.fails([&] { session.call_tool("jam"); });
  stage.say("A task that does not exist.");
  stage.fails([&] { session.get_task("nobody"); });
}

void task_cancellation(Stage& stage) {
  auto& server = stage.server();
  const test::EventLog<bool> started;
  const test::EventLog<bool> stopped;
  server.add_tool(with_tasks(TaskSupport::optional,
                             typed_tool("print", "Prints for ever", [=](RequestContext& context) {
                               started.push(true);
                               stopped.push(!Gate().wait(context.stop_token()));
                               return "unwanted";
                             })));
  auto& client = stage.client();
  const test::EventLog<std::string> told;
  client.on_task_status([=](auto, const Task& task) { told.push(seen(task)); });
  const auto session = stage.open();
  if (!stage.since(Revision::v2025_11_25)) {
    stage.say("There are no tasks.");
    stage.fails([&] { session.call_tool_as_task("print"); });
    stage.fails([&] { session.cancel_task("nobody"); });
    return;
  }
  stage.say("A task that is cancelled: its handler is told.");
  const Task task = session.call_tool_as_task("print", Json::object(), 60'000ms);
  EXPECT_TRUE(started.take());  // a task that is cancelled before runs no handler
  session.cancel_task(task.task_id);
  EXPECT_EQ(stopped.take(), true);
  EXPECT_TRUE(told.take());
  stage.say("Its result, and a second cancellation.");
  stage.fails([&] { session.task_result(task.task_id); });
  stage.fails([&] { session.cancel_task(task.task_id); });
}

void task_input(Stage& stage) {
  auto& server = stage.server();
  const test::EventLog<std::string> told;
  server.add_tool(with_tasks(
      TaskSupport::optional, typed_tool("print", "Asks how often", [](RequestContext& context) {
        context.log(LoggingLevel::warning, "nobody said how often");
        const auto answer = context.elicit(
            elicit_form("How many?", ElicitForm().integer("copies", {.required = true})));
        return "copies: " + answer.content.at("copies").dump();
      })));
  auto& client = stage.client();
  client.on_elicitation([=, &stage](const auto&, ClientRequestContext&) {
    // The user answers when the client knows that the task waits for it.
    if (stage.since(Revision::v2025_11_25)) {
      EXPECT_EQ(told.take(), "input_required");
    }
    return ElicitResult{.content = {{"copies", 3}}};
  });
  client.on_task_status([=](auto, const Task& task) { told.push(seen(task)); });
  const auto session = stage.open();
  if (!stage.since(Revision::v2025_11_25)) {
    stage.say("There are no tasks: the tool asks while its call waits.");
    session.call_tool("print");
    return;
  }
  stage.say("A task that logs, asks the user, and ends. All of it names the task.");
  const Task task = session.call_tool_as_task("print", Json::object(), 60'000ms);
  EXPECT_TRUE(told.wait_for([](const std::string& status) { return status == "completed"; }));
  session.task_result(task.task_id);
}

void tasks_of_client(Stage& stage) {
  stage.server();
  auto& client = stage.client([](ClientOptions& options) { options.tasks = true; });
  const Gate gate;
  client.on_sampling([=](const auto&, ClientRequestContext& context) {
    gate.wait(context.stop_token());
    return CreateMessageResult{.content = {TextContent{.text = "forty-two"}}, .model = "slow-1"};
  });
  client.on_elicitation([=](const auto&, ClientRequestContext& context) {
    Gate().wait(context.stop_token());
    return ElicitResult{};
  });
  const test::EventLog<std::string> told;
  stage.server().on_task_status([=](auto&, const Task& task) { told.push(seen(task)); });
  stage.open();
  const auto peer = stage.peer();
  const CreateMessageRequest question{.messages = {user_says("Why?")}, .max_tokens = 10};
  const auto form = elicit_form("Who?", ElicitForm().text("name"));
  if (!stage.since(Revision::v2025_11_25)) {
    stage.say("There are no tasks.");
    stage.fails([&] { peer.create_message_as_task(question); });
    stage.fails([&] { peer.elicit_as_task(form); });
    stage.fails([&] { peer.get_task("nobody"); });
    return;
  }
  stage.say("The server asks the client's model, as a task.");
  const Task asked = peer.create_message_as_task(question, 60'000ms);
  peer.get_task(asked.task_id);
  stage.say("The model answers.");
  gate.open();
  EXPECT_EQ(told.take(), "completed");
  peer.task_result(asked.task_id);
  stage.say("The server asks the user, as a task, and changes its mind.");
  const Task second = peer.elicit_as_task(form, 60'000ms);
  peer.cancel_task(second.task_id);
  EXPECT_EQ(told.take(), "cancelled");
  stage.say("All tasks.");
  peer.list_tasks();
}

}  // namespace

std::vector<Feature> task_features() {
  return {
      {"tasks", "Calls as tasks", tasks},
      {"task_cancellation", "A task that is cancelled", task_cancellation},
      {"task_input", "A task that needs the user", task_input},
      {"tasks_of_client", "Tasks at the client", tasks_of_client},
  };
}

}  // namespace mcp_mqtt::golden
