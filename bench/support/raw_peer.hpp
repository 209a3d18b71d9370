#pragma once

#include <functional>
#include <memory>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::bench {

/// A connection of the library's transport and nothing above it: what calls are compared with.
class RawPeer {
 public:
  struct Options {
    mqtt::BrokerUrl broker;
    mqtt::TransportKind transport = mqtt::TransportKind::mosquitto;
    mqtt::Qos qos = mqtt::Qos::at_least_once;
  };
  using OnMessage = std::function<void(mqtt::Message)>;

  /// Connects. `on_message` is called on the transport's thread. Throws McpError.
  RawPeer(const Options& options, const std::string& client_id, OnMessage on_message);
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  ~RawPeer();

  /// Waits for the broker's answer.
  void subscribe(const std::string& filter);
  /// Does not wait. Any thread.
  void publish(const std::string& topic, std::string payload);
  /// A retained message, at QoS 1; waits until the broker has it.
  void retain(const std::string& topic, std::string payload);

 private:
  mqtt::Qos qos_;
  std::shared_ptr<mqtt::Transport> transport_;
};

}  // namespace mcp_mqtt::bench
