#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/deadline_book.hpp"
#include "engine/server_session.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::engine {

/// An MCP server without I/O: registration (T10, T11), the control topic, and its sessions.
///
/// Feed it events with the time at which they happened; after each, carry out take_actions() in
/// order and call on_time() at next_deadline().
class ServerEngine {
 public:
  explicit ServerEngine(ServerConfig config);

  /// The will (T6) and the user properties (T3) of the next CONNECT.
  mqtt::Message will() const;
  mqtt::UserProperties connect_properties() const;

  void on_connected(const mqtt::ConnectionInfo& info, TimePoint now);
  /// Every session ended: its clients saw the will or will see the next presence.
  void on_connection_lost(const Error& reason);
  void on_message(const mqtt::Message& message, TimePoint now);
  void on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_published(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_time(TimePoint now);
  Deadline next_deadline() const;

  void finish(CallNumber call, Result<Json> outcome, TimePoint now);
  void report_progress(CallNumber call, const Progress& progress);

  // Towards one client; nothing happens where the session is over, but for ask(), which fails then.
  /// The outcome is a CompleteCall. `origin`: the run whose handler asks, or 0.
  void ask(SessionNumber session, CallToken call, std::string method, Json params,
           RequestTiming timing, bool wants_progress, CallNumber origin, TimePoint now);
  /// Nothing happens where it is over.
  void cancel_ask(SessionNumber session, CallToken call, const std::string& reason, TimePoint now);
  void log(SessionNumber session, const LoggingMessage& message, CallNumber origin, TimePoint now);
  void notify(SessionNumber session, std::string method, Json params, CallNumber origin = 0);
  /// Ends the session from this side (T41).
  void disconnect(SessionNumber session);

  // Towards all clients.
  void log_to_all(const LoggingMessage& message, TimePoint now);
  /// Tells those who subscribed (T40).
  void resource_updated(const std::string& uri);
  /// Changes what is offered; where that worked, the clients hear that `list` changed.
  Result<void> change(FeatureList list, const std::function<Result<void>(Features&)>& change);

  /// Goodbye to every client (T41), presence cleared (T11), then ServerLeft. Final.
  void leave();
  /// Presence cleared first, so that no new session begins; then each client is told goodbye when
  /// its requests are answered, at the latest after `timeout`; then ServerLeft. Final. A server
  /// without presence leaves at once.
  void drain(Duration timeout, TimePoint now);

  /// Before the first connection.
  void set_features(Features features) { shared_.features = std::move(features); }

  const ServerInstance& instance() const { return shared_.config.instance; }
  bool online() const noexcept { return state_ == State::online; }
  std::vector<ClientInfo> clients() const;
  /// The session of a client whose handshake is done; 0: there is none.
  SessionNumber session_number(const std::string& client_id) const;
  /// Sessions, also those whose handshake is not done.
  std::size_t session_count() const noexcept { return sessions_.size(); }
  /// Handlers that run, and actions whose outcome is awaited.
  std::size_t run_count() const noexcept { return shared_.calls.all().calls; }
  std::size_t ticket_count() const noexcept { return shared_.ticket_owner.size(); }
  std::vector<ServerAction> take_actions() { return std::exchange(shared_.out, {}); }

 private:
  enum class State { offline, subscribing, announcing, online, draining, leaving };

  void take_published(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_control(const mqtt::Message& message, TimePoint now);
  ServerSession* begin_session(const std::string& client_id, const RequestId& request);
  /// Whether a message on a client's topic is its own and of now. Some clients do not say who they
  /// are. Logged where it is not.
  static bool is_from(const std::string& client_id, const mqtt::Message& message);
  void on_client_presence(const std::string& client_id, const mqtt::Message& message);
  void on_client_rpc(const std::string& client_id, const mqtt::Message& message, TimePoint now);
  void on_client_capability(const std::string& client_id, const mqtt::Message& message);
  bool is_own(const std::string& server_id, const std::string& server_name) const;
  void publish_presence();
  void refuse(const std::string& client_id, const wire::ErrorResponse& answer);
  ServerSession* session_of(const std::string& client_id) const;
  ServerSession* session_of(SessionNumber number) const;
  ServerSession* take_ticket(Ticket ticket);
  /// After anything that may have moved a session: over, or waiting for another time.
  void settle(const ServerSession& session);
  void forget_sessions();
  void on_presence_cleared(const Result<void>& outcome, TimePoint now);
  void left();
  void tell_sessions(ChangeRoute route, const std::string& key,
                     const wire::Notification& notification,
                     const std::function<bool(const ServerSession&)>& wanted);
  void tell_capability_topic(const std::string& key, const wire::Notification& notification);

  ServerShared shared_;
  State state_ = State::offline;
  bool adopted_name_ = false;
  bool was_online_ = false;
  Ticket control_ticket_ = 0;
  Ticket presence_ticket_ = 0;
  Ticket clear_ticket_ = 0;
  Deadline presence_again_;
  Deadline drain_deadline_;
  std::map<std::string, std::unique_ptr<ServerSession>, std::less<>> sessions_;
  std::map<SessionNumber, ServerSession*> by_number_;
  SessionNumber last_session_ = 0;
  DeadlineBook<SessionNumber> deadlines_;
  NoticeGate notices_;
};

}  // namespace mcp_mqtt::engine
