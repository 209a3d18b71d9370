#include <fmt/format.h>
#include <utility>

#include <mcp_mqtt/mqtt/loopback.hpp>

#include "mqtt/loopback/exchange.hpp"
#include "mqtt/loopback/loopback_transport.hpp"

namespace mcp_mqtt::mqtt {

LoopbackBroker::LoopbackBroker(Delivery delivery)
    : exchange_(std::make_shared<loopback::Exchange>(delivery == Delivery::threaded)) {}

LoopbackBroker::~LoopbackBroker() {
  exchange_->close();
  // With manual delivery nobody else is left to tell the clients.
  exchange_->poll(exchange_->pending());
}

std::shared_ptr<Transport> LoopbackBroker::make_transport() {
  return std::make_shared<loopback::LoopbackTransport>(exchange_);
}

void LoopbackBroker::on_connect(
    std::function<Result<ConnectionInfo>(const ConnectOptions&)> policy) {
  exchange_->set_policies([&](loopback::Policies& all) { all.connect = std::move(policy); });
}

void LoopbackBroker::on_subscribe(
    std::function<Result<void>(const std::string&, const Subscription&)> policy) {
  exchange_->set_policies([&](loopback::Policies& all) { all.subscribe = std::move(policy); });
}

void LoopbackBroker::on_publish(
    std::function<Result<void>(const std::string&, const Message&)> policy) {
  exchange_->set_policies([&](loopback::Policies& all) { all.publish = std::move(policy); });
}

void LoopbackBroker::on_deliver(std::function<bool(const std::string&, const Message&)> policy) {
  exchange_->set_policies([&](loopback::Policies& all) { all.deliver = std::move(policy); });
}

void LoopbackBroker::cut(const std::string& client_id) {
  exchange_->end(client_id,
                 Error{ErrorKind::connection_lost, 0, "the connection to the broker was cut"});
}

void LoopbackBroker::kick(const std::string& client_id, int reason_code) {
  exchange_->end(
      client_id,
      Error{ErrorKind::refused, reason_code,
            fmt::format("the broker ended the connection (reason code 0x{:02X})", reason_code)});
}

void LoopbackBroker::hold(const std::string& client_id) { exchange_->hold(client_id); }

void LoopbackBroker::release(const std::string& client_id) { exchange_->release(client_id); }

std::size_t LoopbackBroker::poll(std::size_t limit) { return exchange_->poll(limit); }

std::size_t LoopbackBroker::pending() const { return exchange_->pending(); }

std::optional<Message> LoopbackBroker::retained(const std::string& topic) const {
  return exchange_->retained(topic);
}

std::size_t LoopbackBroker::connections() const { return exchange_->connections(); }

}  // namespace mcp_mqtt::mqtt
