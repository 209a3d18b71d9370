#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include <mcp_mqtt/session.hpp>

#include "face/session_link.hpp"
#include "runtime/client_runtime.hpp"

namespace mcp_mqtt {

namespace face {
using ClientGate = RuntimeGate<runtime::ClientRuntime>;
}

/// What all handles to one session share.
class ClientSession::Impl : public face::SessionLink {
 public:
  Impl(std::shared_ptr<face::ClientGate> gate, runtime::OpenedSession opened, Timeouts timeouts)
      : SessionLink(gate, opened.number, timeouts),
        client_gate_(std::move(gate)),
        info_(std::make_shared<const engine::SessionInfo>(std::move(opened.info))) {}

  /// Of the last handshake.
  std::shared_ptr<const engine::SessionInfo> info() const {
    const std::lock_guard lock(mutex_);
    return info_;
  }
  Revision revision() const { return info()->initialized.revision; }
  SessionState state() const {
    if (close_reason()) return SessionState::closed;
    const std::lock_guard lock(mutex_);
    return suspended_ ? SessionState::reopening : SessionState::open;
  }
  void mark_suspended() {
    const std::lock_guard lock(mutex_);
    suspended_ = true;
  }
  void mark_reopened(engine::SessionInfo info) {
    const std::lock_guard lock(mutex_);
    suspended_ = false;
    info_ = std::make_shared<const engine::SessionInfo>(std::move(info));
  }
  const std::shared_ptr<face::ClientGate>& client_gate() const noexcept { return client_gate_; }

 private:
  std::shared_ptr<face::ClientGate> client_gate_;
  mutable std::mutex mutex_;
  bool suspended_ = false;
  std::shared_ptr<const engine::SessionInfo> info_;
};

}  // namespace mcp_mqtt
