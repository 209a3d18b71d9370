#include "runtime/event_loop.hpp"

#include "runtime/turn_executor.hpp"

namespace mcp_mqtt::runtime {

EventLoop::EventLoop()
    : work_(context_.get_executor()),
      thread_([this] { context_.run(); }),
      gate_(std::make_shared<LoopGate>(*this)) {}

EventLoop::~EventLoop() {
  work_.reset();
  thread_.join();
  gate_->close();
}

TurnExecutor EventLoop::executor() noexcept { return TurnExecutor(*this); }

DeadlineTimer::DeadlineTimer(EventLoop& loop, std::function<void()> on_expiry)
    : timer_(loop.context()),
      on_expiry_(std::move(on_expiry)),
      link_(std::make_shared<Link>(Link{loop.turns_.get(), this})) {}

DeadlineTimer::~DeadlineTimer() {
  std::unique_lock lock(link_->turns->mutex, std::defer_lock);
  if (!link_->turns->is_held_here()) lock.lock();
  link_->timer = nullptr;
}

void DeadlineTimer::arm(engine::Deadline deadline) {
  deadline_ = deadline;
  if (!deadline || (waits_until_ && *waits_until_ <= *deadline)) return;
  wait_until(*deadline);
}

void DeadlineTimer::wait_until(engine::TimePoint time) {
  waits_until_ = time;
  timer_.expires_at(time);
  timer_.async_wait([link = link_, wait = ++link_->waits](const std::error_code& error) {
    if (error) return;
    const EventLoop::Turn turn(*link->turns);
    // Since the wait was over, another turn may have begun a new one, or ended the timer.
    if (link->timer != nullptr && wait == link->waits) link->timer->on_waited();
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
  ++link_->waits;
  timer_.cancel();
}

}  // namespace mcp_mqtt::runtime
