#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <utility>

#include "engine/clock.hpp"

// Time and chance of a simulation. Both follow from the seed alone.
namespace mcp_mqtt::simulation {

using engine::Deadline;
using engine::Duration;
using engine::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// What happens when. Events of one moment happen in the order in which they were planned.
class VirtualClock {
 public:
  using Timer = std::pair<TimePoint, std::uint64_t>;

  TimePoint now() const noexcept { return now_; }

  Timer at(TimePoint when, std::function<void()> what) {
    const Timer timer(std::max(when, now_), ++last_);
    events_.emplace(timer, std::move(what));
    return timer;
  }
  Timer in(Duration delay, std::function<void()> what) {
    return at(engine::after(now_, delay), std::move(what));
  }
  void cancel(const Timer& timer) { events_.erase(timer); }

  bool empty() const noexcept { return events_.empty(); }
  TimePoint next() const { return events_.begin()->first.first; }
  void run_next() {
    auto event = events_.extract(events_.begin());
    now_ = event.key().first;
    event.mapped()();
  }
  /// Nothing happens before `when`: time passes.
  void skip_to(TimePoint when) { now_ = std::max(now_, when); }

 private:
  TimePoint now_{std::chrono::hours(1)};
  std::uint64_t last_ = 0;
  std::map<Timer, std::function<void()>> events_;
};

/// The distributions of the standard library differ between its implementations; these do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }
  bool chance(double probability) {
    constexpr double scale = 1.0 / 9007199254740992.0;  // 2^-53
    return static_cast<double>(engine_() >> 11U) * scale < probability;
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  Duration up_to(Duration longest) {
    return Duration(
        static_cast<Duration::rep>(below(static_cast<std::size_t>(longest.count()) + 1)));
  }
  /// Short far more often than long, as delays are.
  Duration mostly_short(Duration longest) {
    return chance(0.8) ? up_to(longest / 20) : up_to(longest);
  }
  template <class Container>
  auto& pick(Container& from) {
    return *std::next(from.begin(), static_cast<std::ptrdiff_t>(below(from.size())));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace mcp_mqtt::simulation
