#include "fleet_server.hpp"

namespace mcp_mqtt::simulation::scale {

FleetServer::FleetServer(Fleet& fleet, const engine::ServerConfig& config)
    : fleet_(fleet), engine_(config), connection_(fleet, *this, 0), alarm_(fleet.clock) {}

void FleetServer::carry_out() {
  for (auto& action : engine_.take_actions()) {
    std::visit([this](auto& one) { perform(one); }, action);
  }
  alarm_.set(engine_.next_deadline(), [this] {
    engine_.on_time(fleet_.clock.now());
    carry_out();
  });
}

void FleetServer::connected(engine::ConnectionNumber) {
  engine_.on_connected({}, fleet_.clock.now());
  carry_out();
}

void FleetServer::lost(engine::ConnectionNumber, const Error& error) {
  announced_.reset();
  engine_.on_connection_lost(error);
  carry_out();
}

void FleetServer::message(engine::ConnectionNumber, const mqtt::Message& message) {
  engine_.on_message(message, fleet_.clock.now());
  carry_out();
}

void FleetServer::subscribed(engine::Ticket ticket) {
  engine_.on_subscribed(ticket, {}, fleet_.clock.now());
  carry_out();
}

void FleetServer::published(engine::Ticket ticket) {
  engine_.on_published(ticket, {}, fleet_.clock.now());
  carry_out();
}

}  // namespace mcp_mqtt::simulation::scale
