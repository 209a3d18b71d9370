#pragma once

#include <string_view>

// Matching of topic names against topic filters (MQTT 5, 4.7). Both must be valid already.
namespace mcp_mqtt::mqtt {

bool has_wildcard(std::string_view filter) noexcept;

/// Whether a message to `topic` belongs to a subscription to `filter`. A filter that begins with a
/// wildcard does not match a topic that begins with `$` (4.7.2).
bool filter_matches(std::string_view filter, std::string_view topic) noexcept;

}  // namespace mcp_mqtt::mqtt
