#pragma once

#include <memory>
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
        info_(std::move(opened.info)) {}

  const engine::SessionInfo& info() const noexcept { return info_; }
  Revision revision() const noexcept { return info_.initialized.revision; }
  const std::shared_ptr<face::ClientGate>& client_gate() const noexcept { return client_gate_; }

 private:
  std::shared_ptr<face::ClientGate> client_gate_;
  engine::SessionInfo info_;
};

}  // namespace mcp_mqtt
