#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "engine/client_answers.hpp"
#include "engine/client_sender.hpp"
#include "engine/client_shared.hpp"
#include "engine/duplicate_filter.hpp"
#include "engine/request_tracker.hpp"

namespace mcp_mqtt::engine {

/// One session with one server instance: the handshake (T20 to T22), the requests, the end.
///
/// Its parts stand in files of their own: client_session.cpp the handshake and the end;
/// client_requests.cpp the requests to the server; client_messages.cpp what the server sends;
/// ClientAnswers the requests of the server.
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
    /// The session is opened again when it was cut off: requests that never left wait for that, and
    /// so do those that may be repeated.
    bool kept = false;
    /// Pings the server when it has said nothing for so long.
    std::optional<Duration> health_check = {};
    /// The ids of an earlier session under this number are not used again.
    std::int64_t last_request_id = 0;
  };

  ClientSession(ClientShared& shared, Setup setup, TimePoint now);
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  void on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_published(Ticket ticket, const Result<void>& outcome);
  void on_rpc(const mqtt::Message& message, TimePoint now);
  /// From the server's capability topic (T40).
  void on_capability(const mqtt::Message& message, TimePoint now);
  void on_time(TimePoint now);
  Deadline next_deadline() const;

  /// Asks the server at once whether it still knows this session.
  void probe(TimePoint now);

  /// A request; its outcome comes as CompleteCall.
  void request(CallToken call, std::string method, Json params, RequestTiming timing,
               bool wants_progress, TimePoint now);
  /// Ends a request as cancelled and tells the server. False: not under way.
  bool cancel(CallToken call, const std::string& reason);

  /// What the handler of a request of the server came to.
  void finish(CallNumber call, Result<Json> outcome, TimePoint now) {
    answers_.finish(call, std::move(outcome), now);
  }
  /// A notification of the host's own; dropped where the session is not open.
  void notify(std::string method, Json params) {
    if (state_ == State::open) sender_.notify(std::move(method), std::move(params));
  }
  void report_progress(CallNumber call, const Progress& progress) {
    answers_.report_progress(call, progress, initialized_.revision);
  }

  /// Ends the session: pending calls fail with `reason`, topics are unsubscribed (T41, T43).
  void close(const Error& reason, bool tell_server);
  /// Ends it because its instance is not online any more.
  void vanish(const Error& reason);
  /// Ends it where nothing can be sent any more.
  void close_without_connection(Error reason);

  /// The server is being drained: where the session is open, it goes on until the requests under
  /// way are over, and no further one begins.
  void drain(const Error& reason);
  bool draining() const noexcept { return draining_.has_value(); }
  /// Ends the session of a server that is being drained once no request is under way.
  void close_when_drained();

  std::string rpc_topic() const;
  State state() const noexcept { return state_; }
  SessionNumber number() const noexcept { return setup_.number; }
  ConnectionNumber connection() const noexcept { return setup_.connection; }
  const ServerInstance& instance() const noexcept { return setup_.instance; }
  Revision offered_revision() const noexcept { return setup_.revision; }
  SessionInfo info() const { return {setup_.instance, initialized_, setup_.client_id}; }
  std::int64_t last_request_id() const noexcept { return requests_.last_id(); }
  /// Whether it is closed because its instance went without a goodbye.
  bool vanished() const noexcept { return vanished_; }
  /// Whether it is closed because its connection is.
  bool cut_off() const noexcept { return cut_off_; }
  /// Whether it is closed because the server did not answer a health check.
  bool fell_silent() const noexcept { return fell_silent_; }
  /// Why it is closed.
  const Error& reason() const noexcept { return reason_; }

 private:
  using Channel = DuplicateFilter::Channel;
  static constexpr CallToken health_call = first_engine_call;

  void send_initialize(TimePoint now);
  void on_initialized(Result<Json> result);
  Result<void> check(const std::string& method, const Json& params) const;
  void tell_cancelled(std::int64_t id, const std::string& reason);
  void complete(const RequestTracker::Pending& pending, Result<Json> outcome);
  void fail_or_hold(RequestTracker::Pending pending, const Error& error, bool never_left);
  void check_health(TimePoint now);

  bool takes_batches() const;
  void refuse_batch(const wire::Decoded& decoded);
  void on_rejected(const wire::Rejected& rejected, const std::shared_ptr<AnswerBatch>& batch);
  void on_message(wire::RpcMessage& message, const std::shared_ptr<AnswerBatch>& batch,
                  TimePoint now);
  void on_answer(const RequestId& id, Result<Json> result);
  void on_server_request(const wire::Request& request, const std::shared_ptr<AnswerBatch>& batch,
                         TimePoint now);
  void on_notification(const wire::Notification& notification, TimePoint now);
  void on_progress(const Json& params, TimePoint now);
  Result<std::optional<HostNotice>> read_notice(const wire::Notification& notification) const;
  bool on_change(const wire::Notification& notification, Channel channel, TimePoint now);
  void end(const Error& reason);
  std::string capability_topic() const;
  std::string server() const;

  ClientShared& shared_;
  Setup setup_;
  State state_ = State::subscribing;
  std::set<Ticket> subscribing_;
  Deadline handshake_deadline_;
  ClientSender sender_;
  RequestTracker requests_;
  std::map<Ticket, CallToken> publishing_;
  /// The params of the requests that may be sent again, as long as they may.
  std::map<CallToken, Json> repeatable_;
  TimePoint heard_at_;
  bool pinging_ = false;
  bool fell_silent_ = false;
  bool cut_off_ = false;
  bool vanished_ = false;
  std::optional<Ticket> initialize_ticket_;
  InitializeResult initialized_;
  ClientAnswers answers_;
  DuplicateFilter duplicates_;
  std::optional<Error> draining_;
  Error reason_;
};

}  // namespace mcp_mqtt::engine
