#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/selection.hpp>

#include "engine/client_actions.hpp"
#include "engine/clock.hpp"
#include "engine/request_tracker.hpp"
#include "wire/json_rpc.hpp"

namespace mcp_mqtt::engine {

struct ClientConfig {
  Implementation implementation;
  ClientCapabilities capabilities;
  Json connect_meta = Json::object();
  MessageLimits message_limits;
  std::size_t max_instances = 100'000;
  std::size_t max_requests_per_session = 1'024;
  /// How long an instance that did not answer `initialize` is left alone.
  Duration avoid_for = std::chrono::seconds(60);
  /// How long a service is left alone whose instance ended the session but stays online, before
  /// it opens by itself again.
  Duration reopen_after = std::chrono::seconds(1);
  /// How long after a reconnect instances may take to be announced again.
  Duration rediscovery_grace = std::chrono::seconds(10);
  bool open_every_service = false;
  SelectionPolicy select;  // for the sessions that open by themselves
  bool fixed_client_id = false;
  Duration initialize_timeout = std::chrono::seconds(30);
};

/// What the sessions of one client share.
struct ClientShared {
  explicit ClientShared(ClientConfig client) : config(std::move(client)) {}

  ClientConfig config;
  std::vector<ClientAction> out;
  /// Which session's outcome a ticket brings.
  std::unordered_map<Ticket, SessionNumber> ticket_owner;

  Ticket new_ticket() { return ++last_ticket_; }
  Ticket new_ticket(SessionNumber session) {
    ticket_owner.emplace(++last_ticket_, session);
    return last_ticket_;
  }

 private:
  Ticket last_ticket_ = 0;
};

/// One session with one server instance: the handshake (T20 to T22), the requests, the end.
class ClientSession {
 public:
  enum class State { subscribing, initializing, open, closed };

  struct Setup {
    SessionNumber number = 0;
    ConnectionNumber connection = 0;
    std::string client_id;
    ServerInstance instance;
    Revision revision = latest_revision;
    Duration initialize_timeout{};
  };

  ClientSession(ClientShared& shared, Setup setup, TimePoint now);
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  void on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_published(Ticket ticket, const Result<void>& outcome);
  void on_rpc(const mqtt::Message& message, TimePoint now);
  void on_time(TimePoint now);
  Deadline next_deadline() const;

  /// A request; its outcome comes as CompleteCall.
  void request(CallToken call, std::string method, Json params, RequestTiming timing,
               bool wants_progress, TimePoint now);
  /// Ends a request as cancelled and tells the server. False: not under way.
  bool cancel(CallToken call, const std::string& reason);

  /// Ends the session: pending calls fail with `reason`, topics are unsubscribed (T41, T43).
  void close(const Error& reason, bool tell_server);
  void close_without_connection(const Error& reason);

  std::string rpc_topic() const;
  State state() const noexcept { return state_; }
  SessionNumber number() const noexcept { return setup_.number; }
  ConnectionNumber connection() const noexcept { return setup_.connection; }
  const ServerInstance& instance() const noexcept { return setup_.instance; }
  Revision offered_revision() const noexcept { return setup_.revision; }
  SessionInfo info() const { return {setup_.instance, initialized_, setup_.client_id}; }
  /// Why it is closed.
  const Error& reason() const noexcept { return reason_; }

 private:
  void send_initialize(TimePoint now);
  void on_message(const wire::RpcMessage& message, TimePoint now);
  void on_answer(const RequestId& id, Result<Json> result);
  void on_initialized(Result<Json> result);
  void on_server_request(const wire::Request& request);
  void on_notification(const wire::Notification& notification, TimePoint now);
  void tell_cancelled(std::int64_t id, const std::string& reason);
  /// The ticket under which it was sent; nullopt where it cannot be encoded.
  Result<Ticket> publish(std::string topic, const wire::RpcMessage& message);
  void end(const Error& reason);
  std::string capability_topic() const;
  std::string server() const;

  ClientShared& shared_;
  Setup setup_;
  State state_ = State::subscribing;
  std::set<Ticket> subscribing_;
  Deadline handshake_deadline_;
  RequestTracker requests_;
  std::map<Ticket, CallToken> publishing_;
  std::optional<Ticket> initialize_ticket_;
  InitializeResult initialized_;
  Error reason_;
};

}  // namespace mcp_mqtt::engine
