#pragma once

#include <memory>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/loopback/exchange.hpp"

namespace mcp_mqtt::mqtt::loopback {

/// A client of the broker inside the process.
class LoopbackTransport final : public Transport {
 public:
  explicit LoopbackTransport(std::shared_ptr<Exchange> exchange);
  ~LoopbackTransport() override;

  void connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done) override;
  void disconnect(Completion done) override;
  void subscribe(Subscription subscription, Completion done) override;
  void unsubscribe(std::string filter, Completion done) override;
  void publish(Message message, Completion done) override;

 private:
  std::shared_ptr<Exchange> exchange_;
  std::shared_ptr<Endpoint> endpoint_;
};

}  // namespace mcp_mqtt::mqtt::loopback
