#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include <mcp_mqtt/protocol/progress.hpp>

namespace mcp_mqtt::runtime {

/// Progress on its way from a handler to the loop. A handler that reports faster than the loop can
/// send loses steps in the middle, never the newest, and never fills the memory. Any thread.
class ProgressQueue {
 public:
  /// Whether somebody must come and take(): false where that is arranged already.
  bool push(Progress progress) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= limit) queue_.pop_back();
    queue_.push_back(std::move(progress));
    return !std::exchange(scheduled_, true);
  }

  std::vector<Progress> take() {
    const std::lock_guard lock(mutex_);
    scheduled_ = false;
    return std::exchange(queue_, {});
  }

 private:
  static constexpr std::size_t limit = 64;
  std::mutex mutex_;
  std::vector<Progress> queue_;
  bool scheduled_ = false;
};

}  // namespace mcp_mqtt::runtime
