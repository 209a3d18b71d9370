#include "runtime/event_loop.hpp"

namespace mcp_mqtt::runtime {

EventLoop::EventLoop()
    : work_(context_.get_executor()),
      thread_([this] { context_.run(); }),
      gate_(std::make_shared<LoopGate>(context_, thread_.get_id())) {}

EventLoop::~EventLoop() {
  work_.reset();
  thread_.join();
  gate_->close();
}

DeadlineTimer::DeadlineTimer(EventLoop& loop, std::function<void()> on_expiry)
    : timer_(loop.context()), on_expiry_(std::move(on_expiry)) {}

void DeadlineTimer::arm(engine::Deadline deadline) {
  if (deadline == armed_) return;
  armed_ = deadline;
  if (!deadline) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(*deadline);
  timer_.async_wait([this](const std::error_code& error) {
    if (error) return;
    armed_.reset();
    on_expiry_();
  });
}

void DeadlineTimer::cancel() {
  armed_.reset();
  timer_.cancel();
}

}  // namespace mcp_mqtt::runtime
