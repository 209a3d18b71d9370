#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <mcp_mqtt/call.hpp>

#include "face/requester_gate.hpp"

namespace mcp_mqtt::face {

/// What comes for a blocking call while it waits: progress, then its outcome.
template <class T>
class Inbox {
 public:
  void add(const Progress& progress) {
    const std::lock_guard lock(mutex_);
    // A slow callback loses steps in the middle, never the newest, and never fills the memory.
    if (progress_.size() >= limit) progress_.pop_back();
    progress_.push_back(progress);
    changed_.notify_one();
  }

  void finish(Result<T> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    changed_.notify_one();
  }

  /// Waits for the outcome, and meanwhile tells the progress on this thread.
  void wait(const std::function<void(const Progress&)>& on_progress) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return outcome_ || !progress_.empty(); });
      if (progress_.empty()) return;
      const auto told = std::exchange(progress_, {});
      lock.unlock();
      for (const Progress& progress : told) on_progress(progress);
      lock.lock();
    }
  }
  /// After wait().
  Result<T> outcome() { return *std::move(outcome_); }

 private:
  static constexpr std::size_t limit = 64;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Progress> progress_;
  std::optional<Result<T>> outcome_;
};

/// Starts a call and waits for it. Its progress is told on the waiting thread: so none of it comes
/// after the call returned, when what the callback refers to may be gone, and a callback may make
/// such a call, although callbacks wait for each other. Throws McpError, and what `on_progress`
/// throws; the call is cancelled then.
template <class T, class Start>
T call_and_wait(const RequesterGate& gate, CallOptions options, Start&& start) {
  gate.pass([](runtime::Requester& requester) { refuse_to_block(requester); });
  auto inbox = std::make_shared<Inbox<T>>();
  const auto on_progress = std::exchange(options.on_progress, nullptr);
  if (on_progress) {
    options.on_progress = [inbox](const Progress& progress) { inbox->add(progress); };
  }
  const PendingCall call = std::forward<Start>(start)(
      std::as_const(options), std::function<void(Result<T>)>([inbox](Result<T> outcome) {
        inbox->finish(std::move(outcome));
      }));
  try {
    inbox->wait(on_progress);
  } catch (...) {
    call.cancel();
    throw;
  }
  return inbox->outcome().value();
}

}  // namespace mcp_mqtt::face
