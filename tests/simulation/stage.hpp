#pragma once

#include <memory>

#include <mcp_mqtt/backoff.hpp>

#include "history.hpp"
#include "network.hpp"
#include "trace.hpp"
#include "virtual_clock.hpp"

namespace mcp_mqtt::simulation {

/// The resource that clients watch, at every server.
inline constexpr const char* watched_uri = "plant://soil";

/// What all nodes of one simulation share.
struct Stage {
  Stage(std::uint64_t seed, Trace::Mode mode)
      : random(seed), trace(clock, mode), network(clock, random, trace) {}

  VirtualClock clock;
  Random random;
  Trace trace;
  Network network;
  History history;
  Backoff backoff;
  /// How late a busy loop notices that a deadline has passed.
  Duration lateness = milliseconds(5);
  /// Handlers are slow, fail, and ask back. Otherwise each answers at once.
  bool unruly_handlers = true;
};

/// Runs things later, unless their owner is gone by then.
class Later {
 public:
  explicit Later(VirtualClock& clock) : clock_(clock) {}
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  ~Later() { *alive_ = false; }

  template <class What>
  VirtualClock::Timer in(Duration delay, What what) {
    return clock_.in(delay, [alive = alive_, what = std::move(what)]() mutable {
      if (*alive) what();
    });
  }

 private:
  VirtualClock& clock_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mcp_mqtt::simulation
