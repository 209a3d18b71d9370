#include "support/raw_peer.hpp"

#include <future>
#include <utility>

namespace mcp_mqtt::bench {
namespace {

/// Waits for the completion of one call of a transport.
void settle(const std::function<void(mqtt::Completion)>& start) {
  std::promise<Result<void>> done;
  start([&](Result<void> outcome) { done.set_value(std::move(outcome)); });
  done.get_future().get().value();
}

}  // namespace

RawPeer::RawPeer(const Options& options, const std::string& client_id, OnMessage on_message)
    : qos_(options.qos),
      transport_(mqtt::make_transport(options.transport, options.broker).value()) {
  mqtt::ConnectOptions connect;
  connect.broker = options.broker;
  connect.client_id = client_id;
  mqtt::ConnectionEvents events;
  events.on_message = std::move(on_message);
  events.on_connection_lost = [](const Error&) {};
  std::promise<Result<mqtt::ConnectionInfo>> connected;
  transport_->connect(
      std::move(connect), std::move(events),
      [&](Result<mqtt::ConnectionInfo> outcome) { connected.set_value(std::move(outcome)); });
  connected.get_future().get().value();
}

RawPeer::~RawPeer() {
  std::promise<void> done;
  transport_->disconnect([&](Result<void>) { done.set_value(); });
  done.get_future().wait();
}

void RawPeer::subscribe(const std::string& filter) {
  settle([&](auto done) {
    mqtt::Subscription subscription{filter};
    subscription.qos = qos_;
    transport_->subscribe(std::move(subscription), std::move(done));
  });
}

void RawPeer::publish(const std::string& topic, std::string payload) {
  mqtt::Message message;
  message.topic = topic;
  message.payload = std::move(payload);
  message.qos = qos_;
  transport_->publish(std::move(message), [](Result<void>) {});
}

void RawPeer::retain(const std::string& topic, std::string payload) {
  settle([&](auto done) {
    mqtt::Message message;
    message.topic = topic;
    message.payload = std::move(payload);
    message.retain = true;
    transport_->publish(std::move(message), std::move(done));
  });
}

}  // namespace mcp_mqtt::bench
