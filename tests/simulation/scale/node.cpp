#include "node.hpp"

#include <utility>

namespace mcp_mqtt::simulation::scale {

FleetConnection::FleetConnection(Fleet& fleet, ConnectionOwner& owner,
                                 engine::ConnectionNumber number)
    : fleet_(fleet),
      owner_(owner),
      number_(number),
      life_(fleet.backoff, fleet.random.number()),
      link_(fleet.broker.add(*this)) {}

FleetConnection::~FleetConnection() {
  stop_timer();
  fleet_.broker.forget(link_);
}

void FleetConnection::stop_timer() {
  if (timer_) fleet_.clock.cancel(*std::exchange(timer_, std::nullopt));
}

void FleetConnection::follow(engine::ConnectionLife::Next next) {
  using Next = engine::ConnectionLife::Next;
  stop_timer();
  if (const Deadline at = life_.next_deadline()) {
    timer_ = fleet_.clock.at(*at, [this] {
      timer_.reset();
      follow(life_.on_time(fleet_.clock.now()));
    });
  }
  if (next == Next::connect) {
    fleet_.broker.connect(link_);
  } else if (next == Next::give_up) {
    owner_.gave_up(number_, life_.error());
  }
}

void FleetConnection::disconnect() {
  life_.stop();
  stop_timer();
  fleet_.broker.disconnect(link_);
  fleet_.broker.forget(link_);
}

void FleetConnection::perform(const engine::Subscribe& action) {
  fleet_.broker.subscribe(link_, action.subscription, action.ticket);
}

void FleetConnection::perform(const engine::Unsubscribe& action) {
  fleet_.broker.unsubscribe(link_, action.filter);
}

void FleetConnection::perform(engine::Publish& action) {
  fleet_.broker.publish(link_, std::move(action.message), action.ticket);
}

void FleetConnection::on_connected() {
  life_.on_connected(fleet_.clock.now());
  owner_.connected(number_);
}

void FleetConnection::on_connect_failed(const Error& error) {
  follow(life_.on_connect_failed(error, fleet_.clock.now()));
}

void FleetConnection::on_lost(const Error& error) {
  owner_.lost(number_, error);
  follow(life_.on_lost(error, fleet_.clock.now()));
}

}  // namespace mcp_mqtt::simulation::scale
