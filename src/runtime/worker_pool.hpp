#pragma once

#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <exception>
#include <utility>

#include "ground/logging.hpp"

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
  void post(F work) {
    asio::post(pool_, guarded(std::move(work)));
  }
  /// Runs a callback after all that were posted before it.
  template <class F>
  void post_callback(F work) {
    asio::post(callbacks_, guarded(std::move(work)));
  }

  bool on_worker() { return pool_.get_executor().running_in_this_thread(); }

 private:
  /// What the program's code throws must not end the program.
  template <class F>
  static auto guarded(F work) {
    return [work = std::move(work)]() mutable {
      try {
        work();
      } catch (const std::exception& error) {
        log::error("a callback threw: {}", error.what());
      } catch (...) {
        log::error("a callback threw something");
      }
    };
  }

  asio::thread_pool pool_;
  asio::strand<asio::thread_pool::executor_type> callbacks_;
};

}  // namespace mcp_mqtt::runtime
