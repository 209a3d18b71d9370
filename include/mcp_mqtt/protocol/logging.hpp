#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// The severities of RFC 5424, least first: comparisons follow severity.
enum class LoggingLevel { debug, info, notice, warning, error, critical, alert, emergency };

std::string_view to_string(LoggingLevel level) noexcept;
std::optional<LoggingLevel> parse_logging_level(std::string_view text) noexcept;

/// `notifications/message`: a log message from a server to its client.
struct LoggingMessage {
  LoggingLevel level = LoggingLevel::info;
  std::string logger = {};  ///< Which part of the server; empty: not said.
  Json data = nullptr;      ///< A text, or any JSON. Never put a secret into it.

  bool operator==(const LoggingMessage&) const = default;
};

Json to_json(const LoggingMessage& message);
/// Liberal: an unknown level reads as `info`.
Result<LoggingMessage> logging_message_from_json(const Json& params);

}  // namespace mcp_mqtt
