#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace mcp_mqtt::command_line {

/// Bounds how many lines of a stranger reach the log: so many at once, and so many a second after
/// that. Not for several threads.
class LineRate {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr double burst = 200;
  static constexpr double per_second = 50;

  /// Whether one may be shown now.
  bool admit(TimePoint now) {
    if (last_ != TimePoint()) {
      const std::chrono::duration<double> passed = now - last_;
      left_ = std::min(burst, left_ + passed.count() * per_second);
    }
    last_ = now;
    if (left_ < 1) {
      ++left_out_;
      return false;
    }
    left_ -= 1;
    return true;
  }
  /// How many were not shown since this was asked for.
  std::size_t take_left_out() { return std::exchange(left_out_, 0); }

 private:
  double left_ = burst;
  TimePoint last_;
  std::size_t left_out_ = 0;
};

}  // namespace mcp_mqtt::command_line
