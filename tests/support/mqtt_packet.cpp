#include "support/mqtt_packet.hpp"

#include <stdexcept>

namespace mcp_mqtt::test {
namespace {

constexpr char user_property = 0x26;
constexpr char assigned_client_id = 0x12;

/// Reads values off the front of a packet.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const noexcept { return bytes_.empty(); }
  std::string_view rest() const noexcept { return bytes_; }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) throw std::runtime_error("an MQTT packet ends too early");
    const std::string_view out = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return out;
  }
  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (char c : take(bytes)) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint16_t two_bytes() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t variable_byte_integer() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift <= 21; shift += 7) {
      const std::uint32_t byte = number(1);
      value |= (byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    throw std::runtime_error("an MQTT length is longer than four bytes");
  }
  std::string text() { return std::string(take(two_bytes())); }

 private:
  std::string_view bytes_;
};

std::string two_bytes(std::size_t value) {
  return {static_cast<char>(value >> 8 & 0xFFU), static_cast<char>(value & 0xFFU)};
}

std::string variable_byte_integer(std::size_t value) {
  std::string out;
  do {
    const std::size_t byte = value & 0x7FU;
    value >>= 7;
    out += static_cast<char>(value != 0 ? byte | 0x80U : byte);
  } while (value != 0);
  return out;
}

std::string text(std::string_view value) { return two_bytes(value.size()) + std::string(value); }

/// The properties of CONNECT and of its will, as far as anybody here asks for them.
struct Properties {
  mqtt::UserProperties user;
  std::uint32_t session_expiry_interval = 0;
  std::uint16_t receive_maximum = 65'535;
};

Properties read_properties(Reader& packet) {
  Properties out;
  Reader properties(packet.take(packet.variable_byte_integer()));
  while (!properties.empty()) {
    switch (const std::uint32_t id = properties.number(1); id) {
      case 0x26: {
        std::string name = properties.text();
        out.user.emplace_back(std::move(name), properties.text());
        break;
      }
      case 0x11:
        out.session_expiry_interval = properties.number(4);
        break;
      case 0x21:
        out.receive_maximum = properties.two_bytes();
        break;
      case 0x02:  // message expiry interval
      case 0x18:  // will delay interval
      case 0x27:  // maximum packet size
        properties.number(4);
        break;
      case 0x22:  // topic alias maximum
        properties.number(2);
        break;
      case 0x01:  // payload format indicator
      case 0x17:  // request problem information
      case 0x19:  // request response information
        properties.number(1);
        break;
      case 0x03:  // content type
      case 0x08:  // response topic
      case 0x09:  // correlation data
      case 0x15:  // authentication method
      case 0x16:  // authentication data
        properties.text();
        break;
      default:
        throw std::runtime_error("unknown MQTT property " + std::to_string(id));
    }
  }
  return out;
}

/// The part of a packet behind its fixed header.
Reader body(std::string_view packet) {
  Reader reader(packet);
  reader.number(1);
  const std::size_t length = reader.variable_byte_integer();
  if (length != reader.rest().size()) throw std::runtime_error("not one whole MQTT packet");
  return reader;
}

std::string packet_of(char first, const std::string& content) {
  return std::string(1, first) + variable_byte_integer(content.size()) + content;
}

}  // namespace

PacketType packet_type(std::string_view packet) {
  return static_cast<PacketType>(static_cast<std::uint8_t>(packet.at(0)) >> 4);
}

std::optional<std::string> PacketSplitter::next() {
  std::size_t length_bytes = 1;
  while (true) {
    if (buffer_.size() <= length_bytes) return std::nullopt;
    if ((static_cast<std::uint8_t>(buffer_[length_bytes]) & 0x80U) == 0 || length_bytes == 4) break;
    ++length_bytes;
  }
  const std::size_t remaining =
      Reader(std::string_view(buffer_).substr(1, length_bytes)).variable_byte_integer();
  const std::size_t size = 1 + length_bytes + remaining;
  if (buffer_.size() < size) return std::nullopt;
  std::string packet = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return packet;
}

ConnectPacket parse_connect(std::string_view packet) {
  if (packet_type(packet) != PacketType::connect) throw std::runtime_error("not a CONNECT packet");
  Reader reader = body(packet);
  if (reader.text() != "MQTT" || reader.number(1) != 5) {
    throw std::runtime_error("a CONNECT packet of another protocol version");
  }
  const std::uint32_t flags = reader.number(1);
  ConnectPacket out;
  out.clean_start = (flags & 0x02U) != 0;
  out.keep_alive = reader.two_bytes();
  Properties properties = read_properties(reader);
  out.session_expiry_interval = properties.session_expiry_interval;
  out.receive_maximum = properties.receive_maximum;
  out.user_properties = std::move(properties.user);
  out.client_id = reader.text();
  if ((flags & 0x04U) != 0) {
    mqtt::Message will;
    will.user_properties = read_properties(reader).user;
    will.topic = reader.text();
    will.payload = reader.text();
    will.qos = static_cast<mqtt::Qos>(flags >> 3 & 0x03U);
    will.retain = (flags & 0x20U) != 0;
    out.will = std::move(will);
  }
  if ((flags & 0x80U) != 0) out.username = reader.text();
  out.has_password = (flags & 0x40U) != 0;
  return out;
}

PublishPacket parse_publish(std::string_view packet) {
  if (packet_type(packet) != PacketType::publish) throw std::runtime_error("not a PUBLISH packet");
  const auto flags = static_cast<std::uint8_t>(packet[0]);
  Reader reader = body(packet);
  PublishPacket out;
  out.qos = static_cast<mqtt::Qos>(flags >> 1 & 0x03U);
  out.retain = (flags & 0x01U) != 0;
  out.topic = reader.text();
  if (out.qos != mqtt::Qos::at_most_once) reader.two_bytes();
  reader.take(reader.variable_byte_integer());
  out.payload = reader.rest();
  return out;
}

namespace {

std::string with_properties(std::string_view connack, std::string_view more) {
  Reader reader = body(connack);
  std::string content(reader.take(2));
  std::string all(reader.take(reader.variable_byte_integer()));
  all += more;
  content += variable_byte_integer(all.size()) + all;
  return packet_of(connack[0], content);
}

}  // namespace

std::string with_user_properties(std::string_view connack, const mqtt::UserProperties& properties) {
  std::string more;
  for (const auto& [name, value] : properties) {
    more += user_property + text(name) + text(value);
  }
  return with_properties(connack, more);
}

std::string with_assigned_client_id(std::string_view connack, std::string_view client_id) {
  return with_properties(connack, assigned_client_id + text(client_id));
}

std::string with_reason_code(std::string_view suback, std::uint8_t reason_code) {
  Reader reader = body(suback);
  std::string content(reader.take(2));
  const std::uint32_t properties = reader.variable_byte_integer();
  content += variable_byte_integer(properties);
  content += reader.take(properties);
  content.append(reader.rest().size(), static_cast<char>(reason_code));
  return packet_of(suback[0], content);
}

std::string disconnect_packet(std::uint8_t reason_code) {
  return packet_of(static_cast<char>(0xE0), std::string(1, static_cast<char>(reason_code)));
}

}  // namespace mcp_mqtt::test
