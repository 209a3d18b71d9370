#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/server_engine.hpp"
#include "node_connection.hpp"
#include "stage.hpp"

namespace mcp_mqtt::simulation {

/// One process that serves: the engine, its connection, and what ServerRuntime does with both. Its
/// tool `echo` says who asked, takes its time, fails, asks the client back, or ignores that nobody
/// wants its answer any more.
class ServerNode {
 public:
  ServerNode(Stage& stage, std::string name, engine::ServerConfig config);
  ServerNode(const ServerNode&) = delete;
  ServerNode& operator=(const ServerNode&) = delete;
  ~ServerNode() = default;

  /// The goodbye; stopped() says when it is done.
  void stop();
  /// The process dies now. `notice`: how long the broker takes to notice.
  void crash(std::optional<Duration> notice) { connection_->abandon(notice); }

  void update_resource();
  void change_tools();
  /// Ends a session from this side.
  void disconnect_somebody();

  const std::string& name() const noexcept { return name_; }
  const std::string& id() const { return engine_.instance().server_id; }
  const engine::ServerEngine& engine() const noexcept { return engine_; }
  const NodeConnection& connection() const noexcept { return *connection_; }
  bool stopping() const noexcept { return phase_ != Phase::running; }
  bool stopped() const noexcept { return phase_ == Phase::stopped; }
  /// It never got a connection and does not try again.
  bool gave_up() const noexcept { return gave_up_; }
  /// Handlers that have not come back.
  std::size_t runs() const noexcept { return runs_.size(); }
  std::size_t questions() const noexcept { return questions_.size(); }

  /// Since when a client is known here, or hears of the resource; nullopt: it does not.
  Deadline live_since(const std::string& client_id) const;
  Deadline watched_since(const std::string& client_id) const;
  TimePoint last_update() const noexcept { return last_update_; }
  TimePoint last_change() const noexcept { return last_change_; }

 private:
  enum class Phase { running, stopping, stopped };
  struct Session {
    std::string client_id;
    TimePoint since;
    /// Who called first; nobody else may.
    std::optional<std::pair<std::string, SessionNumber>> caller;
  };
  struct Run {
    SessionNumber session = 0;
    bool begun = false;
    bool cancelled = false;
    std::optional<VirtualClock::Timer> end;
    Result<Json> outcome = Json();
  };
  /// A handler that waits for its client.
  struct Question {
    SessionNumber session = 0;
    engine::CallNumber run = 0;
  };

  void connect();
  void carry_out();
  void on_time();
  void finish_stop();

  void perform(engine::Subscribe& action);
  void perform(engine::Unsubscribe& action);
  void perform(engine::Publish& action);
  void perform(engine::RunHandler& action);
  void perform(engine::CancelRun& action);
  void perform(engine::CompleteCall& action);
  void perform(engine::CallProgressed&) {}
  void perform(engine::ClientConnected& action);
  void perform(engine::ClientGone& action);
  void perform(engine::HandshakeDropped&) { stage_.history.broken("there is no backend"); }
  void perform(engine::ClientTold&) { stage_.history.broken("there is no backend"); }
  void perform(engine::ClientRootsChanged&) {}
  void perform(engine::ClientTaskStatus&) {}
  void perform(engine::SubscriptionChanged& action);
  void perform(engine::ReconnectWithWill&) { connection_->reconnect(); }
  void perform(engine::ServerOnline&) {}
  void perform(engine::ServerRefused& action);
  void perform(engine::ServerLeft&);

  void begin(engine::CallNumber call, const engine::RunHandler& action);
  void check_caller(const engine::RunHandler& action, const Json& said);
  void end_after(engine::CallNumber call, Duration time);
  void ask_back(engine::CallNumber call, SessionNumber session);
  void finish(engine::CallNumber call, Result<Json> outcome);
  void note_initialize(const mqtt::Message& message);
  void check_answered_once(const mqtt::Message& message);
  /// An engine must not use a connection that it knows to be gone.
  bool usable(const char* action);

  Stage& stage_;
  std::string name_;
  engine::ServerEngine engine_;
  bool carrying_out_ = false;
  Phase phase_ = Phase::running;
  bool gave_up_ = false;
  std::optional<VirtualClock::Timer> timer_;
  std::map<SessionNumber, Session> sessions_;
  std::map<std::string, TimePoint> watching_;           // since when, by client id
  std::set<std::pair<std::string, Json>> initialized_;  // RPC topic, request id
  std::map<std::string, std::set<Json>> answered_;      // request ids of a session, by RPC topic
  std::map<engine::CallNumber, Run> runs_;
  std::map<CallToken, Question> questions_;
  CallToken last_question_ = 0;
  TimePoint last_update_;
  TimePoint last_change_;
  int changes_ = 0;
  std::shared_ptr<NodeConnection> connection_;
  Later later_;
};

}  // namespace mcp_mqtt::simulation
