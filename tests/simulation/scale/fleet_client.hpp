#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "engine/client_engine.hpp"
#include "node.hpp"

namespace mcp_mqtt::simulation::scale {

using engine::CallToken;
using engine::SessionNumber;

/// One client: the real engine, and the real life of each of its connections.
class FleetClient final : public ConnectionOwner {
 public:
  struct Session {
    bool open = false;
    /// Since when it is as it is.
    TimePoint since;
    std::string server_id;
  };

  FleetClient(Fleet& fleet, const engine::ClientConfig& config, std::string client_id);
  ~FleetClient() = default;
  FleetClient(const FleetClient&) = delete;
  FleetClient& operator=(const FleetClient&) = delete;

  void start() { connect(0); }
  void open(const std::string& server_name);
  void discover(const std::string& filter);

  const std::map<SessionNumber, Session>& sessions() const noexcept { return sessions_; }
  /// Sessions that were not opened, or that ended for good.
  std::size_t failures() const noexcept { return failures_; }
  /// Servers that it knows.
  std::size_t known() const { return engine_.discovery().registry().size(); }
  /// MQTT connections beyond the first that it opened so far (T30).
  std::size_t further_connections() const noexcept { return further_connections_; }
  BrokerModel::LinkNumber link() const { return connections_.at(0)->link(); }

 private:
  void connect(engine::ConnectionNumber number);
  void drop(engine::ConnectionNumber number);

  void connected(engine::ConnectionNumber connection) override;
  void lost(engine::ConnectionNumber connection, const Error& error) override;
  void gave_up(engine::ConnectionNumber connection, const Error& error) override;
  void message(engine::ConnectionNumber connection, const mqtt::Message& message) override;
  void subscribed(engine::Ticket ticket) override;
  void published(engine::Ticket ticket) override;

  void carry_out();
  template <class Action>
  void pass_on(Action& action);
  void perform(engine::Subscribe& action) { pass_on(action); }
  void perform(engine::Unsubscribe& action) { pass_on(action); }
  void perform(engine::Publish& action) { pass_on(action); }
  void perform(engine::OpenConnection& action);
  void perform(engine::CloseConnection& action);
  void perform(engine::SessionOpened& action);
  void perform(engine::SessionReopened& action);
  void perform(engine::SessionSuspended& action);
  void perform(engine::SessionClosed& action);
  void perform(engine::OpenFailed&) { ++failures_; }
  template <class Action>
  void perform(Action&) {}  // what a host is told beside

  Fleet& fleet_;
  engine::ClientEngine engine_;
  std::map<engine::ConnectionNumber, std::unique_ptr<FleetConnection>> connections_;
  std::map<SessionNumber, Session> sessions_;
  CallToken last_call_ = 0;
  std::size_t failures_ = 0;
  std::size_t further_connections_ = 0;
  Alarm alarm_;
};

}  // namespace mcp_mqtt::simulation::scale
