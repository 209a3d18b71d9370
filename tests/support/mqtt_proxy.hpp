#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "support/mqtt_packet.hpp"
#include "support/proxy_link.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// Stands between clients and a broker (plain TCP on 127.0.0.1), sees every MQTT packet, and does
/// to the connections what a test asks for. It runs on a thread of its own; every call may come
/// from any other thread and has taken effect when it returns.
class MqttProxy {
 public:
  using Direction = ProxyDirection;
  using Verdict = ProxyVerdict;
  /// May change the packet. Called on the proxy's thread, for one packet at a time; it must not
  /// call the proxy.
  using Hook = std::function<Verdict(Direction, std::string& packet)>;
  using LinkHook = std::function<Verdict(const ProxyLinkInfo&, Direction, std::string& packet)>;

  explicit MqttProxy(std::uint16_t broker_port);
  MqttProxy(const MqttProxy&) = delete;
  MqttProxy& operator=(const MqttProxy&) = delete;
  /// Closes every link.
  ~MqttProxy();

  std::uint16_t port() const noexcept;
  std::string url() const;

  /// Added to each CONNACK from now on.
  void add_connack_properties(mqtt::UserProperties properties);
  /// Every SUBACK from now on carries this reason code.
  void refuse_subscriptions(std::uint8_t reason_code);
  /// Replaces the hook; it sees packets before the two rules above.
  void on_packet(Hook hook);
  /// The same for a hook that wants to know which link it is.
  void on_link_packet(LinkHook hook);
  /// Writes at most this many bytes at a time from now on; 0: no limit.
  void set_chunk_size(std::size_t bytes);

  /// Resets all links, in both directions at once.
  void cut();
  /// Resets the links of this MQTT client.
  void cut(const std::string& client_id);
  /// Stops the links of this MQTT client in both directions, until release(); nobody notices.
  void freeze(const std::string& client_id);
  /// Stops reading, in that direction, on every link of now and later; nobody notices.
  void hold(Direction direction);
  void hold();
  /// Lets everything flow again.
  void release();
  /// Sends bytes to every client, in between two packets of the broker.
  void send_to_clients(const std::string& bytes);

  /// The CONNECT packets seen, in their order.
  const EventLog<ConnectPacket>& connects() const noexcept;
  std::size_t links() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcp_mqtt::test
