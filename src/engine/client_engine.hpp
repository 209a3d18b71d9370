#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/avoided_instances.hpp"
#include "engine/client_session.hpp"
#include "engine/deadline_book.hpp"
#include "engine/discovery.hpp"
#include "engine/open_request.hpp"

namespace mcp_mqtt::engine {

/// An MCP client without I/O: discovery, sessions with many servers, and the MQTT connections that
/// carry them. Connection 0 discovers and carries sessions; another is opened only where a second
/// initialization with one instance needs a fresh client id (T30).
///
/// Feed it events with the time at which they happened; after each, carry out take_actions() in
/// order and call on_time() at next_deadline().
class ClientEngine {
 public:
  ClientEngine(ClientConfig config, std::string client_id, std::mt19937_64::result_type seed);

  /// What the CONNECT of a connection carries: the client id, T3, T7.
  const std::string& client_id(ConnectionNumber connection) const;
  mqtt::Message will(ConnectionNumber connection) const;
  mqtt::UserProperties connect_properties() const;

  void on_connected(ConnectionNumber connection, const mqtt::ConnectionInfo& info, TimePoint now);
  /// An additional connection could not be opened.
  void on_connect_failed(ConnectionNumber connection, const Error& reason, TimePoint now);
  void on_connection_lost(ConnectionNumber connection, const Error& reason, TimePoint now);
  /// Connection 0 is not tried again. What waits for it fails, and so does all that is asked later,
  /// until it is connected after all.
  void on_gave_up(const Error& reason, TimePoint now);
  /// It is tried again after all.
  void on_retry() { gave_up_.reset(); }
  void on_message(ConnectionNumber connection, const mqtt::Message& message, TimePoint now);
  void on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_published(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_time(TimePoint now);
  Deadline next_deadline() const;

  /// The outcome is a CompleteCall with null.
  void discover(CallToken call, const std::string& server_name_filter);
  /// The outcome is an InstanceFound.
  void wait_for_instance(CallToken call, const std::string& server_name_filter, Duration timeout,
                         TimePoint now);
  /// The outcome is SessionOpened or OpenFailed.
  void open(OpenRequest request, TimePoint now);
  void close(SessionNumber session, TimePoint now);
  /// The outcome is a CompleteCall.
  void request(SessionNumber session, CallToken call, std::string method, Json params,
               RequestTiming timing, bool wants_progress, TimePoint now);
  /// Subscribes to a resource, in this session and in those that follow it. The outcome is a
  /// CompleteCall; then `call` is the subscription's number.
  void subscribe(SessionNumber session, CallToken call, const std::string& uri,
                 RequestTiming timing, TimePoint now);
  void unsubscribe(SubscriptionNumber subscription, TimePoint now);

  /// What the handler of a RunRequest came to; once, also where it was cancelled.
  void answer(CallNumber call, Result<Json> outcome, TimePoint now);
  void report_progress(CallNumber call, const Progress& progress);
  /// Tells the server of a session something; dropped where the session is not open.
  void notify(SessionNumber session, std::string method, Json params);
  /// Tells every server in use that the roots changed (T40).
  void notify_roots_changed();

  /// Ends a request, a subscription, an open(), a wait or a discover as cancelled. Nothing happens
  /// where it has its outcome. `session`: of a request, where the caller knows it; else all are
  /// looked through.
  void cancel(CallToken call, const std::string& reason, TimePoint now, SessionNumber session = 0);

  /// Goodbye to every server (T42), then ClientLeft. All that waits fails as `stopped`.
  void leave(TimePoint now);

  const Discovery& discovery() const noexcept { return discovery_; }
  std::size_t session_count() const noexcept { return sessions_.size(); }
  /// Whom an update of this resource in this session reaches.
  std::vector<SubscriptionNumber> subscribers(SessionNumber session, const std::string& uri) const {
    return shared_.subscriptions.hearers(session, uri);
  }
  /// MQTT connections, also those being opened.
  std::size_t connection_count() const noexcept { return links_.size(); }
  std::size_t opening_count() const noexcept { return openings_.size(); }
  /// Handlers that run, and actions whose outcome is awaited.
  std::size_t run_count() const noexcept { return shared_.run_owner.size(); }
  std::size_t ticket_count() const noexcept { return shared_.ticket_owner.size(); }
  std::vector<ClientAction> take_actions() { return std::exchange(shared_.out, {}); }

 private:
  struct Link {
    std::string client_id;
    bool connected = false;
    /// Instances that saw an initialize under this client id (T30).
    std::set<std::string> initialized;
    std::size_t sessions = 0;
  };
  using OpeningNumber = std::uint64_t;

  void try_opening(OpeningNumber number, TimePoint now);
  void try_waiting_openings(TimePoint now);
  bool gathers(Opening& opening, TimePoint now) const;
  void start_session(OpeningNumber number, TimePoint now);
  void fail_attempt(OpeningNumber number, const Error& error, TimePoint now);
  void restart_handshakes(const ServerInstance& instance, TimePoint now);
  void fail_opening(OpeningNumber number, Error error, TimePoint now);
  ConnectionNumber connection_for(const std::string& server_id);
  /// The broker refused a filter: nobody waits for what is looked for no more.
  void fail_what_cannot_be_found(TimePoint now);
  /// An initialize goes to this instance; ids of instances that are gone are forgotten in time.
  void remember_initialized(Link& link, const std::string& server_id) const;
  std::string fresh_client_id(const std::string& like);

  void send_subscribe(SessionNumber session, const SubscriptionBook::Wanted& wanted,
                      RequestTiming timing, TimePoint now);
  void end_overdue_subscriptions(TimePoint now);
  void renew_subscriptions(const ClientSession& session, TimePoint now);

  bool suspend(const ClientSession& session, TimePoint now);
  void pause_reopening(Opening& opening, TimePoint now);
  static void reopen_without_limits(Opening& opening, TimePoint now);
  void on_reopened(const ClientSession& session, TimePoint now);
  void close_for_good(SessionNumber number, const std::string& server_name, const Error& reason,
                      TimePoint now);
  void hold(SessionNumber number, CallToken call, std::string method, Json params,
            const RequestTiming& timing, bool wants_progress, TimePoint now);
  void expire_held(TimePoint now);
  KeptSession* suspended(SessionNumber number);

  /// For any use that may move its deadline.
  ClientSession* session_of(SessionNumber number) const;
  void refresh_deadlines() const;
  /// `number`: whose RPC topic it came on.
  void on_session_message(SessionNumber number, ConnectionNumber connection,
                          const mqtt::Message& message, TimePoint now);
  static bool may_be_of(const std::string& server_id, const mqtt::Message& message);
  ClientSession* session_for(ConnectionNumber connection, const std::string& server_id,
                             const std::string& server_name, const mqtt::Message& message) const;
  ClientSession* take_ticket(Ticket ticket);
  /// After anything that may have moved a session: opened or over.
  void settle(ClientSession& session, TimePoint now);
  void release_connection(ConnectionNumber connection);
  static Error gone(const ServerInstance& instance);
  /// `live`: told just now, not kept by the broker.
  void apply(InstanceChange change, TimePoint now, bool live = false);
  void open_by_itself(const std::string& server_name, TimePoint now);
  void reopen_by_itself(const ClientSession& closed, TimePoint now);
  void probe_doubtful(const ServerInstance& instance, TimePoint now);
  bool has_session_with(const ServerInstance& instance) const;
  bool moves_on(const ClientSession& session) const;
  std::vector<SessionNumber> sessions_with(const ServerInstance& instance) const;
  void drain_sessions_of(const ServerInstance& instance);
  void close_sessions_of(const ServerInstance& instance, TimePoint now, bool draining_too);

  ClientShared shared_;
  Discovery discovery_;
  std::mt19937_64 random_;
  bool leaving_ = false;
  std::optional<Error> gave_up_;

  std::map<ConnectionNumber, Link> links_;
  ConnectionNumber last_link_ = 0;

  std::map<SessionNumber, std::unique_ptr<ClientSession>> sessions_;
  SessionNumber last_session_ = 0;
  /// Of the sessions; those that were touched since have to be asked again.
  mutable DeadlineBook<SessionNumber> deadlines_;
  mutable std::unordered_set<SessionNumber> touched_;
  std::unordered_map<std::string, SessionNumber> session_by_rpc_topic_;

  /// Sessions whose instance may have gone and come unseen, while connection 0 was lost.
  std::set<SessionNumber> doubtful_;
  /// The highest request id of sessions that are over.
  std::int64_t last_request_id_ = 0;

  std::map<SessionNumber, KeptSession> kept_;
  std::map<OpeningNumber, Opening> openings_;
  OpeningNumber last_opening_ = 0;
  AvoidedInstances avoided_;
  /// Services that open by themselves: when to try again, and those that the host closed.
  std::map<std::string, TimePoint> open_again_at_;
  std::set<std::string> closed_by_host_;

  struct Waiter {
    std::string filter;
    TimePoint deadline;
  };
  std::map<CallToken, Waiter> waiters_;
  std::set<Ticket> goodbyes_;
};

}  // namespace mcp_mqtt::engine
