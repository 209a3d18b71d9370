#include <utility>

#include <mcp_mqtt/session.hpp>

#include "face/session_calls.hpp"

// Tasks of a session (2025-11-25).
namespace mcp_mqtt {
namespace {

using Impl = ClientSession::Impl;

Result<Task> created_task(const Json& answer) {
  const auto task = answer.is_object() ? answer.find("task") : answer.end();
  if (task == answer.end()) {
    return Error{ErrorKind::protocol_violation, 0,
                 "tools/call: the server answered without making a task", nullptr};
  }
  return task_from_json(*task);
}

auto call_as_task_call(const std::shared_ptr<Impl>& impl, std::string_view name, Json arguments,
                       std::optional<std::chrono::milliseconds> ttl) {
  if (arguments.is_null()) arguments = Json::object();
  Json task = Json::object();
  if (ttl) task["ttl"] = ttl->count();
  return face::one_request<Task>(
      impl, "tools/call",
      Json{{"name", name}, {"arguments", std::move(arguments)}, {"task", std::move(task)}},
      [](const Json& answer) { return created_task(answer); });
}

auto task_call(const std::shared_ptr<Impl>& impl, const char* method, std::string_view task_id) {
  return face::one_request<Task>(impl, method, Json{{"taskId", task_id}},
                                 [](const Json& answer) { return task_from_json(answer); });
}

auto task_result_call(const std::shared_ptr<Impl>& impl, std::string_view task_id) {
  return face::one_request<CallToolResult>(
      impl, "tasks/result", Json{{"taskId", task_id}},
      [](Json answer) { return call_tool_result_from_json(std::move(answer)); });
}

auto list_tasks_call(const std::shared_ptr<Impl>& impl) {
  return face::whole_list<Task>(impl, {"tasks/list", {"tasks"}},
                                [](const Json& item) { return task_from_json(item); });
}

}  // namespace

Task ClientSession::call_tool_as_task(std::string_view name, Json arguments,
                                      std::optional<std::chrono::milliseconds> ttl,
                                      const CallOptions& options) const {
  return face::blocking<Task>(impl_, options,
                              call_as_task_call(impl_, name, std::move(arguments), ttl));
}
PendingCall ClientSession::async_call_tool_as_task(std::string_view name, Json arguments,
                                                   std::optional<std::chrono::milliseconds> ttl,
                                                   const CallOptions& options,
                                                   std::function<void(Result<Task>)> done) const {
  return face::async(impl_, options, std::move(done),
                     call_as_task_call(impl_, name, std::move(arguments), ttl));
}

Task ClientSession::get_task(std::string_view task_id, const CallOptions& options) const {
  return face::blocking<Task>(impl_, options, task_call(impl_, "tasks/get", task_id));
}
PendingCall ClientSession::async_get_task(std::string_view task_id, const CallOptions& options,
                                          std::function<void(Result<Task>)> done) const {
  return face::async(impl_, options, std::move(done), task_call(impl_, "tasks/get", task_id));
}

CallToolResult ClientSession::task_result(std::string_view task_id,
                                          const CallOptions& options) const {
  return face::blocking<CallToolResult>(impl_, options, task_result_call(impl_, task_id));
}
PendingCall ClientSession::async_task_result(
    std::string_view task_id, const CallOptions& options,
    std::function<void(Result<CallToolResult>)> done) const {
  return face::async(impl_, options, std::move(done), task_result_call(impl_, task_id));
}

std::vector<Task> ClientSession::list_tasks(const CallOptions& options) const {
  return face::blocking<std::vector<Task>>(impl_, options, list_tasks_call(impl_));
}
PendingCall ClientSession::async_list_tasks(
    const CallOptions& options, std::function<void(Result<std::vector<Task>>)> done) const {
  return face::async(impl_, options, std::move(done), list_tasks_call(impl_));
}

Task ClientSession::cancel_task(std::string_view task_id, const CallOptions& options) const {
  return face::blocking<Task>(impl_, options, task_call(impl_, "tasks/cancel", task_id));
}
PendingCall ClientSession::async_cancel_task(std::string_view task_id, const CallOptions& options,
                                             std::function<void(Result<Task>)> done) const {
  return face::async(impl_, options, std::move(done), task_call(impl_, "tasks/cancel", task_id));
}

}  // namespace mcp_mqtt
