#pragma once

#include <memory>
#include <utility>

#include <mcp_mqtt/connected_client.hpp>

#include "face/session_link.hpp"
#include "runtime/server_runtime.hpp"

namespace mcp_mqtt {

namespace face {
using ServerGate = RuntimeGate<runtime::ServerRuntime>;
}

/// What all handles to one client of a server share.
class ConnectedClient::Impl : public face::SessionLink {
 public:
  Impl(std::shared_ptr<face::ServerGate> gate, engine::SessionNumber number, ClientInfo info,
       Timeouts timeouts)
      : SessionLink(gate, number, timeouts),
        server_gate_(std::move(gate)),
        info_(std::move(info)) {}

  const ClientInfo& info() const noexcept { return info_; }
  const face::ServerGate& server_gate() const noexcept { return *server_gate_; }

 private:
  std::shared_ptr<face::ServerGate> server_gate_;
  ClientInfo info_;
};

}  // namespace mcp_mqtt
