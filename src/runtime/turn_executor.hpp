#pragma once

#include <asio/execution.hpp>
#include <utility>

#include "runtime/event_loop.hpp"

namespace mcp_mqtt::runtime {

/// Asio's way onto an EventLoop: what it is given runs in turns. Whoever keeps one keeps it no
/// longer than the loop.
class TurnExecutor {
 public:
  explicit TurnExecutor(EventLoop& loop) noexcept : loop_(&loop) {}

  template <class F>
  void execute(F&& work) const {
    if (never_at_once_) {
      loop_->post(std::forward<F>(work));
    } else {
      loop_->dispatch(std::forward<F>(work));
    }
  }

  // The properties that asio::any_io_executor asks for. Work needs no tracking: the loop ends when
  // it is told to.
  asio::execution_context& query(asio::execution::context_t) const noexcept {
    return loop_->context();
  }
  static constexpr asio::execution::relationship_t query(asio::execution::relationship_t) noexcept {
    return asio::execution::relationship.fork;
  }
  asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
    return never_at_once_ ? asio::execution::blocking_t(asio::execution::blocking.never)
                          : asio::execution::blocking_t(asio::execution::blocking.possibly);
  }
  TurnExecutor require(asio::execution::blocking_t::never_t) const noexcept {
    return TurnExecutor(*loop_, true);
  }
  TurnExecutor require(asio::execution::blocking_t::possibly_t) const noexcept {
    return TurnExecutor(*loop_, false);
  }

  friend bool operator==(const TurnExecutor&, const TurnExecutor&) noexcept = default;

 private:
  TurnExecutor(EventLoop& loop, bool never_at_once) noexcept
      : loop_(&loop), never_at_once_(never_at_once) {}

  EventLoop* loop_;
  bool never_at_once_ = false;
};

}  // namespace mcp_mqtt::runtime
