#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The rules for every string inside an MQTT packet. They stand on the ground floor because both the
// transports and the names of MCP keep them.
namespace mcp_mqtt {

/// The longest string that MQTT can carry, in bytes (MQTT 5, 1.5.4).
inline constexpr std::size_t max_mqtt_text_bytes = 65'535;

/// Brokers drop the connection of whoever uses a topic with more levels (mosquitto's limit).
inline constexpr std::size_t max_topic_levels = 200;

/// Why `text` may not stand in an MQTT packet, as the end of a sentence that begins with its name
/// ("holds the control character U+000A at byte 3"); nullopt: it may. Refused are what MQTT forbids
/// (too long, not UTF-8, NUL) and what brokers are free to drop the connection for, and do: control
/// characters and noncharacters.
std::optional<std::string> mqtt_text_fault(std::string_view text);

}  // namespace mcp_mqtt
