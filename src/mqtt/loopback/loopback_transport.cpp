#include "mqtt/loopback/loopback_transport.hpp"

#include <utility>

namespace mcp_mqtt::mqtt::loopback {

LoopbackTransport::LoopbackTransport(std::shared_ptr<Exchange> exchange)
    : exchange_(std::move(exchange)), endpoint_(std::make_shared<Endpoint>()) {}

LoopbackTransport::~LoopbackTransport() { exchange_->abandon(endpoint_); }

void LoopbackTransport::connect(ConnectOptions options, ConnectionEvents events,
                                ConnectCompletion done) {
  exchange_->connect(endpoint_, std::move(options), std::move(events), std::move(done));
}

void LoopbackTransport::disconnect(Completion done) {
  exchange_->disconnect(endpoint_, std::move(done));
}

void LoopbackTransport::subscribe(Subscription subscription, Completion done) {
  exchange_->subscribe(endpoint_, std::move(subscription), std::move(done));
}

void LoopbackTransport::unsubscribe(std::string filter, Completion done) {
  exchange_->unsubscribe(endpoint_, std::move(filter), std::move(done));
}

void LoopbackTransport::publish(Message message, Completion done) {
  exchange_->publish(endpoint_, std::move(message), std::move(done));
}

}  // namespace mcp_mqtt::mqtt::loopback
