#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/protocol/task.hpp>
#include <mcp_mqtt/result.hpp>

#include "engine/byte_budget.hpp"
#include "engine/clock.hpp"
#include "engine/handler_actions.hpp"

namespace mcp_mqtt::engine {

/// How a receiver treats the tasks of one session.
struct TaskLimits {
  /// Of a task whose requester asks for none, or for more.
  std::chrono::milliseconds max_ttl{std::chrono::hours(1)};
  std::size_t max_tasks = 64;
  /// Of the results that wait to be fetched.
  std::size_t max_result_bytes = 32U << 20;
  std::size_t page_size = 100;
  /// How often the requester is asked to poll at most.
  std::chrono::milliseconds poll_interval{500};
  /// Which time of day the engine's clock shows where it starts to count.
  std::chrono::system_clock::time_point wall_time_at_zero = {};
};

/// The tasks that one session's peer created here (2025-11-25): their state, their results for as
/// long as they live, and who waits for them. It knows no messages.
class TaskStore {
 public:
  /// `all_results`, where given, is what the results of all sessions may take together; it must
  /// outlive the store.
  explicit TaskStore(const TaskLimits& limits, ByteBudget* all_results = nullptr)
      : limits_(limits), all_results_(all_results), results_(limits.max_result_bytes) {}
  TaskStore(const TaskStore&) = delete;
  TaskStore& operator=(const TaskStore&) = delete;
  ~TaskStore() { static_cast<void>(clear()); }

  /// Makes a task of a request whose handler runs as `call`. `params` are the request's, with
  /// `task`. -32602 for a task that cannot be made, server_busy where there are too many.
  Result<Task> create(CallNumber call, const Json& params, TimePoint now);

  struct Finished {
    Task task;
    /// The answer to every `tasks/result` that waits.
    Result<Json> result;
    std::vector<CallNumber> waiting;
  };
  /// The handler of `call` came to this; nullopt where no task is left that wants it. A result for
  /// which there is no room goes to those who wait; where nobody does, the task failed.
  std::optional<Finished> finish(CallNumber call, Result<Json> outcome, TimePoint now);

  /// The handler of `call` waits for its requester, or goes on. The changed task; nullopt where
  /// nothing changed.
  std::optional<Task> set_input_required(CallNumber call, bool required, TimePoint now);

  /// `tasks/get`, `tasks/list`: the results.
  Result<Json> get(const Json& params, TimePoint now);
  Result<Json> list(const Json& params, TimePoint now, std::size_t page_bytes);

  struct Cancelled {
    Task task;
    CallNumber call = 0;
    Result<Json> result;
    std::vector<CallNumber> waiting;
  };
  /// `tasks/cancel`; -32602 for a task that is over.
  Result<Cancelled> cancel(const Json& params, TimePoint now);

  /// `tasks/result`: the result where it is there; nullopt: not yet, wait() for it.
  std::optional<Result<Json>> result(const Json& params, TimePoint now);
  /// `waiter` stands with those who wait for the result of this task, which is not over.
  void wait(const Json& params, CallNumber waiter);
  /// False: it does not wait.
  bool stop_waiting(CallNumber waiter);

  /// The time to live of some tasks is over: they are forgotten. Those whose handler still runs
  /// count as cancelled.
  std::vector<Cancelled> take_expired(TimePoint now);
  Deadline next_deadline() const;
  std::size_t size() const noexcept { return tasks_.size(); }
  /// Forgets all; those who waited.
  std::vector<CallNumber> clear();

 private:
  struct Entry {
    Task task;
    CallNumber call = 0;
    TimePoint expires;
    std::size_t inputs_required = 0;
    std::optional<Result<Json>> outcome;
    std::size_t result_bytes = 0;
    std::vector<CallNumber> waiting;
  };
  using Tasks = std::map<std::string, Entry, std::less<>>;

  Result<Tasks::iterator> find(const Json& params);
  void touch(Entry& entry, TaskStatus status, TimePoint now) const;
  std::string wall_time(TimePoint now) const;
  bool make_room(std::size_t bytes);
  void give_back(std::size_t bytes);

  TaskLimits limits_;
  ByteBudget* all_results_;
  ByteBudget results_;
  Tasks tasks_;
  std::map<CallNumber, std::string> by_call_;
  std::uint64_t last_task_ = 0;
};

}  // namespace mcp_mqtt::engine
