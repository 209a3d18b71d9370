#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <mcp_mqtt/result.hpp>

// How tests wait: for an event, with a deadline that only a failing test reaches.
namespace mcp_mqtt::test {

/// Far beyond what any step takes on a busy machine under a sanitizer.
inline constexpr std::chrono::milliseconds patience{30'000};

/// What happened, in order: filled from any thread, read and waited for by the test. Copies share
/// one log, so a callback may hold one for as long as it likes.
template <class T>
class EventLog {
 public:
  void push(T event) const {
    const std::lock_guard lock(state_->mutex);
    state_->events.push_back(std::move(event));
    state_->changed.notify_all();
  }

  std::vector<T> all() const {
    const std::lock_guard lock(state_->mutex);
    return {state_->events.begin(), state_->events.end()};
  }
  std::size_t size() const {
    const std::lock_guard lock(state_->mutex);
    return state_->events.size();
  }
  void clear() const {
    const std::lock_guard lock(state_->mutex);
    state_->events.clear();
  }

  /// Waits until the log holds an event for which `wanted` is true; the first such event, or
  /// nothing at the deadline.
  template <class Predicate>
  std::optional<T> wait_for(Predicate wanted, std::chrono::milliseconds timeout = patience) const {
    std::unique_lock lock(state_->mutex);
    std::optional<T> found;
    state_->changed.wait_for(lock, timeout, [&] {
      for (const T& event : state_->events) {
        if (wanted(event)) {
          found = event;
          return true;
        }
      }
      return false;
    });
    return found;
  }

  /// Waits until the log holds `count` events; false at the deadline.
  bool wait_for_count(std::size_t count, std::chrono::milliseconds timeout = patience) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, timeout, [&] { return state_->events.size() >= count; });
  }

  /// Takes the oldest event out, waiting for one if there is none.
  std::optional<T> take(std::chrono::milliseconds timeout = patience) const {
    std::unique_lock lock(state_->mutex);
    if (!state_->changed.wait_for(lock, timeout, [&] { return !state_->events.empty(); })) {
      return std::nullopt;
    }
    std::optional<T> event(std::move(state_->events.front()));
    state_->events.pop_front();
    return event;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<T> events;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// The completion of one asynchronous call, to hand over and to wait for.
template <class T>
class Outcome {
 public:
  /// What to pass as the callback. It may outlive this object.
  auto callback() const {
    return [log = log_](Result<T> result) { log.push(std::move(result)); };
  }

  bool called() const { return log_.size() > 0; }
  std::size_t times_called() const { return log_.size(); }

  /// The first result; at the deadline a test failure and a `timeout` error.
  Result<T> wait(std::chrono::milliseconds timeout = patience) const {
    if (!log_.wait_for_count(1, timeout)) {
      ADD_FAILURE() << "a completion was not called within " << timeout.count() << " ms";
      return Error{ErrorKind::timeout, 0, "the test's own deadline passed", nullptr};
    }
    return log_.all().front();
  }

 private:
  EventLog<Result<T>> log_;
};

/// Makes an asynchronous call and waits for its completion:
/// `outcome_of<void>([&](auto done) { transport->publish(message, done); })`.
template <class T, class Start>
Result<T> outcome_of(Start start, std::chrono::milliseconds timeout = patience) {
  Outcome<T> outcome;
  start(outcome.callback());
  return outcome.wait(timeout);
}

template <class T>
::testing::AssertionResult succeeded(const Result<T>& result) {
  if (result) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << to_string(result.error().kind) << " (code "
                                       << result.error().code << "): " << result.error().message;
}

template <class T>
::testing::AssertionResult failed_with(const Result<T>& result, ErrorKind kind) {
  if (result) return ::testing::AssertionFailure() << "succeeded, " << to_string(kind) << " wanted";
  if (result.error().kind == kind) return ::testing::AssertionSuccess();
  return succeeded(result) << ", " << to_string(kind) << " wanted";
}

}  // namespace mcp_mqtt::test
