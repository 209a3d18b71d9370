#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mcp_mqtt/protocol/progress.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "engine/handler_runs.hpp"
#include "engine/notice_gate.hpp"
#include "engine/request_tracker.hpp"
#include "engine/server_shared.hpp"
#include "engine/task_store.hpp"
#include "ground/log_gate.hpp"

namespace mcp_mqtt::engine {

/// One client of a server: the handshake, then requests, answers and notifications both ways until
/// one side leaves.
///
/// The client id of a control message is only a claim; what arrives on the client's RPC topic is
/// proof. So a session is provisional until `notifications/initialized` arrives there, and a second
/// `initialize` for a session in use stays a proposal until then: nobody can reset it from outside.
///
/// Its parts stand in files of their own: server_session.cpp the handshake, the messages and the
/// end; server_requests.cpp what each request of the client does; server_answers.cpp from a
/// handler's outcome to the answer; server_tasks.cpp tasks; server_asks.cpp requests to the client;
/// server_notices.cpp notifications to it; server_relay.cpp sessions that a backend answers.
class ServerSession {
 public:
  ServerSession(ServerShared& shared, SessionNumber number, std::string client_id);
  ~ServerSession();
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  /// `initialize` from the control topic (T21).
  void on_initialize(const wire::Request& request, TimePoint now);
  void on_rpc(const mqtt::Message& message, TimePoint now);
  /// From the client's capability topic (T40).
  void on_capability(const mqtt::Message& message);
  void on_subscribed(Ticket ticket, const Result<void>& outcome);
  void on_published(Ticket ticket, const Result<void>& outcome, TimePoint now);

  /// What the handler of `call` came to.
  void finish(CallNumber call, Result<Json> outcome, TimePoint now);
  /// Passes on progress where the client asked for it.
  void report_progress(CallNumber call, const Progress& progress);

  /// A request to the client; its outcome comes as CompleteCall. `origin`: the run whose handler
  /// asks, or 0.
  void ask(CallToken call, std::string method, Json params, RequestTiming timing,
           bool wants_progress, CallNumber origin, TimePoint now);
  /// Ends a request to the client as cancelled and tells it. False: not under way.
  bool cancel_ask(CallToken call, const std::string& reason, TimePoint now);

  /// A log message, if it is severe enough for this client and there is room for it.
  /// `origin`: the handler run that tells it; its task is named. 0: none.
  void log(const LoggingMessage& message, CallNumber origin, TimePoint now);
  void notify(std::string method, Json params, CallNumber origin = 0);
  /// A notification of which one under way is enough, by its key.
  void notify_once(const std::string& key, const wire::Notification& notification);
  bool subscribed_to(const std::string& uri) const { return subscriptions_.contains(uri); }
  bool subscribed_to_any() const noexcept { return !subscriptions_.empty(); }
  /// Whether the client was told that it will hear changes of this list.
  bool hears_changes_of(FeatureList list) const;

  /// Ends the session: running calls are cancelled, topics unsubscribed (T41, T42). `tell_client`
  /// publishes `notifications/disconnected` first.
  void end(const Error& reason, bool tell_client);
  /// The connection is gone: as end(), with nothing left to publish to.
  void end_without_connection(const Error& reason);
  bool over() const noexcept { return over_; }

  /// Gives up a handshake that did not go on, requests without answer, tasks whose time is over.
  void on_time(TimePoint now);
  Deadline next_deadline() const;

  SessionNumber number() const noexcept { return number_; }
  const std::string& client_id() const noexcept { return client_id_; }
  /// Whether the client waits for the answer to a request with this id.
  bool is_answering(const RequestId& id) const { return runs_.in_flight(id); }
  /// The negotiated session; nullptr while provisional.
  const ClientInfo* live() const { return live_ ? &*live_ : nullptr; }

 private:
  using Batch = std::shared_ptr<AnswerBatch>;
  /// The request is theirs to take apart; what start() reads stays.
  using Handle = void (ServerSession::*)(wire::Request&, const Batch&, TimePoint);
  struct Method;
  struct Proposal {
    RequestId request;
    ClientInfo client;
    TimePoint deadline;
    bool answered = false;
    ServerCapabilities declared = {};
    // With a backend: the params of the request, and the run that answers it.
    Json params = nullptr;
    CallNumber initialize = 0;
  };

