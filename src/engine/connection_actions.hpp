#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/mqtt/transport.hpp>

// What an engine asks the runtime to do with an MQTT connection.
namespace mcp_mqtt::engine {

/// Names an action whose outcome the engine wants to hear.
using Ticket = std::uint64_t;
/// Names one of an engine's MQTT connections; 0 is the first.
using ConnectionNumber = std::uint32_t;

struct Subscribe {
  ConnectionNumber connection = 0;
  mqtt::Subscription subscription;
  Ticket ticket = 0;
};

struct Unsubscribe {
  ConnectionNumber connection = 0;
  std::string filter;
};

struct Publish {
  ConnectionNumber connection = 0;
  mqtt::Message message;
  Ticket ticket = 0;
};

/// Of one message: what our limits and the broker's allow.
inline std::size_t most_bytes(const MessageLimits& limits, const mqtt::ConnectionInfo& broker) {
  if (broker.maximum_packet_size == 0) return limits.max_bytes;
  return std::min<std::size_t>(limits.max_bytes, broker.maximum_packet_size);
}

/// Whether an action failed only because its connection ended: no answer of the broker, and the
/// loss itself is reported next (a transport first ends the calls under way).
inline bool ended_with_connection(const Result<void>& outcome) {
  return !outcome && (outcome.error().kind == ErrorKind::connection_lost ||
                      outcome.error().kind == ErrorKind::not_connected);
}

}  // namespace mcp_mqtt::engine
