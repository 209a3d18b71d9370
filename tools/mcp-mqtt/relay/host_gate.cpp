#include "mcp-mqtt/relay/host_gate.hpp"

#include "mcp-mqtt/relay/rpc_error.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// What servers say before the host has said that it is ready.
constexpr std::size_t most_held = 1'000;

}  // namespace

void HostGate::answer(const RequestId& id, Result<Json> outcome) {
  if (outcome) {
    host_->send(wire::Response{id, *std::move(outcome)}, std::nullopt);
  } else {
    host_->send(wire::ErrorResponse{id, as_rpc_error(std::move(outcome).error())}, std::nullopt);
  }
}

void HostGate::tell(wire::RpcMessage message, const std::optional<RequestId>& related) {
  const std::lock_guard lock(mutex_);
  if (open_) {
    host_->send(std::move(message), related);
  } else if (held_.size() < most_held) {
    held_.push_back(std::move(message));
  }
}

void HostGate::list_changed(const std::string& list) {
  tell(wire::Notification{"notifications/" + list + "/list_changed"});
}

void HostGate::open() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(open_, true)) return;
  for (wire::RpcMessage& message : std::exchange(held_, {})) {
    host_->send(std::move(message), std::nullopt);
  }
}

void HostGate::end(const Error& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
  }
  host_->ended(reason);
}

}  // namespace mcp_mqtt::command_line
