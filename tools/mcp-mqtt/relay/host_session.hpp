#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <mcp_mqtt/wire/json_rpc.hpp>

namespace mcp_mqtt::command_line {

/// The way to an MCP host that speaks another transport: the standard streams, Streamable HTTP.
class HostLink {
 public:
  virtual ~HostLink() = default;

  /// Any thread; does not wait. Messages reach the host in the order of the calls. `related`: the
  /// host's request that a request or notification belongs to, where it is known; the first answer
  /// to a request is the last message for it.
  virtual void send(wire::RpcMessage message, const std::optional<RequestId>& related) = 0;

  /// There is nobody behind the session any more: nothing follows. Any thread, once at most.
  virtual void ended(const Error& reason) = 0;
};

/// What answers one host, in its MCP session. The destructor ends the session; it waits for
/// callbacks that run, but for no peer. Not in a call of its HostLink.
class HostSession {
 public:
  virtual ~HostSession() = default;

  /// A message of the host, in their order; the first is `initialize`. Does not wait. Every request
  /// gets its answer by HostLink::send(), an error where the session is over; but none once the
  /// host cancelled it.
  virtual void on_message(wire::RpcMessage message) = 0;
};

using MakeHostSession = std::function<std::unique_ptr<HostSession>(std::shared_ptr<HostLink>)>;

}  // namespace mcp_mqtt::command_line
