#include <utility>

#include "engine/server_session.hpp"

// Calls of tools as tasks (2025-11-25, experimental).
namespace mcp_mqtt::engine {

void ServerSession::start_task(const wire::Request& request, const Batch& batch, Start begin,
                               TimePoint now) {
  const CallNumber call = shared_.new_call(client_id_, request_bytes_);
  auto task = tasks_.create(call, request.params, now);
  if (!task) {
    shared_.calls.end(call);
    answer(request.id, std::move(task).error(), batch);
    return;
  }
  answer(request.id, Json{{"task", to_json(*task)}}, batch);
  start(request, batch, std::move(begin), task->task_id, call);
}

void ServerSession::get_task(wire::Request& request, const Batch& batch, TimePoint now) {
  answer(request.id, tasks_.get(request.params, now), batch);
}

void ServerSession::list_tasks(wire::Request& request, const Batch& batch, TimePoint now) {
  answer(request.id, tasks_.list(request.params, now, page_room(request).bytes), batch);
}

void ServerSession::cancel_task(wire::Request& request, const Batch& batch, TimePoint now) {
  auto cancelled = tasks_.cancel(request.params, now);
  if (!cancelled) {
    answer(request.id, std::move(cancelled).error(), batch);
    return;
  }
  answer(request.id, to_json(cancelled->task), batch);
  stop_task(*std::move(cancelled), now);
}

void ServerSession::task_result(wire::Request& request, const Batch& batch, TimePoint now) {
  if (auto there = tasks_.result(request.params, now)) {
    answer(request.id, *std::move(there), batch);
    return;
  }
  if (refuse_busy(request.id, batch)) return;
  const CallNumber waiter = shared_.new_call(client_id_, request_bytes_);
  tasks_.wait(request.params, waiter);
  HandlerRun run;  // no handler runs for it: it ends with the task
  run.request = request.id;
  run.batch = batch;
  runs_.add(waiter, std::move(run));
}

void ServerSession::tell_status(const Task& task) {
  notify("notifications/tasks/status", to_json(task));
}

/// Nobody wants this `tasks/result` any more.
void ServerSession::drop_waiter(CallNumber waiter) {
  shared_.calls.end(waiter);
  if (const auto run = runs_.take(waiter); run && run->batch) settle(*run->batch, std::nullopt);
}

/// The handler of a task is done: whoever waits for its result gets it.
void ServerSession::settle_task(CallNumber call, Result<Json> outcome, TimePoint now) {
  auto finished = tasks_.finish(call, std::move(outcome), now);
  if (!finished) return;
  tell_status(finished->task);
  for (const CallNumber waiter : finished->waiting) {
    shared_.calls.end(waiter);
    finish(waiter, finished->result, now);
  }
}

/// A task ends before its handler does.
void ServerSession::stop_task(TaskStore::Cancelled cancelled, TimePoint now) {
  if (runs_.cancel(cancelled.call)) shared_.out.emplace_back(CancelRun{cancelled.call});
  tell_status(cancelled.task);
  for (const CallNumber waiter : cancelled.waiting) {
    shared_.calls.end(waiter);
    finish(waiter, cancelled.result, now);
  }
}

}  // namespace mcp_mqtt::engine
