#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include <mcp_mqtt/log.hpp>

namespace mcp_mqtt::test {

/// Whether this is the long run: the same tests with the full figures (docs/reliability.md).
inline bool long_run() { return std::getenv("MCP_MQTT_LONG_TESTS") != nullptr; }

/// What the library says, on standard error, where MCP_MQTT_DEBUG asks for it.
inline void log_as_asked() {
  if (std::getenv("MCP_MQTT_DEBUG") != nullptr) set_log_level(LogLevel::debug);
}

/// The seed of everything random in a test: printed, and taken from MCP_MQTT_SEED to replay.
inline std::uint64_t run_seed() {
  const char* given = std::getenv("MCP_MQTT_SEED");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  std::cout << "MCP_MQTT_SEED=" << seed << std::endl;
  return seed;
}

}  // namespace mcp_mqtt::test
