#pragma once

#include <cstddef>

#include "engine/server_engine.hpp"
#include "node.hpp"

namespace mcp_mqtt::simulation::scale {

/// One server: the real engine and the real connection life.
class FleetServer final : public ConnectionOwner {
 public:
  FleetServer(Fleet& fleet, const engine::ServerConfig& config);
  ~FleetServer() = default;
  FleetServer(const FleetServer&) = delete;
  FleetServer& operator=(const FleetServer&) = delete;

  void start() { connection_.start(); }
  const engine::ServerEngine& engine() const noexcept { return engine_; }
  /// Since when clients can find it, on its present connection.
  Deadline announced() const noexcept { return announced_; }
  /// Sessions that are in force.
  std::size_t sessions() const { return engine_.clients().size(); }

 private:
  void connected(engine::ConnectionNumber) override;
  void lost(engine::ConnectionNumber, const Error& error) override;
  void gave_up(engine::ConnectionNumber, const Error&) override {}
  void message(engine::ConnectionNumber, const mqtt::Message& message) override;
  void subscribed(engine::Ticket ticket) override;
  void published(engine::Ticket ticket) override;

  void carry_out();
  void perform(engine::Subscribe& action) { connection_.perform(action); }
  void perform(engine::Unsubscribe& action) { connection_.perform(action); }
  void perform(engine::Publish& action) { connection_.perform(action); }
  void perform(engine::ServerOnline&) { announced_ = fleet_.clock.now(); }
  template <class Action>
  void perform(Action&) {}  // what concerns a program's handlers: nobody calls them here

  Fleet& fleet_;
  engine::ServerEngine engine_;
  FleetConnection connection_;
  Deadline announced_;
  Alarm alarm_;
};

}  // namespace mcp_mqtt::simulation::scale
