#pragma once

#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <utility>

namespace mcp_mqtt::runtime {

/// The threads that run the program's own code: handlers, side by side, and callbacks, one at a
/// time and in order.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads)
      : pool_(threads), callbacks_(asio::make_strand(pool_.get_executor())) {}
  /// Runs what was posted, and waits for it: no callback is lost. Not from one of its own threads.
  ~WorkerPool() { pool_.join(); }

  /// Runs a handler.
  template <class F>
  void post(F&& work) {
    asio::post(pool_, std::forward<F>(work));
  }
  /// Runs a callback after all that were posted before it.
  template <class F>
  void post_callback(F&& work) {
    asio::post(callbacks_, std::forward<F>(work));
  }

  bool on_worker() { return pool_.get_executor().running_in_this_thread(); }

 private:
  asio::thread_pool pool_;
  asio::strand<asio::thread_pool::executor_type> callbacks_;
};

}  // namespace mcp_mqtt::runtime
