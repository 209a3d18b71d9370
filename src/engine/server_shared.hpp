#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include <mcp_mqtt/change_route.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>

#include "engine/clock.hpp"
#include "engine/features.hpp"
#include "engine/server_actions.hpp"
#include "engine/task_store.hpp"

namespace mcp_mqtt::engine {

struct ServerConfig {
  ServerInstance instance;  // name and id in force: an adopted name replaces the configured one
  Implementation implementation;
  std::string instructions;
  Json connect_meta = Json::object();
  MessageLimits message_limits;
  std::size_t max_sessions = 10'000;
  std::size_t max_requests_per_session = 64;
  std::size_t max_subscriptions_per_session = 1'000;
  /// Requests of handlers to one client.
  std::size_t max_asks_per_session = 64;
  TaskLimits tasks;
  LoggingLevel log_level = LoggingLevel::info;  // until the client sets its own
  ChangeRoute list_changes = ChangeRoute::capability_topic;
  ChangeRoute resource_updates = ChangeRoute::per_session;
  Duration handshake_timeout = std::chrono::seconds(30);
  Duration presence_repeat = std::chrono::seconds(2);
  /// How long a session must be quiet until a server that is being drained ends it: a request may
  /// be on its way from a client that has not heard of it yet.
  Duration drain_quiet = std::chrono::seconds(2);
};

/// Names the updates of one resource to a NoticeGate.
inline std::string update_key(const std::string& uri) { return "updated " + uri; }

/// What the sessions of one server share.
struct ServerShared {
  ServerConfig config;
  Features features;
  std::vector<ServerAction> out;
  /// Whose outcome a ticket or a call brings, by client id.
  std::unordered_map<Ticket, std::string> ticket_owner;
  std::unordered_map<CallNumber, std::string> call_owner;
  /// Since when clients can know that this server is being drained; unset: it is not.
  Deadline draining_since;

  Ticket new_ticket() { return ++last_ticket_; }
  Ticket new_ticket(const std::string& client_id);
  CallNumber new_call(const std::string& client_id);

  /// The one outcome of a request to a client.
  void complete(CallToken call, Result<Json> result);

  /// A message on an RPC topic, with the properties that every publish of a server carries (T4).
  mqtt::Message rpc_message(const std::string& client_id, std::string payload) const;

 private:
  Ticket last_ticket_ = 0;
  CallNumber last_call_ = 0;
};

}  // namespace mcp_mqtt::engine
