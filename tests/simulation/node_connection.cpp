#include "node_connection.hpp"

#include <utility>

namespace mcp_mqtt::simulation {

NodeConnection::NodeConnection(Stage& stage, Events events)
    : stage_(stage), events_(std::move(events)), life_(stage.backoff, stage.random.number()) {}

void NodeConnection::follow(engine::ConnectionLife::Next next) {
  using Next = engine::ConnectionLife::Next;
  if (timer_) stage_.clock.cancel(*std::exchange(timer_, std::nullopt));
  if (const Deadline at = life_.next_deadline()) {
    timer_ = stage_.clock.at(*at, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->timer_.reset();
      self->follow(self->life_.on_time(self->stage_.clock.now()));
    });
  }
  if (next == Next::connect) {
    open();
  } else if (next == Next::give_up) {
    events_.gave_up(life_.error());
  }
}

void NodeConnection::open() {
  const std::uint64_t generation = ++generation_;
  const auto current = [weak = weak_from_this(), generation]() {
    auto self = weak.lock();
    return self && self->generation_ == generation ? self : nullptr;
  };
  if (!wire_) wire_ = stage_.network.make_transport();
  mqtt::ConnectionEvents events;
  events.on_message = [current](const mqtt::Message& message) {
    if (const auto self = current()) self->events_.message(message);
  };
  events.on_connection_lost = [current](const Error& error) {
    const auto self = current();
    if (!self) return;
    ++self->generation_;
    self->up_ = false;
    self->events_.lost(error);
    self->follow(self->life_.on_lost(error, self->stage_.clock.now()));
  };
  wire_->connect(events_.options(), std::move(events),
                 [current](const Result<mqtt::ConnectionInfo>& outcome) {
                   const auto self = current();
                   if (!self) return;
                   const TimePoint now = self->stage_.clock.now();
                   if (outcome) {
                     self->up_ = true;
                     self->life_.on_connected(now);
                     self->events_.connected(*outcome);
                   } else {
                     self->follow(self->life_.on_connect_failed(outcome.error(), now));
                   }
                 });
}

void NodeConnection::reconnect() {
  ++generation_;
  up_ = false;
  wire_->disconnect([weak = weak_from_this()](const Result<void>&) {
    if (const auto self = weak.lock()) self->follow(self->life_.start());
  });
}

void NodeConnection::disconnect(std::function<void()> done) {
  life_.stop();
  follow(engine::ConnectionLife::Next::nothing);
  ++generation_;
  up_ = false;
  if (!wire_) {
    stage_.clock.in({}, std::move(done));
    return;
  }
  wire_->disconnect([done = std::move(done)](const Result<void>&) { done(); });
}

void NodeConnection::abandon(std::optional<Duration> notice) {
  life_.stop();
  follow(engine::ConnectionLife::Next::nothing);
  ++generation_;
  up_ = false;
  if (wire_ && notice) wire_->set_silent_death(*notice);
  // Not here: this may be one of the transport's own callbacks.
  stage_.clock.in({}, [wire = std::exchange(wire_, nullptr)] {});
}

mqtt::Completion NodeConnection::guarded(mqtt::Completion done) {
  return [weak = weak_from_this(), done = std::move(done)](Result<void> outcome) {
    if (weak.lock() && done) done(std::move(outcome));
  };
}

void NodeConnection::subscribe(mqtt::Subscription subscription, mqtt::Completion done) {
  if (wire_) wire_->subscribe(std::move(subscription), guarded(std::move(done)));
}

void NodeConnection::unsubscribe(std::string filter) {
  if (wire_) wire_->unsubscribe(std::move(filter), {});
}

void NodeConnection::publish(mqtt::Message message, mqtt::Completion done) {
  if (wire_) wire_->publish(std::move(message), guarded(std::move(done)));
}

}  // namespace mcp_mqtt::simulation
