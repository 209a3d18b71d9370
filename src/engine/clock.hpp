#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

// Time as the engines know it: a value that comes with each event. They never look at a clock.
namespace mcp_mqtt::engine {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;
using Deadline = std::optional<TimePoint>;  // nullopt: nothing to wait for

inline Deadline earlier(Deadline a, Deadline b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

/// `now + duration`; durations beyond what a clock can hold mean: never.
inline TimePoint after(TimePoint now, Duration duration) {
  const bool beyond = duration > Duration::zero() && now > TimePoint::max() - duration;
  return beyond ? TimePoint::max() : now + duration;
}

inline double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace mcp_mqtt::engine
