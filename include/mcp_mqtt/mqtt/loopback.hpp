#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt {

/// A small MQTT broker inside the process, for unit tests and simulation: retained messages, wills,
/// No Local, wildcards (`#` and a leading `+` do not match `$` topics), user properties, takeover
/// of a client id, CONNACK properties, and faults on demand. Any thread.
///
/// Nothing is ever delivered inside a call. Either the broker has a thread of its own that delivers
/// (`threaded`), or whoever owns it calls poll() (`manual`): then one thread decides when each
/// single step happens, which is what makes a simulation replay.
class LoopbackBroker {
 public:
  enum class Delivery { threaded, manual };

  explicit LoopbackBroker(Delivery delivery = Delivery::threaded);
  LoopbackBroker(const LoopbackBroker&) = delete;
  LoopbackBroker& operator=(const LoopbackBroker&) = delete;
  /// Cuts every connection; transports that outlive the broker answer `not_connected`.
  ~LoopbackBroker();

  /// A transport to this broker. The URL in its ConnectOptions is ignored.
  std::shared_ptr<Transport> make_transport();

  /// Decides on each CONNECT: the CONNACK, or the reason of a refusal.
  void on_connect(std::function<Result<ConnectionInfo>(const ConnectOptions&)> policy);
  /// Decides on each SUBSCRIBE by client id and filter; an error becomes the SUBACK's refusal.
  void on_subscribe(std::function<Result<void>(const std::string&, const Subscription&)> policy);
  /// Decides on each PUBLISH by client id and message; an error becomes the PUBACK's refusal.
  void on_publish(std::function<Result<void>(const std::string&, const Message&)> policy);

  /// Cuts the connection of a client as a broken network does: its will is published.
  void cut(const std::string& client_id);
  /// Ends it with a DISCONNECT and an MQTT 5 reason code.
  void kick(const std::string& client_id, int reason_code);

  /// Manual delivery: runs at most `limit` pending steps and returns how many ran.
  std::size_t poll(std::size_t limit = static_cast<std::size_t>(-1));
  /// How many steps wait for poll().
  std::size_t pending() const;

  /// The retained message of a topic, if there is one.
  std::optional<Message> retained(const std::string& topic) const;
  std::size_t connections() const;

 private:
  friend class LoopbackTransport;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcp_mqtt::mqtt
