#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <mcp_mqtt/session.hpp>
#include <mcp_mqtt/timeouts.hpp>

#include "face/call_control.hpp"
#include "face/runtime_gate.hpp"

namespace mcp_mqtt {

/// What all handles to one session share.
class ClientSession::Impl {
 public:
  Impl(std::shared_ptr<face::RuntimeGate> gate, runtime::OpenedSession opened, Timeouts timeouts)
      : gate_(std::move(gate)), opened_(std::move(opened)), timeouts_(timeouts) {}

  const engine::SessionInfo& info() const noexcept { return opened_.info; }
  engine::SessionNumber number() const noexcept { return opened_.number; }

  void mark_closed(const Error& reason) {
    const std::lock_guard lock(mutex_);
    if (!reason_) reason_ = reason;
  }
  std::optional<Error> reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

  const std::shared_ptr<face::RuntimeGate>& shared_gate() const noexcept { return gate_; }

  /// Sends a request under `control`; `on_progress` and `done` on the loop, or `done` at once where
  /// the session is over or the client gone.
  void request(std::string method, Json params, const CallOptions& options,
               const std::shared_ptr<face::CallControl>& control,
               std::function<void(Result<Json>)> done) const;

 private:
  std::shared_ptr<face::RuntimeGate> gate_;
  runtime::OpenedSession opened_;
  Timeouts timeouts_;
  mutable std::mutex mutex_;
  std::optional<Error> reason_;
};

}  // namespace mcp_mqtt
