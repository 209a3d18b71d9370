#pragma once

#include <memory>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/paho/paho_core.hpp"

namespace mcp_mqtt::mqtt {

/// Transport over Eclipse Paho MQTT C++ for `mqtt`, `mqtts`, `ws` and `wss`. All of them in a
/// process share the two threads of Paho; each has one thread of its own for the callbacks.
class PahoTransport final : public Transport {
 public:
  explicit PahoTransport(paho::QueueLimits limits = {});
  ~PahoTransport() override;

  void connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done) override;
  void disconnect(Completion done) override;
  void subscribe(Subscription subscription, Completion done) override;
  void unsubscribe(std::string filter, Completion done) override;
  void publish(Message message, Completion done) override;

 private:
  const std::shared_ptr<paho::PahoCore> core_;
};

std::shared_ptr<Transport> make_paho_transport();

}  // namespace mcp_mqtt::mqtt
