#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "ground/run_guarded.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {

/// The user's callbacks that are due, in the order of what happened. Not thread-safe.
class DeliveryQueue {
 public:
  using Delivery = std::function<void()>;

  void push(Delivery delivery) { queue_.push_back(std::move(delivery)); }
  bool empty() const noexcept { return queue_.empty(); }
  /// One is running: the caller is (under) a callback.
  bool running() const noexcept { return running_; }

  /// Calls at most `limit` of them. From inside a callback it does nothing.
  void run(std::size_t limit) {
    if (running_) return;
    running_ = true;
    for (; limit > 0 && !queue_.empty(); --limit) {
      const Delivery delivery = std::move(queue_.front());
      queue_.pop_front();
      run_guarded("a callback of the MQTT transport", delivery);
    }
    running_ = false;
  }

  /// What was not called, for the caller to drop where it holds no lock.
  std::deque<Delivery> take() { return std::exchange(queue_, {}); }

 private:
  std::deque<Delivery> queue_;
  bool running_ = false;
};

}  // namespace mcp_mqtt::mqtt::libmosquitto
