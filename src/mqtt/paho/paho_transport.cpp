#include "mqtt/paho/paho_transport.hpp"

#include <utility>

namespace mcp_mqtt::mqtt {

PahoTransport::PahoTransport(paho::QueueLimits limits)
    : core_(std::make_shared<paho::PahoCore>(limits)) {}

PahoTransport::~PahoTransport() { core_->shut_down(); }

void PahoTransport::connect(ConnectOptions options, ConnectionEvents events,
                            ConnectCompletion done) {
  core_->connect(std::move(options), std::move(events), std::move(done));
}

void PahoTransport::disconnect(Completion done) { core_->disconnect(std::move(done)); }

void PahoTransport::subscribe(Subscription subscription, Completion done) {
  core_->subscribe(std::move(subscription), std::move(done));
}

void PahoTransport::unsubscribe(std::string filter, Completion done) {
  core_->unsubscribe(std::move(filter), std::move(done));
}

void PahoTransport::publish(Message message, Completion done) {
  core_->publish(std::move(message), std::move(done));
}

std::shared_ptr<Transport> make_paho_transport() { return std::make_shared<PahoTransport>(); }

}  // namespace mcp_mqtt::mqtt