  // The handshake and the messages.
  void subscribe_topics();
  void answer_initialize();
  void promote();
  void drop_proposal();
  void handle(wire::RpcMessage& message, const Batch& batch, TimePoint now);
  void handle_notification(const wire::Notification& notification, TimePoint now);
  Deadline drain_deadline() const;
  void announce_gone(const Error& reason);
  void close_runs(const Error& reason);
  Revision revision() const;
  std::vector<std::string> topics() const;

  // Requests of the client.
  static const Method* find_method(std::string_view name);
  void handle_request(wire::Request& request, const Batch& batch, TimePoint now);
  PageRoom page_room(const wire::Request& request) const;
  void list_tools(wire::Request& request, const Batch& batch, TimePoint now);
  void call_tool(wire::Request& request, const Batch& batch, TimePoint now);
  void list_resources(wire::Request& request, const Batch& batch, TimePoint now);
  void list_templates(wire::Request& request, const Batch& batch, TimePoint now);
  void read_resource(wire::Request& request, const Batch& batch, TimePoint now);
  void subscribe_resource(wire::Request& request, const Batch& batch, TimePoint now);
  void unsubscribe_resource(wire::Request& request, const Batch& batch, TimePoint now);
  void list_prompts(wire::Request& request, const Batch& batch, TimePoint now);
  void get_prompt(wire::Request& request, const Batch& batch, TimePoint now);
  void complete(wire::Request& request, const Batch& batch, TimePoint now);
  void set_level(wire::Request& request, const Batch& batch, TimePoint now);
  void cancel_request(const Json& params);
  bool refuse_busy(const RequestId& id, const Batch& batch);
  struct Start {
    std::string name;
    Work work = {};
    bool run_inline = false;
    Json params = nullptr;
  };
  CallNumber start(const wire::Request& request, const Batch& batch, Start start,
                   const std::string& task_id = {}, CallNumber call = 0);

  // For the backend.
  void relay_initialize();
  void relay_initialized(Result<Json> outcome);
  void relay_request(const wire::Request& request, const Batch& batch);
  void relay_notification(const wire::Notification& notification);

  // Tasks.
  void start_task(const wire::Request& request, const Batch& batch, Start start, TimePoint now);
  void get_task(wire::Request& request, const Batch& batch, TimePoint now);
  void list_tasks(wire::Request& request, const Batch& batch, TimePoint now);
  void cancel_task(wire::Request& request, const Batch& batch, TimePoint now);
  void task_result(wire::Request& request, const Batch& batch, TimePoint now);
  void tell_status(const Task& task);
  void settle_task(CallNumber call, Result<Json> outcome, TimePoint now);
  void stop_task(TaskStore::Cancelled cancelled, TimePoint now);
  void drop_waiter(CallNumber waiter);

  void tell_left_out(TimePoint now);

  // Answers.
  void answer(const RequestId& id, Result<Json> result, const Batch& batch);
  void refuse(const RequestId& id, int code, std::string message, const Batch& batch);
  void send(wire::RpcMessage message, const Batch& batch);
  void settle(AnswerBatch& batch, std::optional<wire::RpcMessage> answer);
  bool publish_answer(std::string payload, std::vector<RequestId> ids);
  void answer_unsent(const std::vector<RequestId>& ids, const Error& cause);

  // Requests to the client.
  void on_answer(const RequestId& id, Result<Json> result, TimePoint now);
  void on_progress(const Json& params, TimePoint now);
  void complete_ask(const RequestTracker::Pending& ask, Result<Json> result, TimePoint now);
  void tell_cancelled(std::int64_t id, const std::string& reason);

  ServerShared& shared_;
  SessionNumber number_;
  std::string client_id_;
  std::optional<ClientInfo> live_;
  std::optional<Proposal> proposal_;
  /// What the client was told in `initialize`. It stays true while features come and go.
  ServerCapabilities declared_;
  std::set<Ticket> subscribing_;
  bool subscribed_ = false;
  bool over_ = false;
  /// When the client was heard, or a handler finished, for the last time.
  TimePoint last_active_;

  HandlerRuns runs_;
  std::map<Ticket, std::vector<RequestId>> answers_in_flight_;
  TaskStore tasks_;

  RequestTracker asks_;
  std::map<CallToken, CallNumber> ask_origin_;
  std::map<Ticket, CallToken> asks_in_flight_;

  std::set<std::string, std::less<>> subscriptions_;
  std::size_t subscription_bytes_ = 0;
  LoggingLevel log_level_;
  log::LogGate log_gate_;
  NoticeGate notices_;
  /// The payload that is being read, shared among the requests in it.
  std::size_t request_bytes_ = 0;
  bool warned_full_ = false;
};

}  // namespace mcp_mqtt::engine
