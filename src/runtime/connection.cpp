#include "runtime/connection.hpp"

#include <utility>

#include "ground/logging.hpp"
#include "mqtt/make_transport.hpp"
#include "mqtt/mosquitto/mosquitto_transport.hpp"
#include "runtime/turn_executor.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::runtime {
namespace {

/// What a transport may take beyond the connect timeout until it is given up.
constexpr std::chrono::seconds guard_patience{2};

/// The broker may choose the client id, which then stands in topics.
Result<void> check_assigned_id(const Result<mqtt::ConnectionInfo>& outcome) {
  if (!outcome || outcome->assigned_client_id.empty()) return {};
  auto usable = wire::check_client_id(outcome->assigned_client_id);
  if (usable) return {};
  return Error{ErrorKind::protocol_violation, 0,
               "the broker assigned a client id that cannot be used: " + usable.error().message,
               nullptr};
}

}  // namespace

TransportFactory transport_factory(const ConnectionOptions& options,
                                   const mqtt::BrokerUrl& broker) {
  if (options.make_transport) {
    return [make = options.make_transport](EventLoop&) -> Result<std::shared_ptr<mqtt::Transport>> {
      auto transport = make();
      if (transport) return transport;
      return Error{ErrorKind::invalid_argument, 0, "make_transport returned nothing", nullptr};
    };
  }
  const bool on_our_loop =
      mqtt::resolve(options.transport, broker) == mqtt::TransportKind::mosquitto &&
      !broker.uses_websocket();
  return [kind = options.transport, broker,
          on_our_loop](EventLoop& loop) -> Result<std::shared_ptr<mqtt::Transport>> {
    if (on_our_loop)
      return mqtt::make_mosquitto_transport(loop.executor(), [&loop] { return loop.on_loop(); });
    return mqtt::make_transport(kind, broker);
  };
}

namespace {

/// A refusal names the topic, for those who look for the access rule behind it.
Result<void> naming(const std::string& topic, Result<void> outcome) {
  if (outcome || outcome.error().kind != ErrorKind::refused) return outcome;
  Error error = std::move(outcome).error();
  error.message += ": topic '" + log::printable(topic) + "'";
  return error;
}

/// Who connects. Without the user name: with some brokers that is a secret.
struct Identity {
  std::string client_id;
  bool user = false;
  bool password = false;
};

Identity identity_of(const mqtt::ConnectOptions& options) {
  return {options.client_id, !options.broker.username.empty(), !options.broker.password.empty()};
}

Error with_identity(Error error, const Identity& identity) {
  if (error.kind != ErrorKind::refused) return error;
  error.message += ": client id '" + log::printable(identity.client_id) + "', " +
                   (identity.user ? "a user name" : "no user name") + " and " +
                   (identity.password ? "a password" : "no password") + " given";
  return error;
}

}  // namespace

Connection::Connection(EventLoop& loop, TransportFactory factory, Backoff backoff,
                       std::mt19937_64::result_type seed, Events events)
    : loop_(loop),
      factory_(std::move(factory)),
      events_(std::move(events)),
      life_(backoff, seed),
      timer_(loop, [this] { follow(life_.on_time(now())); }),
      connect_guard_(loop, [this] { on_connect_overdue(); }) {}

Connection::~Connection() = default;

void Connection::follow(engine::ConnectionLife::Next next) {
  using Next = engine::ConnectionLife::Next;
  timer_.arm(life_.next_deadline());
  if (next == Next::connect) {
    open();
  } else if (next == Next::give_up) {
    events_.gave_up(life_.error());
  }
}

void Connection::start() { follow(life_.start()); }

void Connection::reconnect_now() {
  if (life_.connecting() && transport_) drop_transport();
  follow(life_.reconnect_now());
}

void Connection::drop_transport() {
  ++generation_;
  connect_guard_.cancel();
  // Not here: this may be one of the transport's own callbacks.
  loop_.post([transport = std::exchange(transport_, nullptr)] {});
}

void Connection::on_connect_overdue() {
  drop_transport();
  follow(life_.on_connect_failed(
      {ErrorKind::timeout, 0, "the transport did not keep the connect timeout", nullptr}, now()));
}

