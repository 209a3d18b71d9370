#include "engine/task_store.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <utility>

#include "engine/error_of.hpp"
#include "engine/handler_runs.hpp"
#include "engine/json_bytes.hpp"
#include "engine/pages.hpp"
#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

using std::chrono::milliseconds;

/// The `ttl` that a requester asks for; nullopt: it leaves that to the receiver.
Result<std::optional<milliseconds>> requested_ttl(const Json& params) {
  using Ttl = std::optional<milliseconds>;
  const Json& task = params.at("task");
  if (!task.is_object()) return invalid_params("'task' must be an object");
  const auto ttl = task.find("ttl");
  if (ttl == task.end() || ttl->is_null()) return Ttl();
  if (!ttl->is_number() || ttl->get<double>() < 0) {
    return invalid_params("the 'ttl' of a task must be a number of milliseconds");
  }
  constexpr double longest = 1e15;
  return Ttl(milliseconds(static_cast<std::int64_t>(std::min(ttl->get<double>(), longest))));
}

Error cancelled_error() { return rpc_error(error_code::internal_error, "the task was cancelled"); }

}  // namespace

std::string TaskStore::wall_time(TimePoint now) const {
  const auto wall =
      limits_.wall_time_at_zero + std::chrono::duration_cast<milliseconds>(now.time_since_epoch());
  const auto ms = std::chrono::duration_cast<milliseconds>(wall.time_since_epoch()).count() % 1000;
  const auto whole = std::chrono::floor<std::chrono::seconds>(wall);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), ms);
}

Result<Task> TaskStore::create(CallNumber call, const Json& params, TimePoint now) {
  const auto ttl = requested_ttl(params);
  if (!ttl) return ttl.error();
  if (tasks_.size() >= limits_.max_tasks) {
    return rpc_error(error_code::server_busy,
                     fmt::format("busy: this session has {} tasks already", tasks_.size()));
  }
  Entry entry;
  // In the order of their creation. Tasks are seen by the session that created them only, so their
  // names need not be secret.
  entry.task.task_id = fmt::format("task-{:06}", ++last_task_);
  entry.task.created_at = wall_time(now);
  entry.task.last_updated_at = entry.task.created_at;
  entry.task.ttl = std::min(ttl->value_or(limits_.max_ttl), limits_.max_ttl);
  entry.task.poll_interval = limits_.poll_interval;
  entry.call = call;
  // Beyond what a clock can hold it is kept for ever.
  constexpr milliseconds longest = std::chrono::hours(24 * 365 * 100);
  entry.expires = after(now, std::min(*entry.task.ttl, longest));
  by_call_.emplace(call, entry.task.task_id);
  const Task task = entry.task;
  tasks_.emplace(task.task_id, std::move(entry));
  return task;
}

void TaskStore::touch(Entry& entry, TaskStatus status, TimePoint now) const {
  entry.task.status = status;
  entry.task.last_updated_at = wall_time(now);
}

bool TaskStore::make_room(std::size_t bytes) {
  if (!results_.take(bytes)) return false;
  if (all_results_ == nullptr || all_results_->take(bytes)) return true;
  results_.give_back(bytes);
  return false;
}

void TaskStore::give_back(std::size_t bytes) {
  results_.give_back(bytes);
  if (all_results_ != nullptr) all_results_->give_back(bytes);
}

std::optional<TaskStore::Finished> TaskStore::finish(CallNumber call, Result<Json> outcome,
                                                     TimePoint now) {
  const auto named = by_call_.extract(call);
  if (named.empty()) return std::nullopt;
  Entry& entry = tasks_.at(named.mapped());
  std::optional<Error> not_kept;
  const std::size_t bytes = outcome
                                ? json_bytes(*outcome)
                                : outcome.error().message.size() + json_bytes(outcome.error().data);
  if (make_room(bytes)) {
    entry.result_bytes = bytes;
  } else {
    not_kept = rpc_error(
        error_code::server_busy,
        fmt::format("busy: there is no room to keep the result of task '{}'", entry.task.task_id));
    if (entry.waiting.empty()) outcome = *not_kept;
  }
  const bool failed = !outcome || (outcome->is_object() && outcome->value("isError", false));
  touch(entry, failed ? TaskStatus::failed : TaskStatus::completed, now);
  if (!outcome) {
    entry.task.status_message = outcome.error().message;
  } else {
    outcome = with_related_task(*std::move(outcome), entry.task.task_id);
  }
  entry.outcome = not_kept ? Result<Json>(*std::move(not_kept)) : outcome;
  return Finished{entry.task, std::move(outcome), std::exchange(entry.waiting, {})};
}

