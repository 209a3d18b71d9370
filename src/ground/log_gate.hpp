#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace mcp_mqtt::log {

/// How many log lines pass: `burst` at once, and after that so many a second. It counts what it
/// keeps back, so that the reader can be told once there is room again.
class LogGate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// `per_second` 0: no bound.
  LogGate(std::size_t burst, std::size_t per_second)
      : burst_(std::max<std::size_t>(burst, 1)), per_second_(per_second), room_(burst_) {}

  /// Whether to send one now; otherwise it counts as left out.
  bool admit(TimePoint now) {
    if (per_second_ == 0) return true;
    refill(now);
    if (left_out_ == 0 && room_ > 0) {
      --room_;
      return true;
    }
    ++left_out_;
    return false;
  }

  /// How many were left out, once, when there is room to tell it; 0: nothing to tell now.
  std::size_t take_left_out(TimePoint now) {
    if (left_out_ == 0) return 0;
    refill(now);
    if (room_ == 0) return 0;
    --room_;
    return std::exchange(left_out_, 0);
  }
  /// When take_left_out() has something to tell.
  std::optional<TimePoint> next_deadline() const {
    if (left_out_ == 0) return std::nullopt;
    return room_ > 0 ? filled_at_ : filled_at_ + interval();
  }

 private:
  Duration interval() const {
    return std::max(Duration(std::chrono::seconds(1)) / static_cast<Duration::rep>(per_second_),
                    Duration(1));
  }

  void refill(TimePoint now) {
    if (room_ >= burst_) {
      filled_at_ = now;
      return;
    }
    const auto more = (now - filled_at_) / interval();
    if (more <= 0) return;
    if (static_cast<std::size_t>(more) >= burst_ - room_) {
      room_ = burst_;
      filled_at_ = now;
    } else {
      room_ += static_cast<std::size_t>(more);
      filled_at_ += more * interval();
    }
  }

  std::size_t burst_;
  std::size_t per_second_;
  std::size_t room_;
  std::size_t left_out_ = 0;
  TimePoint filled_at_{};
};

}  // namespace mcp_mqtt::log
