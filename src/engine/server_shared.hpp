#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <mcp_mqtt/change_route.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>

#include "engine/call_ledger.hpp"
#include "engine/clock.hpp"
#include "engine/fair_outbox.hpp"
#include "engine/features.hpp"
#include "engine/server_actions.hpp"
#include "engine/task_store.hpp"

namespace mcp_mqtt::engine {

struct ServerConfig {
  ServerInstance instance;  // name and id in force: an adopted name replaces the configured one
  Implementation implementation;
  std::string instructions;
  /// Somebody else answers the clients: requests go out as they came, `initialize` too, and the
  /// features count for nothing.
  bool has_backend = false;
  Json connect_meta = Json::object();
  MessageLimits message_limits;
  mqtt::Qos qos = mqtt::Qos::at_least_once;  // of the RPC topics
  std::size_t max_sessions = 10'000;
  std::size_t max_provisional_sessions = 2'500;
  std::size_t max_requests_per_session = 64;
  std::size_t max_requests = 10'000;
  /// Of requests under way.
  std::size_t max_request_bytes_per_session = 32U << 20;
  std::size_t max_request_bytes = 256U << 20;
  FairOutbox::Limits outbox;
  std::size_t max_subscriptions_per_session = 1'000;
  std::size_t max_subscription_bytes_per_session = 1U << 20;
  std::size_t log_burst = 1'000;
  std::size_t log_messages_per_second = 100;
  /// Requests of handlers to one client.
  std::size_t max_asks_per_session = 64;
  TaskLimits tasks;
  /// Of all sessions.
  std::size_t max_task_result_bytes = 256U << 20;
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
  explicit ServerShared(ServerConfig server)
      : config(std::move(server)),
        outbox(config.outbox),
        task_results(config.max_task_result_bytes) {}

  ServerConfig config;
  Features features;
  std::vector<ServerAction> out;
  FairOutbox outbox;
  /// Whose outcome a ticket brings, by client id.
  std::unordered_map<Ticket, std::string> ticket_owner;
  CallLedger calls;
  ByteBudget task_results;
  /// The payload, the topic and the properties.
  std::size_t max_answer_bytes = config.message_limits.max_bytes;
  /// Sessions whose handshake is not done.
  std::size_t provisional_sessions = 0;
  /// Since when clients can know that this server is being drained; unset: it is not.
  Deadline draining_since;

  Ticket new_ticket() { return ++last_ticket_; }
  Ticket new_ticket(const std::string& client_id);
  /// A request of this client that is under way until calls.end().
  CallNumber new_call(const std::string& client_id, std::size_t bytes);

  /// Sends a message to a client on its RPC topic, in its turn. False: too much waits for it.
  bool post(const std::string& client_id, std::string payload, Ticket ticket);
  /// What has its turn now goes out.
  void flow() {
    for (Publish& message : outbox.take()) out.emplace_back(std::move(message));
  }

  /// The one outcome of a request to a client.
  void complete(CallToken call, Result<Json> result);

  /// A message on an RPC topic, with the properties that every publish of a server carries (T4).
  mqtt::Message rpc_message(const std::string& client_id, std::string payload) const;

 private:
  Ticket last_ticket_ = 0;
  CallNumber last_call_ = 0;
};

}  // namespace mcp_mqtt::engine
