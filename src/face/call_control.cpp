#include "face/call_control.hpp"

#include <utility>

namespace mcp_mqtt::face {

void CallControl::watch(const std::stop_token& stop) {
  if (!stop.stop_possible()) return;
  auto watching =
      std::make_unique<StopCallback>(stop, std::function<void()>([weak = weak_from_this()] {
                                       if (const auto self = weak.lock()) self->cancel({});
                                     }));
  const std::lock_guard lock(mutex_);
  if (!finished_) watching_ = std::move(watching);
}

void CallControl::cancel_now(engine::CallToken token, const std::string& reason) const {
  gate_->pass([&](runtime::Requester& requester) { requester.cancel(token, reason); });
}

void CallControl::cancel(std::string reason) {
  std::optional<engine::CallToken> token;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || finished_) return;
    cancelled_ = true;
    reason_ = reason;
    token = token_;
  }
  if (token) cancel_now(*token, reason);
}

void CallControl::sent(engine::CallToken token) {
  bool cancelled = false;
  std::string reason;
  {
    const std::lock_guard lock(mutex_);
    token_ = token;
    cancelled = cancelled_;
    reason = reason_;
  }
  if (cancelled) cancel_now(token, reason);
}

bool CallControl::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void CallControl::finish() {
  std::unique_ptr<StopCallback> watching;
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    std::swap(watching, watching_);
  }
  // Destroyed outside the lock: it may wait for a cancel() under way.
}

}  // namespace mcp_mqtt::face
