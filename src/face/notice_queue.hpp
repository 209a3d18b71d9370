#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt::face {

/// What a peer told, on its way to a callback on a worker. A peer that tells faster than the
/// callback takes it loses the oldest, with one warning, and never fills the memory. Any thread.
template <class T>
class NoticeQueue {
 public:
  explicit NoticeQueue(std::string what, std::size_t limit = 1'024)
      : what_(std::move(what)), limit_(limit) {}

  /// Whether somebody must come and take() one: false where enough will come already.
  bool push(T value) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(value));
    if (queue_.size() <= limit_) return true;
    queue_.pop_front();
    if (!std::exchange(warned_, true)) {
      log::warning("{} come faster than they are taken: the oldest are dropped", what_);
    }
    return false;
  }

  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return std::nullopt;
    T value = std::move(queue_.front());
    queue_.pop_front();
    if (queue_.empty()) warned_ = false;
    return value;
  }

 private:
  const std::string what_;
  const std::size_t limit_;
  std::mutex mutex_;
  std::deque<T> queue_;
  bool warned_ = false;
};

}  // namespace mcp_mqtt::face
