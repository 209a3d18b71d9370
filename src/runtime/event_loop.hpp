#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/clock.hpp"

namespace mcp_mqtt::runtime {

inline engine::TimePoint now() { return engine::TimePoint::clock::now(); }

/// A way onto a loop that may be kept longer than the loop: a program's own transport may call back
/// late. What comes too late is dropped.
class LoopGate {
 public:
  LoopGate(asio::io_context& context, std::thread::id thread)
      : context_(&context), thread_(thread) {}

  template <class F>
  void post(F&& work) {
    const std::lock_guard lock(mutex_);
    if (context_ != nullptr) asio::post(*context_, std::forward<F>(work));
  }
  /// At once where this is the loop's thread.
  template <class F>
  void dispatch(F&& work) {
    if (std::this_thread::get_id() == thread_) {
      work();
    } else {
      post(std::forward<F>(work));
    }
  }
  void close() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* context_;
  const std::thread::id thread_;
};

/// One thread that runs everything that touches an engine: the strand of the whole runtime.
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Runs what was posted, then ends the thread. Not from the loop's own thread.
  ~EventLoop();

  asio::io_context& context() noexcept { return context_; }
  const std::shared_ptr<LoopGate>& gate() const noexcept { return gate_; }
  bool on_loop() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

  template <class F>
  void post(F&& work) {
    asio::post(context_, std::forward<F>(work));
  }

  /// Runs `work` on the loop and returns its value: at once where this is the loop's thread.
  template <class F>
  auto call(F&& work) -> decltype(work()) {
    if (on_loop()) return work();
    // Shared: the loop may still be inside the task when its value is there.
    auto task = std::make_shared<std::packaged_task<decltype(work())()>>(std::forward<F>(work));
    auto outcome = task->get_future();
    post([task] { (*task)(); });
    return outcome.get();
  }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
  std::shared_ptr<LoopGate> gate_;
};

/// The one timer behind an engine's next_deadline(), which moves with every message and seldom
/// comes: a wait for an earlier time goes on, and looks again when it ends.
class DeadlineTimer {
 public:
  DeadlineTimer(EventLoop& loop, std::function<void()> on_expiry);

  /// Waits for `deadline` from now on; nullopt: for nothing.
  void arm(engine::Deadline deadline);
  void cancel();

 private:
  void wait_until(engine::TimePoint time);
  void on_waited();

  asio::steady_timer timer_;
  std::function<void()> on_expiry_;
  engine::Deadline deadline_;
  engine::Deadline waits_until_;
};

}  // namespace mcp_mqtt::runtime
