#include "engine/client_answers.hpp"

#include <fmt/format.h>
#include <utility>

namespace mcp_mqtt::engine {
namespace {

Error busy(std::size_t under_way) {
  return rpc_error(error_code::server_busy,
                   fmt::format("busy: {} requests are being answered already", under_way));
}

/// What a handler threw, as the server sees it.
Result<Json> as_answer(Result<Json> outcome) {
  if (outcome || outcome.error().kind == ErrorKind::rpc) return outcome;
  return rpc_error(error_code::internal_error, std::move(outcome).error().message);
}

}  // namespace

bool ClientAnswers::has_tasks(Revision revision) const {
  const ClientCapabilities& declared = shared_.config.capabilities;
  return revision >= Revision::v2025_11_25 &&
         (declared.tasks_sampling || declared.tasks_elicitation);
}

bool ClientAnswers::is_busy() const {
  return runs_.size() >= shared_.config.max_runs_per_session ||
         shared_.run_owner.size() >= shared_.config.max_runs;
}

void ClientAnswers::on_request(const wire::Request& request, const Batch& batch, Revision revision,
                               TimePoint now) {
  const bool unread = shared_.config.unread_requests;
  if (!unread && has_tasks(revision) && on_task_request(request, batch, now)) return;
  auto ask = unread ? Result<HostRequest>(UnreadRequest{request.method, request.params})
                    : read_host_request(request.method, request.params, shared_.config.capabilities,
                                        revision);
  if (!ask) {
    sender_.answer(request.id, std::move(ask).error(), batch);
  } else if (is_busy()) {
    sender_.answer(request.id, busy(runs_.size()), batch);
  } else {
    run(request, *std::move(ask), batch, revision, now);
  }
}

void ClientAnswers::run(const wire::Request& request, HostRequest ask, const Batch& batch,
                        Revision revision, TimePoint now) {
  const CallNumber call = shared_.new_run();
  HandlerRun run;
  run.progress_token = progress_token_of(request.params);
  if (revision >= Revision::v2025_11_25 && !shared_.config.unread_requests) {
    run.related_task = related_task_of(request.params);
  }
  if (request.params.contains("task") && may_be_task(ask, shared_.config.capabilities, revision)) {
    auto task = tasks_.create(call, request.params, now);
    if (!task) {
      sender_.answer(request.id, std::move(task).error(), batch);
      return;
    }
    run.task_id = task->task_id;
    sender_.answer(request.id, Json{{"task", to_json(*task)}}, batch);
  } else {
    run.request = request.id;
    run.batch = batch;
  }
  runs_.add(call, std::move(run));
  shared_.run_owner.emplace(call, session_);
  shared_.out.emplace_back(RunRequest{call, session_, std::move(ask)});
}

void ClientAnswers::on_cancelled(const Json& params) {
  const auto call = runs_.cancel_request(params);
  if (!call) return;
  if (!tasks_.stop_waiting(*call)) {
    shared_.out.emplace_back(CancelRun{*call});
  } else if (const auto run = runs_.take(*call); run && run->batch) {
    sender_.settle(*run->batch, std::nullopt);
  }
}

void ClientAnswers::finish(CallNumber call, Result<Json> outcome, TimePoint now) {
  const auto run = runs_.take(call);
  if (!run) return;
  if (run->task_id.empty()) {
    answer_run(*run, as_answer(std::move(outcome)));
  } else if (auto finished = tasks_.finish(call, as_answer(std::move(outcome)), now)) {
    sender_.notify("notifications/tasks/status", to_json(finished->task));
    answer_waiting(finished->waiting, finished->result);
  }
}

void ClientAnswers::answer_run(const HandlerRun& run, Result<Json> outcome) {
  if (!run.cancelled && run.request) {
    if (outcome && !run.related_task.empty()) {
      outcome = with_related_task(*std::move(outcome), run.related_task);
    }
    sender_.answer(*run.request, std::move(outcome), run.batch);
  } else if (run.batch) {
    sender_.settle(*run.batch, std::nullopt);
  }
}

void ClientAnswers::report_progress(CallNumber call, const Progress& progress, Revision revision) {
  if (auto params = runs_.progress(call, progress, revision)) {
    sender_.notify("notifications/progress", *std::move(params));
  }
}

// --- Tasks

bool ClientAnswers::on_task_request(const wire::Request& request, const Batch& batch,
                                    TimePoint now) {
  const ClientCapabilities& declared = shared_.config.capabilities;
  if (request.method == "tasks/get") {
    sender_.answer(request.id, tasks_.get(request.params, now), batch);
  } else if (request.method == "tasks/result") {
    wait_for_result(request, batch, now);
  } else if (request.method == "tasks/list" && declared.tasks_list) {
    sender_.answer(request.id,
                   tasks_.list(request.params, now, sender_.bytes_for_result(request.id)), batch);
  } else if (request.method == "tasks/cancel" && declared.tasks_cancel) {
    auto cancelled = tasks_.cancel(request.params, now);
    if (!cancelled) {
      sender_.answer(request.id, std::move(cancelled).error(), batch);
      return true;
    }
    sender_.answer(request.id, to_json(cancelled->task), batch);
    stop_task(*std::move(cancelled));
  } else {
    return false;
  }
  return true;
}

void ClientAnswers::wait_for_result(const wire::Request& request, const Batch& batch,
                                    TimePoint now) {
  if (auto result = tasks_.result(request.params, now)) {
    sender_.answer(request.id, *std::move(result), batch);
    return;
  }
  if (is_busy()) {
    sender_.answer(request.id, busy(runs_.size()), batch);
    return;
  }
  const CallNumber waiter = shared_.new_run();
  tasks_.wait(request.params, waiter);
  HandlerRun run;
  run.request = request.id;
  run.batch = batch;
  runs_.add(waiter, std::move(run));
}

void ClientAnswers::stop_task(TaskStore::Cancelled cancelled) {
  if (runs_.cancel(cancelled.call)) shared_.out.emplace_back(CancelRun{cancelled.call});
  sender_.notify("notifications/tasks/status", to_json(cancelled.task));
  answer_waiting(cancelled.waiting, cancelled.result);
}

void ClientAnswers::answer_waiting(const std::vector<CallNumber>& waiting,
                                   const Result<Json>& result) {
  for (const CallNumber waiter : waiting) {
    if (const auto run = runs_.take(waiter)) answer_run(*run, result);
  }
}

void ClientAnswers::on_time(TimePoint now) {
  for (auto& expired : tasks_.take_expired(now)) stop_task(std::move(expired));
}

void ClientAnswers::close() {
  for (const CallNumber waiter : tasks_.clear()) static_cast<void>(runs_.take(waiter));
  for (const CallNumber call : runs_.take_all()) shared_.out.emplace_back(CancelRun{call});
}

}  // namespace mcp_mqtt::engine
