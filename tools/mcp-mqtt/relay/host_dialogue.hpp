#pragma once

#include <memory>

#include <mcp_mqtt/client.hpp>

#include "mcp-mqtt/relay/client_of_host.hpp"
#include "mcp-mqtt/relay/host_gate.hpp"
#include "mcp-mqtt/relay/host_requests.hpp"
#include "mcp-mqtt/relay/host_session.hpp"

namespace mcp_mqtt::command_line {

/// What every session of a host that stands on an MQTT client has in common: its messages by their
/// kinds, `initialize`, which makes the client and opens the session on a thread of its own, and
/// the end. A class that derives from it calls stop_client() and drop_client() in its destructor,
/// since callbacks use what it holds.
class HostDialogue : public HostSession {
 public:
  void on_message(wire::RpcMessage message) final;

 protected:
  explicit HostDialogue(std::shared_ptr<HostLink> host);

  /// Of the params of `initialize`. Throws McpError.
  virtual std::unique_ptr<McpClient> make_client(const Json& params) = 0;
  /// Connects, and opens what is behind; the result of `initialize`. On a thread of its own. Throws
  /// McpError: then the host gets the reason and the session ends.
  virtual Json open(const Json& params) = 0;
  /// Any request but `initialize`.
  virtual void on_request(wire::Request request) = 0;
  virtual void on_notification(wire::Notification notification) = 0;

  /// Ends what waits: the opening, and calls.
  void stop_client();
  /// No callback runs any more, and whoever asked the host has an answer.
  void drop_client();

  HostGate host_;
  /// What servers ask the host.
  HostRequests asked_;
  std::unique_ptr<McpClient> client_;

 private:
  void initialize(wire::Request request);
  void refuse(const RequestId& id, const Error& error);

  HostOpening opening_;
};

}  // namespace mcp_mqtt::command_line
