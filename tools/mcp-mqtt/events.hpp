#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace mcp_mqtt::command_line {

/// What callbacks tell, for the main thread to show: so whoever waits for the screen holds up no
/// worker, and no callback throws. Of what comes faster than it is shown the oldest is dropped.
template <class T>
class Events {
 public:
  static constexpr std::size_t most = 10'000;

  void push(T event) {
    const std::lock_guard lock(mutex_);
    if (events_.size() == most) {
      events_.pop_front();
      ++dropped_;
    }
    events_.push_back(std::move(event));
    changed_.notify_one();
  }

  /// The next one; nothing once `stop` is requested, whatever is left.
  std::optional<T> next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !events_.empty(); });
    if (stop.stop_requested()) return std::nullopt;
    std::optional<T> event(std::move(events_.front()));
    events_.pop_front();
    return event;
  }

  /// One that is there already.
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    if (events_.empty()) return std::nullopt;
    std::optional<T> event(std::move(events_.front()));
    events_.pop_front();
    return event;
  }

  /// How many were dropped since this was asked for.
  std::size_t take_dropped() {
    const std::lock_guard lock(mutex_);
    return std::exchange(dropped_, 0);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> events_;
  std::size_t dropped_ = 0;
};

}  // namespace mcp_mqtt::command_line
