#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <mcp_mqtt/session.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "mcp-mqtt/relay/host_gate.hpp"
#include "mcp-mqtt/relay/message_members.hpp"

namespace mcp_mqtt::command_line {

/// How what a server says is told to the host; an empty function: as it is.
struct Translation {
  std::function<void(Json& result)> result;
  std::function<std::string(const std::string& uri)> uri;
};

/// What a host asked sessions of one client, until it is answered, and the subscriptions that it
/// has. Any thread. The client goes first: its callbacks use this.
class HostCalls {
 public:
  /// `timeout`: of each request; it begins anew with each progress.
  HostCalls(HostGate& host, std::chrono::milliseconds timeout) : host_(host), timeout_(timeout) {}

  /// Passes the request on, in the server's words, and its answer back.
  void ask(const ClientSession& session, wire::Request request, Translation translation = {});
  /// Ends the subscription to what the host calls `uri`; false: it has none. Needs no server.
  bool unsubscribe(const std::string& uri);
  /// `notifications/cancelled` of the host. False: no such request is under way here.
  bool cancel(const Json& params);
  /// The one request that is under way in the session: MQTT does not tell which request a message
  /// belongs to, and a single one is most likely meant.
  std::optional<RequestId> only_one(const ClientSession& session) const;

 private:
  struct Call {
    ClientSession session;
    PendingCall pending;
  };

  PendingCall start(const ClientSession& session, wire::Request& request, Translation translation);
  PendingCall subscribe(const ClientSession& session, const wire::Request& request,
                        const CallOptions& options, const Translation& translation);
  CallOptions options_of(const ClientSession& session, const wire::Request& request) const;
  void answer(const RequestId& id, Result<Json> outcome);

  HostGate& host_;
  std::chrono::milliseconds timeout_;
  mutable std::mutex mutex_;
  std::map<RequestId, Call> calls_;
  std::map<std::string, ResourceSubscription> subscriptions_;
};

}  // namespace mcp_mqtt::command_line
