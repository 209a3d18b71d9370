#include "mqtt/loopback/step_queue.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace mcp_mqtt::mqtt::loopback {

// Shared with the worker, because a step may destroy the queue that runs it.
struct StepQueue::Core {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<Step> steps;
  bool stopped = false;
  bool running = false;

  /// Runs the oldest step; false if there is none.
  bool run_one(std::unique_lock<std::mutex>& lock) {
    if (steps.empty() || stopped) return false;
    Step step = std::move(steps.front());
    steps.pop_front();
    running = true;
    lock.unlock();
    step();
    step = nullptr;
    lock.lock();
    running = false;
    return true;
  }

  void work() {
    std::unique_lock lock(mutex);
    while (!stopped) {
      changed.wait(lock, [this] { return stopped || !steps.empty(); });
      run_one(lock);
    }
  }
};

StepQueue::StepQueue(bool threaded) : core_(std::make_shared<Core>()) {
  if (threaded) {
    worker_ = std::thread([core = core_] { core->work(); });
  }
}

StepQueue::~StepQueue() {
  std::deque<Step> dropped;
  {
    const std::lock_guard lock(core_->mutex);
    core_->stopped = true;
    dropped.swap(core_->steps);
  }
  core_->changed.notify_all();
  if (!worker_.joinable()) return;
  if (worker_.get_id() == std::this_thread::get_id()) {
    worker_.detach();
  } else {
    worker_.join();
  }
}

void StepQueue::post(Step step) {
  {
    const std::lock_guard lock(core_->mutex);
    core_->steps.push_back(std::move(step));
  }
  core_->changed.notify_one();
}

std::size_t StepQueue::poll(std::size_t limit) {
  if (worker_.joinable()) return 0;
  const std::shared_ptr<Core> core = core_;
  std::unique_lock lock(core->mutex);
  if (core->running) return 0;
  std::size_t ran = 0;
  while (ran < limit && core->run_one(lock)) ++ran;
  return ran;
}

std::size_t StepQueue::pending() const {
  const std::lock_guard lock(core_->mutex);
  return core_->steps.size();
}

}  // namespace mcp_mqtt::mqtt::loopback
