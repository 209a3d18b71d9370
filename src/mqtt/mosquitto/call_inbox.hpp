#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace mcp_mqtt::mqtt::libmosquitto {

/// Calls of other threads on their way to the loop, in order and bounded. Any thread.
class CallInbox {
 public:
  using Call = std::function<void()>;

  /// `bytes`: what the call carries. False, and `call` left as it was, when too much waits.
  bool push(std::size_t bytes, Call&& call) {
    const std::lock_guard lock(mutex_);
    if (calls_.size() >= most_calls || (!calls_.empty() && bytes_ + bytes > most_bytes)) {
      return false;
    }
    calls_.push_back(std::move(call));
    bytes_ += bytes;
    return true;
  }

  /// For what must get through and carries nothing, like the answer to a call that did not fit.
  void push_always(Call call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }

  std::vector<Call> take() {
    const std::lock_guard lock(mutex_);
    bytes_ = 0;
    return std::exchange(calls_, {});
  }

 private:
  static constexpr std::size_t most_calls = 10'000;
  static constexpr std::size_t most_bytes = 64U << 20;

  std::mutex mutex_;
  std::vector<Call> calls_;
  std::size_t bytes_ = 0;
};

}  // namespace mcp_mqtt::mqtt::libmosquitto
