#pragma once

#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <utility>

#include "ground/run_guarded.hpp"
#include "runtime/fair_queue.hpp"

namespace mcp_mqtt::runtime {

/// The threads that run the program's own code: handlers, side by side, and callbacks, one at a
/// time and in order.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads)
      : pool_(threads), callbacks_(asio::make_strand(pool_.get_executor())) {}
  /// Runs what was posted, and waits for it: no callback is lost. Not from one of its own threads.
  ~WorkerPool() { pool_.join(); }

  /// Runs a handler. Those of one owner, a session, begin in their order; where several owners wait
  /// for a thread, they take turns.
  template <class F>
  void post(FairQueue::Owner owner, F work) {
    // What a std::function holds can be copied; a handler's arguments need not be.
    auto shared = std::make_shared<F>(std::move(work));
    {
      const std::lock_guard lock(mutex_);
      handlers_.push(owner, [shared] { (*shared)(); });
    }
    asio::post(pool_, guarded([this] { next_handler()(); }));
  }
  /// Runs a callback after all that were posted before it.
  template <class F>
  void post_callback(F work) {
    asio::post(callbacks_, guarded(std::move(work)));
  }

  bool on_worker() { return pool_.get_executor().running_in_this_thread(); }

 private:
  FairQueue::Work next_handler() {
    const std::lock_guard lock(mutex_);
    return handlers_.pop();
  }

  template <class F>
  static auto guarded(F work) {
    return [work = std::move(work)]() mutable { run_guarded("a callback", work); };
  }

  std::mutex mutex_;
  FairQueue handlers_;
  asio::thread_pool pool_;
  asio::strand<asio::thread_pool::executor_type> callbacks_;
};

}  // namespace mcp_mqtt::runtime
