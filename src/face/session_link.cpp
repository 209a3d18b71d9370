#include "face/session_link.hpp"

#include <algorithm>

namespace mcp_mqtt::face {

engine::RequestTiming SessionLink::timing_of(std::string_view method,
                                             const CallOptions& options) const {
  engine::RequestTiming timing;
  timing.timeout = options.timeout.value_or(timeouts_.of(method));
  timing.reset_on_progress = options.reset_timeout_on_progress;
  timing.idempotent = options.idempotent;
  if (options.total_timeout) {
    timing.total_timeout = *options.total_timeout;
  } else if (options.reset_timeout_on_progress) {
    timing.total_timeout = std::max<engine::Duration>(timing.timeout, timeouts_.total);
  }
  return timing;
}

void SessionLink::mark_closed(const Error& reason) {
  const std::lock_guard lock(mutex_);
  if (!reason_) reason_ = reason;
}

std::optional<Error> SessionLink::close_reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

void SessionLink::request(std::string method, Json params, const CallOptions& options,
                          const std::shared_ptr<CallControl>& control,
                          std::function<void(Result<Json>)> done, std::uint64_t origin) const {
  if (auto over = close_reason()) {
    done(*std::move(over));
    return;
  }
  runtime::RequestSetup setup;
  setup.session = number();
  setup.timing = timing_of(method, options);
  setup.method = std::move(method);
  setup.params = std::move(params);
  setup.on_progress = options.on_progress;
  // Who counts on progress must ask for it.
  if (!setup.on_progress && options.reset_timeout_on_progress) {
    setup.on_progress = [](const Progress&) {};
  }
  setup.origin = origin;
  const bool there = gate_->pass([&](runtime::Requester& requester) {
    control->sent(requester.request(std::move(setup), done));
  });
  if (!there) done(gate_->when_gone());
}

PendingCall pending(const std::shared_ptr<CallControl>& control) {
  return PendingCall([weak = std::weak_ptr(control)](std::string reason) {
    if (const auto alive = weak.lock()) alive->cancel(std::move(reason));
  });
}

}  // namespace mcp_mqtt::face
