#pragma once

#include <cstddef>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt {

/// As a message counts in a queue.
inline std::size_t bytes_of(const Message& message) {
  std::size_t bytes = message.topic.size() + message.payload.size();
  for (const auto& [name, value] : message.user_properties) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace mcp_mqtt::mqtt
