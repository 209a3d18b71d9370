#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/mqtt/transport.hpp>

// Just enough of MQTT 5's wire format to look into packets and to change them.
namespace mcp_mqtt::test {

/// MQTT Control Packet types (MQTT 5, 2.1.2).
enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

/// The type of a packet that is not empty.
PacketType packet_type(std::string_view packet);

/// Cuts a stream of bytes into whole packets.
class PacketSplitter {
 public:
  void push(std::string_view bytes) { buffer_ += bytes; }
  /// The next whole packet; nothing while it is incomplete. Throws std::runtime_error on a length
  /// that MQTT does not allow.
  std::optional<std::string> next();

 private:
  std::string buffer_;
};

/// What a CONNECT packet said.
struct ConnectPacket {
  std::string client_id;
  bool clean_start = false;
  std::uint16_t keep_alive = 0;
  /// Seconds; 0 also where the packet leaves it out, as MQTT has it.
  std::uint32_t session_expiry_interval = 0;
  std::uint16_t receive_maximum = 65'535;
  mqtt::UserProperties user_properties;
  std::optional<mqtt::Message> will;
  std::optional<std::string> username;
  bool has_password = false;
};

/// Reads a CONNECT packet of MQTT 5. Throws std::runtime_error on anything else.
ConnectPacket parse_connect(std::string_view packet);

/// What a PUBLISH packet of MQTT 5 says.
struct PublishPacket {
  std::string topic;
  std::string payload;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
};

/// Throws std::runtime_error on any other packet.
PublishPacket parse_publish(std::string_view packet);

/// A CONNACK with these user properties added behind its own.
std::string with_user_properties(std::string_view connack, const mqtt::UserProperties& properties);

/// A CONNACK with this assigned client id, which it must not have yet.
std::string with_assigned_client_id(std::string_view connack, std::string_view client_id);

/// A SUBACK whose every reason code is this one.
std::string with_reason_code(std::string_view suback, std::uint8_t reason_code);

/// A DISCONNECT as a broker sends it.
std::string disconnect_packet(std::uint8_t reason_code);

}  // namespace mcp_mqtt::test
