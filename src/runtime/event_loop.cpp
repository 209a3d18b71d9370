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
  deadline_ = deadline;
  if (!deadline || (waits_until_ && *waits_until_ <= *deadline)) return;
  wait_until(*deadline);
}

void DeadlineTimer::wait_until(engine::TimePoint time) {
  waits_until_ = time;
  timer_.expires_at(time);
  timer_.async_wait([this](const std::error_code& error) {
    if (!error) on_waited();
  });
}

void DeadlineTimer::on_waited() {
  waits_until_.reset();
  if (!deadline_) return;
  if (now() < *deadline_) {
    wait_until(*deadline_);
    return;
  }
  deadline_.reset();
  on_expiry_();
}

void DeadlineTimer::cancel() {
  deadline_.reset();
  waits_until_.reset();
  timer_.cancel();
}

}  // namespace mcp_mqtt::runtime
