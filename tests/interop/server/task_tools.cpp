#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "server/device.hpp"

namespace interop {

using namespace std::chrono_literals;
using mcp_mqtt::arg;
using mcp_mqtt::Json;
using mcp_mqtt::RequestContext;
using mcp_mqtt::Task;
using mcp_mqtt::TaskSupport;
using mcp_mqtt::ToolDefinition;

namespace {

constexpr auto task_ttl = 60s;

ToolDefinition with_tasks(TaskSupport support, ToolDefinition definition) {
  definition.tool.task_support = support;
  return definition;
}

std::string archive(std::optional<bool> broken) {
  if (broken.value_or(false)) throw std::runtime_error("the archive is broken");
  return "archived";
}

mcp_mqtt::CreateMessageRequest question(const std::string& prompt) {
  return {.messages = {mcp_mqtt::user_says(prompt)}, .max_tokens = 100};
}

std::string ask_model_as_task(const std::string& prompt, RequestContext& context) {
  const Task task = context.peer().create_message_as_task(question(prompt), task_ttl);
  const Json result = context.peer().task_result(task.task_id);
  return "model said: " + mcp_mqtt::create_message_result_from_json(result).value().text();
}

mcp_mqtt::CallToolResult ask_person_as_task(RequestContext& context) {
  const Task task = context.peer().elicit_as_task(person_form(), task_ttl);
  const Json result = context.peer().task_result(task.task_id);
  return shown(mcp_mqtt::elicit_result_from_json(result).value());
}

std::string cancel_model_task(RequestContext& context) {
  const Task task = context.peer().create_message_as_task(question("wait"), task_ttl);
  const auto tasks = context.peer().list_tasks();
  const bool listed = std::any_of(tasks.begin(), tasks.end(),
                                  [&](const Task& each) { return each.task_id == task.task_id; });
  const Task cancelled = context.peer().cancel_task(task.task_id);
  return Json{{"listed", listed}, {"status", to_string(cancelled.status)}}.dump();
}

}  // namespace

void add_task_tools(mcp_mqtt::McpServer& server, Device& device) {
  server.add_tool(with_tasks(TaskSupport::optional,
                             mcp_mqtt::typed_tool("render", "Takes 20 ms a step; may be a task",
                                                  {arg("steps", "How many").min(1)},
                                                  [&](int steps, RequestContext& context) {
                                                    count_to(steps, device, context);
                                                    return "rendered " + std::to_string(steps) +
                                                           " steps";
                                                  })));
  server.add_tool(with_tasks(TaskSupport::required,
                             mcp_mqtt::typed_tool("archive", "Can only be a task",
                                                  {arg("broken", "Whether it fails")}, archive)));
  server.add_tool(with_tasks(
      TaskSupport::required,
      mcp_mqtt::typed_tool(
          "ask_in_task", "A task that asks the user who they are",
          [](RequestContext& context) { return shown(context.elicit(person_form())); })));
  server.add_tool("ask_model_as_task", "Asks the client's model, as a task of the client",
                  {arg("prompt", "What to ask")}, ask_model_as_task);
  server.add_tool("ask_person_as_task", "Asks the user who they are, as a task of the client",
                  ask_person_as_task);
  server.add_tool("cancel_model_task",
                  "Asks the client's model, as a task of the client, and cancels that",
                  cancel_model_task);
}

}  // namespace interop
