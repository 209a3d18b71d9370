#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {

using namespace std::chrono_literals;
using mcp_mqtt::ClientSession;
using mcp_mqtt::ElicitAction;
using mcp_mqtt::ElicitRequest;
using mcp_mqtt::ElicitResult;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::Task;
using mcp_mqtt::TaskStatus;
namespace error_code = mcp_mqtt::error_code;

namespace {

constexpr auto ttl = 60s;

bool told(const Host& host, const std::string& id, TaskStatus status) {
  const auto all = host.task_status.all();
  return std::any_of(all.begin(), all.end(),
                     [&](const Task& task) { return task.task_id == id && task.status == status; });
}

void check_one(Checks& checks, const ClientSession& session, Host& host) {
  checks.check("a tool that may be a task can be called without one", [&] {
    require_answer(session, "render", {{"steps", 2}}, "rendered 2 steps");
  });
  checks.check("a call as a task is answered at once, its result waited for", [&] {
    const Task task = session.call_tool_as_task("render", {{"steps", 5}}, ttl);
    require_equal(to_string(task.status), "working", "the status");
    require(task.ttl == ttl, "the time to live is another one");
    require(!task.created_at.empty(), "nothing says when it was created");
    const auto result = session.task_result(task.task_id);
    require_equal(answer(result), "rendered 5 steps", "the result");
    require_equal(result.meta.at("io.modelcontextprotocol/related-task").at("taskId"), task.task_id,
                  "the task that the result names");
    require_equal(to_string(session.get_task(task.task_id).status), "completed", "the status");
    require_eventually("tasks/status completed",
                       [&] { return told(host, task.task_id, TaskStatus::completed); });
  });
  checks.check("a tool that must be a task may fail as one", [&] {
    const auto done = session.call_tool_as_task("archive", Json::object(), ttl);
    require_equal(answer(session.task_result(done.task_id)), "archived", "the result");
    const auto broken = session.call_tool_as_task("archive", {{"broken", true}}, ttl);
    const auto result = session.task_result(broken.task_id);
    require(result.is_error, "is_error is not set");
    require_equal(to_string(session.get_task(broken.task_id).status), "failed", "the status");
  });
  checks.check("a tool that must be a task is refused without one with -32601", [&] {
    require_error(ErrorKind::rpc, error_code::method_not_found,
                  [&] { session.call_tool("archive"); });
  });
  checks.check("an unknown task is refused with -32602", [&] {
    require_error(ErrorKind::rpc, error_code::invalid_params,
                  [&] { session.get_task("no-such-task"); });
  });
}

void check_many(Checks& checks, const ClientSession& session, Host& host) {
  const auto listed = [&](const std::string& id) {
    const auto tasks = session.list_tasks();
    return std::count_if(tasks.begin(), tasks.end(),
                         [&](const Task& task) { return task.task_id == id; });
  };
  checks.check("every task is listed, over all pages", [&] {
    std::vector<std::string> ids;
    for (int i = 0; i < 12; ++i) {
      ids.push_back(session.call_tool_as_task("render", {{"steps", 1}}, ttl).task_id);
    }
    for (const auto& id : ids) require_equal(listed(id), 1, "how often " + id + " is listed");
    for (const auto& id : ids) session.task_result(id);
  });
  checks.check("a task is forgotten when its time to live is over", [&] {
    const auto task = session.call_tool_as_task("render", {{"steps", 1}}, 200ms);
    require_eventually("its end", [&] { return listed(task.task_id) == 0; });
  });
  checks.check("a task that is cancelled stops its handler", [&] {
    require_answer(session, "count", {{"to", 1}}, "counted to 1");
    require_answer(session, "last_cancelled", Json::object(), "no");
    const auto task = session.call_tool_as_task("render", {{"steps", 100'000}}, ttl);
    require_eventually("the first step",
                       [&] { return told(host, task.task_id, TaskStatus::working); });
    require_equal(to_string(session.cancel_task(task.task_id).status), "cancelled", "the status");
    require_eventually("the cancellation of the handler",
                       [&] { return answer(session.call_tool("last_cancelled")) == "yes"; });
    require_error(ErrorKind::rpc, error_code::invalid_params,
                  [&] { session.cancel_task(task.task_id); });
  });
}

void check_asking(Checks& checks, const ClientSession& session, Host& host) {
  const Json content{{"name", "Grace"}, {"age", 85}, {"score", 9.5}, {"member", true}};
  checks.check("a task asks the user", [&] {
    host.set_user([](const ElicitRequest&) {
      return ElicitResult{.action = ElicitAction::accept,
                          .content = {{"name", "Grace"}, {"age", 85}}};
    });
    host.user_asked.take();
    const auto task = session.call_tool_as_task("ask_in_task", Json::object(), ttl);
    require_eventually("tasks/status input_required",
                       [&] { return told(host, task.task_id, TaskStatus::input_required); });
    require_equal(json_answer(session.task_result(task.task_id)),
                  {{"action", "accept"}, {"content", content}}, "the result");
    const Json meta = host.user_asked.take().at(0).meta;
    require_equal(meta.at("io.modelcontextprotocol/related-task").at("taskId"), task.task_id,
                  "the task that asked");
  });
  checks.check("the server asks the model and the user as tasks of the client", [&] {
    require_answer(session, "ask_model_as_task", {{"prompt", "hello"}},
                   "model said: you wrote hello");
    require_equal(json_answer(session.call_tool("ask_person_as_task")),
                  {{"action", "accept"}, {"content", content}}, "the answer");
  });
  checks.check("the server lists and cancels a task of the client", [&] {
    const int cancelled = host.cancelled;
    require_equal(json_answer(session.call_tool("cancel_model_task")),
                  {{"listed", true}, {"status", "cancelled"}}, "the answer");
    require_eventually("the cancellation of the request to the model",
                       [&] { return host.cancelled > cancelled; });
  });
}

}  // namespace

void check_tasks(Checks& checks, const ClientSession& session, Host& host) {
  check_one(checks, session, host);
  check_many(checks, session, host);
  check_asking(checks, session, host);
}

}  // namespace interop
