#include "fleet_client.hpp"

#include <utility>

namespace mcp_mqtt::simulation::scale {

FleetClient::FleetClient(Fleet& fleet, const engine::ClientConfig& config, std::string client_id)
    : fleet_(fleet),
      engine_(config, std::move(client_id), fleet.random.number()),
      alarm_(fleet.clock) {}

void FleetClient::carry_out() {
  // An action may bring about the next event at once, whose actions are these.
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    for (auto& action : actions) std::visit([this](auto& one) { perform(one); }, action);
  }
  alarm_.set(engine_.next_deadline(), [this] {
    engine_.on_time(fleet_.clock.now());
    carry_out();
  });
}

// --- What the host does

void FleetClient::open(const std::string& server_name) {
  engine::OpenRequest request;
  request.call = ++last_call_;
  request.server_name_filter = server_name;
  // Any instance, each as likely as the other, as select_random(); but by the seed.
  request.select = [this](const auto& instances) { return fleet_.random.below(instances.size()); };
  request.timeout = seconds(60);
  request.initialize_timeout = seconds(30);
  request.reopen = Reopen::after_connection_loss;
  engine_.open(std::move(request), fleet_.clock.now());
  carry_out();
}

void FleetClient::discover(const std::string& filter) {
  engine_.discover(++last_call_, filter);
  carry_out();
}

// --- Connections

void FleetClient::connect(engine::ConnectionNumber number) {
  auto& connection = connections_[number];
  connection = std::make_unique<FleetConnection>(fleet_, *this, number);
  connection->start();
}

/// Not at once: this may be one of its own callbacks.
void FleetClient::drop(engine::ConnectionNumber number) {
  auto node = connections_.extract(number);
  if (node.empty()) return;
  fleet_.clock.in({}, [gone = std::shared_ptr<FleetConnection>(std::move(node.mapped()))] {});
}

void FleetClient::connected(engine::ConnectionNumber connection) {
  engine_.on_connected(connection, {}, fleet_.clock.now());
  carry_out();
}

void FleetClient::lost(engine::ConnectionNumber connection, const Error& error) {
  if (connection != 0) {
    connections_.at(connection)->disconnect();
    drop(connection);
  }
  engine_.on_connection_lost(connection, error, fleet_.clock.now());
  carry_out();
}

void FleetClient::gave_up(engine::ConnectionNumber connection, const Error& error) {
  if (connection == 0) {
    ++failures_;
    engine_.on_gave_up(error, fleet_.clock.now());
  } else {
    drop(connection);
    engine_.on_connect_failed(connection, error, fleet_.clock.now());
  }
  carry_out();
}

void FleetClient::message(engine::ConnectionNumber connection, const mqtt::Message& message) {
  engine_.on_message(connection, message, fleet_.clock.now());
  carry_out();
}

void FleetClient::subscribed(engine::Ticket ticket) {
  engine_.on_subscribed(ticket, {}, fleet_.clock.now());
  carry_out();
}

void FleetClient::published(engine::Ticket ticket) {
  engine_.on_published(ticket, {}, fleet_.clock.now());
  carry_out();
}

// --- What the engine asks for

template <class Action>
void FleetClient::pass_on(Action& action) {
  const auto found = connections_.find(action.connection);
  if (found != connections_.end()) found->second->perform(action);
}

void FleetClient::perform(engine::OpenConnection& action) {
  ++further_connections_;
  connect(action.connection);
}

void FleetClient::perform(engine::CloseConnection& action) {
  const auto found = connections_.find(action.connection);
  if (found == connections_.end()) return;
  found->second->disconnect();
  drop(action.connection);
}

void FleetClient::perform(engine::SessionOpened& action) {
  sessions_[action.session] = {true, fleet_.clock.now(), action.info.instance.server_id};
}

void FleetClient::perform(engine::SessionReopened& action) {
  sessions_[action.session] = {true, fleet_.clock.now(), action.info.instance.server_id};
}

void FleetClient::perform(engine::SessionSuspended& action) {
  Session& session = sessions_[action.session];
  session.open = false;
  session.since = fleet_.clock.now();
}

void FleetClient::perform(engine::SessionClosed& action) {
  sessions_.erase(action.session);
  ++failures_;
}

}  // namespace mcp_mqtt::simulation::scale
