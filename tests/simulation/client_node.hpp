#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/client_engine.hpp"
#include "node_connection.hpp"
#include "stage.hpp"

namespace mcp_mqtt::simulation {

/// One process that uses servers: the engine, its connections, what ClientRuntime does with both,
/// and a host that notes down what it asked and what came of it.
class ClientNode {
 public:
  struct Session {
    engine::SessionInfo info;
    TimePoint opened;
    TimePoint heard_change;  // of the server's tools
    bool suspended = false;
    bool health_check = false;
  };
  struct Subscription {
    std::string server_name;
    SessionNumber session = 0;  // in which it was made
    bool established = false;
    TimePoint heard;
  };

  ClientNode(Stage& stage, std::string name, const engine::ClientConfig& config,
             std::string client_id);
  ClientNode(const ClientNode&) = delete;
  ClientNode& operator=(const ClientNode&) = delete;
  ~ClientNode() { stage_.history.abandon(name_); }

  // --- What the host does; each at once
  CallToken open(engine::OpenRequest request);
  CallToken call(SessionNumber session, engine::RequestTiming timing, bool wants_progress);
  CallToken request(SessionNumber session, const std::string& method, Duration timeout);
  void cancel(CallToken token);
  void close(SessionNumber session);
  void discover(const std::string& filter);
  void wait(const std::string& filter, Duration timeout);
  void subscribe(SessionNumber session, Duration timeout);
  void unsubscribe(engine::SubscriptionNumber subscription);
  /// The goodbye; stopped() says when it is done.
  void stop();
  /// The process dies now. `notice`: how long the broker takes to notice.
  void crash(std::optional<Duration> notice);

  const std::string& name() const noexcept { return name_; }
  const engine::ClientEngine& engine() const noexcept { return engine_; }
  const std::string& client_id() const { return engine_.client_id(0); }
  bool fixed_client_id() const noexcept { return fixed_client_id_; }
  bool up() const;
  bool stopping() const noexcept { return phase_ != Phase::running; }
  bool stopped() const noexcept { return phase_ == Phase::stopped; }
  bool gave_up() const noexcept { return gave_up_; }
  const std::map<SessionNumber, Session>& sessions() const noexcept { return sessions_; }
  const std::map<engine::SubscriptionNumber, Subscription>& subscriptions() const noexcept {
    return subscriptions_;
  }
  const std::set<CallToken>& waiting() const noexcept { return waiting_; }
  /// The services that it looks for.
  const std::set<std::string>& filters() const noexcept { return filters_; }
  /// What it was told of: server-id and server-name.
  const std::set<std::pair<std::string, std::string>>& instances() const noexcept {
    return instances_;
  }
  using Connections = std::map<engine::ConnectionNumber, std::shared_ptr<NodeConnection>>;
  const Connections& connections() const noexcept { return connections_; }
  std::size_t runs() const noexcept { return runs_.size(); }

 private:
  enum class Phase { running, stopping, stopped };

  CallToken ask(Asked::What what, SessionNumber session, Deadline latest, bool idempotent = false);
  template <class Use>
  void use_engine(Use use);
  void connect(engine::ConnectionNumber number);
  NodeConnection::Events events_of(engine::ConnectionNumber number);
  void drop_connection(engine::ConnectionNumber number);
  NodeConnection* usable(engine::ConnectionNumber number, const char* action);
  void carry_out();
  void on_time();
  void finish_stop();
  void finish(CallToken token, const std::optional<Error>& error);

  void perform(engine::Subscribe& action);
  void perform(engine::Unsubscribe& action);
  void perform(engine::Publish& action);
  void perform(engine::OpenConnection& action);
  void perform(engine::CloseConnection& action);
  void perform(engine::CompleteCall& action);
  void perform(engine::CallProgressed& action);
  void perform(engine::SessionOpened& action);
  void perform(engine::OpenFailed& action);
  void perform(engine::SessionSuspended& action);
  void perform(engine::SessionReopened& action);
  void perform(engine::SessionClosed& action);
  void perform(engine::InstanceFound& action);
  void perform(engine::InstanceChanged& action);
  void perform(engine::RunRequest& action);
  void perform(engine::CancelRun& action);
  void perform(engine::ServerTold& action);
  void perform(engine::ResourceChanged& action);
  void perform(engine::ClientLeft&);
  void check_answer(CallToken token, const Json& result);
  void answer(engine::CallNumber call);

  Stage& stage_;
  std::string name_;
  bool fixed_client_id_;
  engine::ClientEngine engine_;
  bool carrying_out_ = false;
  Phase phase_ = Phase::running;
  bool gave_up_ = false;
  std::optional<VirtualClock::Timer> timer_;
  std::set<CallToken> waiting_;
  std::set<CallToken> checks_health_;  // of open()
  std::map<SessionNumber, Session> sessions_;
  std::map<engine::SubscriptionNumber, Subscription> subscriptions_;
  std::map<engine::CallNumber, VirtualClock::Timer> runs_;
  std::set<std::string> filters_;
  std::set<std::pair<std::string, std::string>> instances_;
  std::set<std::pair<std::string, std::string>> initialized_;  // client id, control topic
  Connections connections_;
  Later later_;
};

}  // namespace mcp_mqtt::simulation
