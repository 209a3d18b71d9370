// A program outside the project: two MQTT connections to the broker in the process, one message
// between them, and transports to real brokers, which bring in what the library is built on.
#include <future>
#include <iostream>
#include <memory>
#include <string>

#include <mcp_mqtt/mqtt/broker_url.hpp>
#include <mcp_mqtt/mqtt/loopback.hpp>
#include <mcp_mqtt/mqtt/transport.hpp>
#include <mcp_mqtt/version.hpp>

using mcp_mqtt::Result;
namespace mqtt = mcp_mqtt::mqtt;

namespace {

/// A completion that resolves `promise` with the outcome.
auto resolve(std::promise<Result<void>>& promise) {
  return [&promise](Result<void> outcome) { promise.set_value(std::move(outcome)); };
}

void connect(mqtt::Transport& transport, const std::string& client_id,
             std::function<void(mqtt::Message)> on_message) {
  mqtt::ConnectOptions options;
  options.client_id = client_id;
  std::promise<Result<mqtt::ConnectionInfo>> connected;
  transport.connect(
      std::move(options), {std::move(on_message), [](mcp_mqtt::Error) {}},
      [&connected](Result<mqtt::ConnectionInfo> info) { connected.set_value(std::move(info)); });
  connected.get_future().get().value();
}

void send_one_message() {
  mqtt::LoopbackBroker broker;
  auto receiver = broker.make_transport();
  auto sender = broker.make_transport();
  std::promise<std::string> received;
  connect(*receiver, "receiver",
          [&received](mqtt::Message message) { received.set_value(message.payload); });
  connect(*sender, "sender", [](mqtt::Message) {});

  std::promise<Result<void>> subscribed;
  receiver->subscribe({"greeting/#"}, resolve(subscribed));
  subscribed.get_future().get().value();

  std::promise<Result<void>> published;
  mqtt::Message greeting;
  greeting.topic = "greeting/first";
  greeting.payload = "hello";
  sender->publish(std::move(greeting), resolve(published));
  published.get_future().get().value();
  if (received.get_future().get() != "hello") throw std::runtime_error("another message came");
}

}  // namespace

int main() {
  try {
    send_one_message();
    const auto url = mqtt::parse_broker_url("mqtt://localhost:1883").value();
    for (const auto kind : {mqtt::TransportKind::paho, mqtt::TransportKind::mosquitto}) {
      mqtt::make_transport(kind, url).value();
    }
  } catch (const std::exception& error) {
    std::cerr << "consumer: " << error.what() << '\n';
    return 1;
  }
  std::cout << "consumer: works with mcp_mqtt " << MCP_MQTT_VERSION << '\n';
}