void Connection::open() {
  const std::uint64_t generation = ++generation_;
  const auto current = [weak = weak_from_this(), generation]() {
    auto self = weak.lock();
    return self && self->generation_ == generation ? self : nullptr;
  };
  if (!transport_) {
    auto made = factory_(loop_);
    if (!made) {
      loop_.post([current, error = made.error()] {
        if (auto self = current()) self->events_.gave_up(error);
      });
      return;
    }
    transport_ = *std::move(made);
  }
  const auto& gate = loop_.gate();
  mqtt::ConnectionEvents events;
  events.on_message = [gate, current](mqtt::Message message) {
    gate->dispatch([current, message = std::move(message)]() mutable {
      if (auto self = current()) self->events_.message(std::move(message));
    });
  };
  events.on_connection_lost = [gate, current](Error error) {
    gate->dispatch([current, error = std::move(error)] {
      auto self = current();
      if (!self) return;
      ++self->generation_;
      log::info("the MQTT connection was lost: {}", error.message);
      self->events_.lost(error);
      self->follow(self->life_.on_lost(error, now()));
    });
  };
  mqtt::ConnectOptions options = events_.options();
  connect_guard_.arm(now() + options.connect_timeout + guard_patience);
  const Identity identity = identity_of(options);
  const std::string asked_id = options.client_id;
  transport_->connect(
      std::move(options), std::move(events),
      [gate, current, identity, asked_id](Result<mqtt::ConnectionInfo> outcome) {
        gate->dispatch([current, identity, asked_id, outcome = std::move(outcome)]() mutable {
          auto self = current();
          if (!self) return;
          self->connect_guard_.cancel();
          const auto at = now();
          if (auto usable = check_assigned_id(outcome); !usable) {
            self->drop_transport();
            outcome = std::move(usable).error();
          }
          if (outcome) {
            const std::string& given = outcome->assigned_client_id;
            self->life_.on_connected(at, given.empty() ? asked_id : given);
            self->events_.connected(*outcome);
          } else {
            const Error error = with_identity(std::move(outcome).error(), identity);
            log::info("the MQTT connection failed: {}", error.message);
            self->follow(self->life_.on_connect_failed(error, at));
          }
        });
      });
}

void Connection::reconnect() {
  ++generation_;
  connect_guard_.cancel();
  transport_->disconnect([gate = loop_.gate(), weak = weak_from_this()](Result<void>) {
    gate->post([weak] {
      if (auto self = weak.lock()) self->follow(self->life_.start());
    });
  });
}

void Connection::disconnect(std::function<void()> done) {
  life_.stop();
  timer_.cancel();
  connect_guard_.cancel();
  ++generation_;
  if (!transport_) {
    loop_.post(std::move(done));
    return;
  }
  transport_->disconnect(
      [gate = loop_.gate(), done = std::move(done)](Result<void>) { gate->post(done); });
}

void Connection::abandon() {
  life_.stop();
  timer_.cancel();
  drop_transport();
}

mqtt::Completion Connection::on_loop(std::string topic, mqtt::Completion done) {
  // It is called once, so what it holds may be moved on.
  return [gate = loop_.gate(), weak = weak_from_this(), topic = std::move(topic),
          done = std::move(done)](Result<void> outcome) mutable {
    gate->dispatch([weak = std::move(weak), topic = std::move(topic), done = std::move(done),
                    outcome = std::move(outcome)]() mutable {
      if (weak.lock()) done(naming(topic, std::move(outcome)));
    });
  };
}

void Connection::subscribe(mqtt::Subscription subscription, mqtt::Completion done) {
  if (!transport_) return;
  auto completion = on_loop(subscription.filter, std::move(done));
  transport_->subscribe(std::move(subscription), std::move(completion));
}

void Connection::unsubscribe(std::string filter) {
  if (transport_) transport_->unsubscribe(std::move(filter), [](Result<void>) {});
}

void Connection::publish(mqtt::Message message, mqtt::Completion done) {
  if (!transport_) return;
  auto completion = on_loop(message.topic, std::move(done));
  transport_->publish(std::move(message), std::move(completion));
}

}  // namespace mcp_mqtt::runtime
