#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace mcp_mqtt::mqtt::loopback {

/// Runs steps one at a time, in the order of post(): on a thread of its own, or inside poll().
class StepQueue {
 public:
  using Step = std::function<void()>;

  explicit StepQueue(bool threaded);
  StepQueue(const StepQueue&) = delete;
  StepQueue& operator=(const StepQueue&) = delete;
  /// Drops the steps that have not run. Waits for the one that runs, unless it is that step which
  /// destroys the queue.
  ~StepQueue();

  /// Any thread.
  void post(Step step);
  /// Runs at most `limit` steps; returns how many ran. Inside a step, or with a thread, none.
  std::size_t poll(std::size_t limit);
  std::size_t pending() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
  std::thread worker_;
};

}  // namespace mcp_mqtt::mqtt::loopback
