#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <mcp_mqtt/result.hpp>

#include "mcp-mqtt/relay/host_session.hpp"

namespace mcp_mqtt::command_line {

/// The way to a host that may not be ready yet: what servers say waits, bounded, until the host has
/// said `notifications/initialized`; answers do not. Any thread.
class HostGate {
 public:
  explicit HostGate(std::shared_ptr<HostLink> host) : host_(std::move(host)) {}

  /// The answer to a request; an error as another MCP peer gets it.
  void answer(const RequestId& id, Result<Json> outcome);
  /// A request or a notification.
  void tell(wire::RpcMessage message, const std::optional<RequestId>& related = {});
  void list_changed(const std::string& list);
  /// The host is ready.
  void open();
  /// There is nobody behind the session any more. The first time counts.
  void end(const Error& reason);

 private:
  std::shared_ptr<HostLink> host_;
  std::mutex mutex_;
  std::vector<wire::RpcMessage> held_;
  bool open_ = false;
  bool ended_ = false;
};

}  // namespace mcp_mqtt::command_line