std::optional<Task> TaskStore::set_input_required(CallNumber call, bool required, TimePoint now) {
  const auto named = by_call_.find(call);
  if (named == by_call_.end()) return std::nullopt;
  Entry& entry = tasks_.at(named->second);
  const bool before = entry.inputs_required != 0;
  if (required) {
    ++entry.inputs_required;
  } else if (before) {
    --entry.inputs_required;
  }
  const bool after = entry.inputs_required != 0;
  if (before == after) return std::nullopt;
  touch(entry, after ? TaskStatus::input_required : TaskStatus::working, now);
  return entry.task;
}

Result<TaskStore::Tasks::iterator> TaskStore::find(const Json& params) {
  const auto id = params.find("taskId");
  if (id == params.end() || !id->is_string())
    return invalid_params("a 'taskId' that is a string is needed");
  const auto found = tasks_.find(id->get_ref<const std::string&>());
  if (found == tasks_.end()) {
    return invalid_params("unknown task '" +
                          log::printable(id->get_ref<const std::string&>(), 100) + "'");
  }
  return found;
}

Result<Json> TaskStore::get(const Json& params, TimePoint) {
  const auto found = find(params);
  if (!found) return found.error();
  return to_json((*found)->second.task);
}

Result<Json> TaskStore::list(const Json& params, TimePoint, std::size_t page_bytes) {
  return page_of(tasks_, "tasks", params, PageRoom{limits_.page_size, page_bytes},
                 [](const auto& item) { return to_json(item.second.task); });
}

Result<TaskStore::Cancelled> TaskStore::cancel(const Json& params, TimePoint now) {
  const auto found = find(params);
  if (!found) return found.error();
  Entry& entry = (*found)->second;
  if (is_final(entry.task.status)) {
    return invalid_params("task '" + entry.task.task_id +
                          "' is over already: " + std::string(to_string(entry.task.status)));
  }
  touch(entry, TaskStatus::cancelled, now);
  entry.task.status_message = "cancelled by its requester";
  entry.outcome = cancelled_error();
  by_call_.erase(entry.call);
  return Cancelled{entry.task, entry.call, *entry.outcome, std::exchange(entry.waiting, {})};
}

std::optional<Result<Json>> TaskStore::result(const Json& params, TimePoint) {
  const auto found = find(params);
  if (!found) return found.error();
  return (*found)->second.outcome;
}

void TaskStore::wait(const Json& params, CallNumber waiter) {
  if (const auto found = find(params)) (*found)->second.waiting.push_back(waiter);
}

bool TaskStore::stop_waiting(CallNumber waiter) {
  return std::any_of(tasks_.begin(), tasks_.end(),
                     [&](auto& item) { return std::erase(item.second.waiting, waiter) != 0; });
}

std::vector<TaskStore::Cancelled> TaskStore::take_expired(TimePoint now) {
  std::vector<Cancelled> stopped;
  for (auto item = tasks_.begin(); item != tasks_.end();) {
    Entry& entry = item->second;
    if (now < entry.expires) {
      ++item;
      continue;
    }
    if (!entry.outcome) {
      touch(entry, TaskStatus::cancelled, now);
      entry.task.status_message = "its time to live is over";
      by_call_.erase(entry.call);
      stopped.push_back({entry.task, entry.call,
                         rpc_error(error_code::internal_error, "the task's time to live is over"),
                         std::move(entry.waiting)});
    }
    give_back(entry.result_bytes);
    item = tasks_.erase(item);
  }
  return stopped;
}

Deadline TaskStore::next_deadline() const {
  Deadline next;
  for (const auto& [id, entry] : tasks_) next = earlier(next, entry.expires);
  return next;
}

std::vector<CallNumber> TaskStore::clear() {
  std::vector<CallNumber> waiting;
  for (const auto& [id, entry] : tasks_) {
    waiting.insert(waiting.end(), entry.waiting.begin(), entry.waiting.end());
    give_back(entry.result_bytes);
  }
  tasks_.clear();
  by_call_.clear();
  return waiting;
}

}  // namespace mcp_mqtt::engine
