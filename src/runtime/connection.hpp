#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>

#include <mcp_mqtt/connection_options.hpp>

#include "engine/connection_life.hpp"
#include "runtime/event_loop.hpp"

namespace mcp_mqtt::runtime {

using TransportFactory = std::function<Result<std::shared_ptr<mqtt::Transport>>(EventLoop&)>;

/// The factory that `options` ask for. Transports that can run on the caller's loop do.
TransportFactory transport_factory(const ConnectionOptions& options, const mqtt::BrokerUrl& broker);

/// One MQTT connection that is kept up: a transport, and when to connect it again. Everything,
/// callbacks and completions included, happens on the loop.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Events {
    /// What the next CONNECT carries.
    std::function<mqtt::ConnectOptions()> options;
    std::function<void(const mqtt::ConnectionInfo&)> connected;
    std::function<void(mqtt::Message)> message;
    std::function<void(const Error&)> lost;
    /// It is not tried again.
    std::function<void(const Error&)> gave_up;
  };

  Connection(EventLoop& loop, TransportFactory factory, Backoff backoff,
             std::mt19937_64::result_type seed, Events events);
  ~Connection();

  void start();
  /// Does not wait any longer for the next attempt: the network came back. Also after giving up.
  void reconnect_now();
  /// Leaves and connects again at once, with new options.
  void reconnect();
  /// A graceful end: `done` after DISCONNECT, within seconds. No event follows.
  void disconnect(std::function<void()> done);
  /// An end at once, as if the network had broken. No event follows.
  void abandon();

  void subscribe(mqtt::Subscription subscription, mqtt::Completion done);
  void unsubscribe(std::string filter);
  void publish(mqtt::Message message, mqtt::Completion done);

 private:
  void open();
  void on_connect_overdue();
  void drop_transport();
  void follow(engine::ConnectionLife::Next next);
  mqtt::Completion on_loop(std::string topic, mqtt::Completion done);

  EventLoop& loop_;
  TransportFactory factory_;
  Events events_;
  engine::ConnectionLife life_;
  DeadlineTimer timer_;
  /// Every transport keeps the connect timeout by itself; a program's own might not.
  DeadlineTimer connect_guard_;
  std::shared_ptr<mqtt::Transport> transport_;
  /// Events of an earlier connection are none of ours any more.
  std::uint64_t generation_ = 0;
};

}  // namespace mcp_mqtt::runtime
