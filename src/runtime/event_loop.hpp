#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/clock.hpp"

namespace mcp_mqtt::runtime {

inline engine::TimePoint now() { return engine::TimePoint::clock::now(); }

class LoopGate;
class TurnExecutor;

/// One thread that waits for sockets and timers, and turns: whatever touches an engine runs in a
/// turn, one at a time. Most turns are the thread's own. A thread that asks for something when
/// nobody has the turn may take it itself, as a guest, and saves the way to the loop.
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Runs what was posted, then ends the thread. Not from the loop's own thread.
  ~EventLoop();

  asio::io_context& context() noexcept { return context_; }
  const std::shared_ptr<LoopGate>& gate() const noexcept { return gate_; }
  /// For the sockets and timers of others: their handlers run in turns.
  TurnExecutor executor() noexcept;
  /// Whether the calling thread has the turn.
  bool on_loop() const noexcept { return turns_->is_held_here(); }

  /// Runs `work` in a turn to come of the loop's thread, after what was posted before it. Any
  /// thread.
  template <class F>
  void post(F&& work) {
    ++turns_->posted;
    asio::post(context_, [turns = turns_.get(), work = std::forward<F>(work)]() mutable {
      const Turn turn(*turns);
      --turns->posted;
      work();
    });
  }
  /// At once where the calling thread has the turn, or is the loop's.
  template <class F>
  void dispatch(F&& work) {
    if (turns_->is_held_here()) {
      work();
    } else if (std::this_thread::get_id() == thread_.get_id()) {
      const Turn turn(*turns_);
      work();
    } else {
      post(std::forward<F>(work));
    }
  }
  /// Here and at once where nobody has the turn and nothing waits for it, otherwise as post(). None
  /// of the program's own code may be among what it calls: it would run inside a call of that
  /// program. Any thread.
  template <class F>
  void run_or_post(F&& work) {
    if (turns_->is_held_here()) return post(std::forward<F>(work));
    std::unique_lock lock(turns_->mutex, std::try_to_lock);
    if (!lock || turns_->posted != 0) {
      if (lock) lock.unlock();
      return post(std::forward<F>(work));
    }
    const Turn turn(*turns_, std::move(lock));
    work();
  }

  /// Runs `work` in a turn of the loop's thread and returns its value: at once where the calling
  /// thread has the turn.
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
  friend class LoopGate;
  friend class DeadlineTimer;

  /// Who has the turn. Outlives the loop where a gate does.
  struct Turns {
    std::mutex mutex;
    std::atomic<std::thread::id> holder{};
    std::atomic<std::size_t> posted{0};  // work that waits for the thread

    bool is_held_here() const noexcept {
      return holder.load(std::memory_order_relaxed) == std::this_thread::get_id();
    }
  };

  class Turn {
   public:
    explicit Turn(Turns& turns) : Turn(turns, std::unique_lock(turns.mutex)) {}
    Turn(Turns& turns, std::unique_lock<std::mutex> taken)
        : turns_(turns), lock_(std::move(taken)) {
      turns_.holder.store(std::this_thread::get_id(), std::memory_order_relaxed);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.holder.store(std::thread::id(), std::memory_order_relaxed); }

   private:
    Turns& turns_;
    std::unique_lock<std::mutex> lock_;
  };

  std::shared_ptr<Turns> turns_ = std::make_shared<Turns>();
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
  std::shared_ptr<LoopGate> gate_;
};

/// A way onto a loop that may be kept longer than the loop: a program's own transport may call back
/// late. What comes too late is dropped.
class LoopGate {
 public:
  explicit LoopGate(EventLoop& loop) : loop_(&loop), turns_(loop.turns_) {}

  template <class F>
  void post(F&& work) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) loop_->post(std::forward<F>(work));
  }
  /// At once where the calling thread has the turn.
  template <class F>
  void dispatch(F&& work) {
    if (turns_->is_held_here()) {
      work();
    } else {
      post(std::forward<F>(work));
    }
  }
  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  EventLoop* loop_;
  const std::shared_ptr<const EventLoop::Turns> turns_;
};

/// The one timer behind an engine's next_deadline(), which moves with every message and seldom
/// comes: a wait for an earlier time goes on, and looks again when it ends.
class DeadlineTimer {
 public:
  DeadlineTimer(EventLoop& loop, std::function<void()> on_expiry);
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;
  ~DeadlineTimer();

  /// Waits for `deadline` from now on; nullopt: for nothing.
  void arm(engine::Deadline deadline);
  void cancel();

 private:
  /// How a wait that ended finds the timer, if it is still there. Read and written in turns.
  struct Link {
    EventLoop::Turns* turns;
    DeadlineTimer* timer;
    std::uint64_t waits = 0;
  };

  void wait_until(engine::TimePoint time);
  void on_waited();

  asio::steady_timer timer_;
  std::function<void()> on_expiry_;
  engine::Deadline deadline_;
  engine::Deadline waits_until_;
  std::shared_ptr<Link> link_;
};

}  // namespace mcp_mqtt::runtime
