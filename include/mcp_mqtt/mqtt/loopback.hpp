#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt {

namespace loopback {
class Exchange;
}

/// A small MQTT broker inside the process, for unit tests and simulation: retained messages, wills,
/// No Local, wildcards (`#` and a leading `+` do not match `$` topics), user properties, takeover
/// of a client id, CONNACK properties, and faults on demand. No shared subscriptions, no clock: no
/// timeout of it ever passes. Any thread.
///
/// Nothing is ever delivered inside a call. Either the broker has a thread of its own that delivers
/// (`threaded`), or whoever owns it calls poll() (`manual`): then one thread decides when each
/// single step happens, which is what makes a simulation replay. A packet that arrives at the
/// broker is one step and its answer arriving at the client another; all steps have one order, that
/// in which they came about. A cut between the two loses the answer, as on a network.
///
/// Its queues are bounded: a transport answers `busy` with 10,000 calls under way, and a client for
/// whom 100,000 messages wait is dropped with the reason code 0x97.
class LoopbackBroker {
 public:
  enum class Delivery { threaded, manual };

  explicit LoopbackBroker(Delivery delivery = Delivery::threaded);
  LoopbackBroker(const LoopbackBroker&) = delete;
  LoopbackBroker& operator=(const LoopbackBroker&) = delete;
  /// Cuts every connection; transports that outlive the broker answer `not_connected`. With manual
  /// delivery the pending steps run inside the destructor, and later calls are never completed,
  /// since nobody can poll.
  ~LoopbackBroker();

  /// A transport to this broker. The URL in its ConnectOptions leads nowhere and may stay empty;
  /// the policies see its user and password.
  std::shared_ptr<Transport> make_transport();

  // Policies: each is called inside a step, may use the broker, and must not throw. A second call
  // replaces the first, an empty function removes it.

  /// Decides on each CONNECT: the CONNACK, or the reason of a refusal.
  void on_connect(std::function<Result<ConnectionInfo>(const ConnectOptions&)> policy);
  /// Decides on each SUBSCRIBE by client id and filter; an error becomes the SUBACK's refusal.
  void on_subscribe(std::function<Result<void>(const std::string&, const Subscription&)> policy);
  /// Decides on each PUBLISH by client id and message, wills included; an error becomes the
  /// PUBACK's refusal (at QoS 0 the message vanishes silently).
  void on_publish(std::function<Result<void>(const std::string&, const Message&)> policy);
  /// Decides whether a message reaches a subscriber; false drops it silently, as the ACL of a
  /// broker does that grants every subscription.
  void on_deliver(std::function<bool(const std::string&, const Message&)> policy);

  /// Cuts the connection of a client as a broken network does: its will is published. Calls under
  /// way fail, also those that the broker has served already.
  void cut(const std::string& client_id);
  /// Ends it with a DISCONNECT and an MQTT 5 reason code.
  void kick(const std::string& client_id, int reason_code);
  /// From now on nothing moves between this client and the broker, and neither notices: a half-open
  /// connection. Until release(), or until the connection ends.
  void hold(const std::string& client_id);
  /// Lets move again what hold() stopped, in its order.
  void release(const std::string& client_id);

  /// Manual delivery: runs at most `limit` pending steps and returns how many ran. One thread at a
  /// time; inside a step it runs none.
  std::size_t poll(std::size_t limit = static_cast<std::size_t>(-1));
  /// How many steps wait for poll().
  std::size_t pending() const;

  /// The retained message of a topic, if there is one.
  std::optional<Message> retained(const std::string& topic) const;
  std::size_t connections() const;

 private:
  std::shared_ptr<loopback::Exchange> exchange_;
};

}  // namespace mcp_mqtt::mqtt
