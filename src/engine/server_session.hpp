#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/progress.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>

#include "engine/clock.hpp"
#include "engine/server_actions.hpp"
#include "engine/tool_registry.hpp"
#include "wire/json_rpc.hpp"

namespace mcp_mqtt::engine {

struct ServerConfig {
  ServerInstance instance;  // name and id in force: an adopted name replaces the configured one
  Implementation implementation;
  std::string instructions;
  Json connect_meta = Json::object();
  MessageLimits message_limits;
  std::size_t max_sessions = 10'000;
  std::size_t max_requests_per_session = 64;
  Duration handshake_timeout = std::chrono::seconds(30);
  Duration presence_repeat = std::chrono::seconds(2);
};

/// What the sessions of one server share.
struct ServerShared {
  ServerConfig config;
  ToolRegistry tools;
  std::vector<ServerAction> out;
  /// Whose outcome a ticket or a call brings, by client id.
  std::unordered_map<Ticket, std::string> ticket_owner;
  std::unordered_map<CallNumber, std::string> call_owner;

  Ticket new_ticket() { return ++last_ticket_; }
  Ticket new_ticket(const std::string& client_id);
  CallNumber new_call(const std::string& client_id);

  /// A message on an RPC topic, with the properties that every publish of a server carries (T4).
  mqtt::Message rpc_message(const std::string& client_id, std::string payload) const;

 private:
  Ticket last_ticket_ = 0;
  CallNumber last_call_ = 0;
};

/// One client of a server: the handshake, then its requests until one side leaves.
///
/// The client id of a control message is only a claim; what arrives on the client's RPC topic is
/// proof. So a session is provisional until `notifications/initialized` arrives there, and a second
/// `initialize` for a session in use stays a proposal until then: nobody can reset it from outside.
class ServerSession {
 public:
  ServerSession(ServerShared& shared, std::string client_id);
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  /// `initialize` from the control topic (T21).
  void on_initialize(const wire::Request& request, TimePoint now);
  void on_rpc(const mqtt::Message& message);
  void on_subscribed(Ticket ticket, const Result<void>& outcome);
  void on_published(Ticket ticket, const Result<void>& outcome);

  /// What the handler of `call` came to.
  void finish(CallNumber call, Result<CallToolResult> outcome);
  /// Passes on progress where the client asked for it.
  void report_progress(CallNumber call, const Progress& progress);

  /// Ends the session: running calls are cancelled, topics unsubscribed (T41, T42). `tell_client`
  /// publishes `notifications/disconnected` first.
  void end(const Error& reason, bool tell_client);
  /// The connection is gone: as end(), with nothing left to publish to.
  void end_without_connection(const Error& reason);
  bool over() const noexcept { return over_; }

  /// Gives up a handshake that did not go on.
  void on_time(TimePoint now);

  const std::string& client_id() const noexcept { return client_id_; }
  /// The negotiated session; nullptr while provisional.
  const ClientInfo* live() const { return live_ ? &*live_ : nullptr; }

 private:
  struct Proposal {
    RequestId request;
    ClientInfo client;
    TimePoint deadline;
    bool answered = false;
  };
  /// Answers of one batch, published together when the last is there (2025-03-26).
  struct Batch {
    std::size_t missing = 0;
    std::vector<wire::RpcMessage> answers;
  };
  struct Run {
    RequestId request;
    Json progress_token;  // null: the client did not ask
    double last_progress = 0;
    bool progressed = false;
    bool cancelled = false;
    std::shared_ptr<Batch> batch;
  };

  void subscribe_topics();
  void answer_initialize();
  void promote();
  void handle(const wire::RpcMessage& message, const std::shared_ptr<Batch>& batch);
  void handle_request(const wire::Request& request, const std::shared_ptr<Batch>& batch);
  void handle_notification(const wire::Notification& notification);
  void call_tool(const wire::Request& request, const std::shared_ptr<Batch>& batch);
  void cancel(const Json& params);
  bool in_flight(const RequestId& id) const;
  Result<Json> outcome_json(Result<CallToolResult> outcome) const;
  void answer(const RequestId& id, Result<Json> result, const std::shared_ptr<Batch>& batch);
  void send(wire::RpcMessage message, const std::shared_ptr<Batch>& batch);
  void settle(Batch& batch, std::optional<wire::RpcMessage> answer);
  void publish_answer(std::string payload, std::vector<RequestId> ids);
  void answer_unsent(const std::vector<RequestId>& ids, const Error& cause);
  void close_runs();
  void announce_gone(const Error& reason);
  Revision revision() const;
  std::vector<std::string> topics() const;

  ServerShared& shared_;
  std::string client_id_;
  std::optional<ClientInfo> live_;
  std::optional<Proposal> proposal_;
  std::set<Ticket> subscribing_;
  bool subscribed_ = false;
  bool over_ = false;
  std::map<CallNumber, Run> runs_;
  std::map<Ticket, std::vector<RequestId>> answers_in_flight_;
};

}  // namespace mcp_mqtt::engine
