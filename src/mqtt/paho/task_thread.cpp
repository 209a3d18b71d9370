#include "mqtt/paho/task_thread.hpp"

#include <memory>
#include <utility>

#include "ground/run_guarded.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

void carry_out(const TaskThread::Task& task) noexcept {
  run_guarded("a callback of the Paho transport", task);
}

}  // namespace

TaskThread::TaskThread() : thread_([state = state_] { run(state); }) {}

void TaskThread::post(Task task) {
  // A copy: the task may destroy this object before the thread is told of it.
  const auto state = state_;
  {
    const std::lock_guard lock(state->mutex);
    if (state->stopping) return;
    state->ready.push_back(std::move(task));
  }
  state->changed.notify_one();
}

void TaskThread::post_at(Clock::time_point time, Task task) {
  const auto state = state_;
  {
    const std::lock_guard lock(state->mutex);
    if (state->stopping) return;
    state->later.emplace(time, std::move(task));
  }
  state->changed.notify_one();
}

void TaskThread::stop() {
  // Tasks are destroyed without the lock: what they hold may call back into this object.
  std::deque<Task> ready;
  std::multimap<Clock::time_point, Task> later;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    ready.swap(state_->ready);
    later.swap(state_->later);
  }
  state_->changed.notify_one();
  ready.clear();
  later.clear();
  if (!thread_.joinable()) return;
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void TaskThread::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    const auto now = Clock::now();
    while (!state->later.empty() && state->later.begin()->first <= now) {
      state->ready.push_back(std::move(state->later.begin()->second));
      state->later.erase(state->later.begin());
    }
    if (state->stopping) return;
    if (!state->ready.empty()) {
      Task task = std::move(state->ready.front());
      state->ready.pop_front();
      lock.unlock();
      carry_out(task);
      task = nullptr;
      lock.lock();
    } else if (state->later.empty()) {
      state->changed.wait(lock);
    } else {
      // A copy: the entry may go while this thread waits.
      const auto next = state->later.begin()->first;
      state->changed.wait_until(lock, next);
    }
  }
}

}  // namespace mcp_mqtt::mqtt::paho
