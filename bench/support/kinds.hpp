#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::bench {

/// The transports that are measured, as they are named on command lines and in the table.
inline constexpr std::array transports{
    std::pair(mqtt::TransportKind::mosquitto, "libmosquitto"),
    std::pair(mqtt::TransportKind::paho, "paho"),
};

inline const char* name_of(mqtt::TransportKind kind) {
  return kind == mqtt::TransportKind::paho ? "paho" : "libmosquitto";
}

inline mqtt::TransportKind transport_named(const std::string& name) {
  for (const auto& [kind, known] : transports) {
    if (name == known) return kind;
  }
  throw std::invalid_argument("no transport is named '" + name + "'");
}

inline mqtt::Qos qos_of(int number) {
  return number == 0 ? mqtt::Qos::at_most_once : mqtt::Qos::at_least_once;
}

/// One way to carry messages.
struct Way {
  mqtt::TransportKind transport = mqtt::TransportKind::mosquitto;
  mqtt::Qos qos = mqtt::Qos::at_least_once;

  int qos_number() const { return static_cast<int>(qos); }
  std::string name() const {
    return std::string(name_of(transport)) + ", QoS " + std::to_string(qos_number());
  }
};

}  // namespace mcp_mqtt::bench
