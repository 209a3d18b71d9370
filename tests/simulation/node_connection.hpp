#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/connection_life.hpp"
#include "stage.hpp"

namespace mcp_mqtt::simulation {

/// What runtime::Connection is, on the virtual clock: a transport, and when to connect it again.
class NodeConnection : public std::enable_shared_from_this<NodeConnection> {
 public:
  struct Events {
    std::function<mqtt::ConnectOptions()> options;
    std::function<void(const mqtt::ConnectionInfo&)> connected;
    std::function<void(const mqtt::Message&)> message;
    std::function<void(const Error&)> lost;
    std::function<void(const Error&)> gave_up;
  };

  NodeConnection(Stage& stage, Events events);

  void start() { follow(life_.start()); }
  /// Leaves and connects again at once, with new options.
  void reconnect();
  void disconnect(std::function<void()> done);
  /// No event follows. `notice`: how long the broker takes to notice.
  void abandon(std::optional<Duration> notice = std::nullopt);

  void subscribe(mqtt::Subscription subscription, mqtt::Completion done);
  void unsubscribe(std::string filter);
  void publish(mqtt::Message message, mqtt::Completion done);

  /// As this side knows: between `connected` and `lost`.
  bool up() const noexcept { return up_; }
  /// Calls without an outcome.
  std::size_t pending() const { return link() ? link()->pending.size() : 0; }
  /// What is subscribed at the broker.
  std::size_t subscriptions() const { return link() ? link()->subscriptions.size() : 0; }
  Deadline next_attempt() const { return life_.next_deadline(); }

 private:
  void open();
  void follow(engine::ConnectionLife::Next next);
  mqtt::Completion guarded(mqtt::Completion done);
  const Link* link() const { return wire_ ? wire_->link() : nullptr; }

  Stage& stage_;
  Events events_;
  engine::ConnectionLife life_;
  std::optional<VirtualClock::Timer> timer_;
  std::shared_ptr<Wire> wire_;
  std::uint64_t generation_ = 0;
  bool up_ = false;
};

}  // namespace mcp_mqtt::simulation
