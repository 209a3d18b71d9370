#include <array>

#include <mcp_mqtt/protocol/logging.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {
namespace {

constexpr std::array<std::string_view, 8> level_names{"debug", "info",     "notice", "warning",
                                                      "error", "critical", "alert",  "emergency"};

}  // namespace

std::string_view to_string(LoggingLevel level) noexcept {
  const auto index = static_cast<std::size_t>(level);
  return index < level_names.size() ? level_names[index] : "emergency";
}

std::optional<LoggingLevel> parse_logging_level(std::string_view text) noexcept {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == text) return static_cast<LoggingLevel>(i);
  }
  return std::nullopt;
}

Json to_json(const LoggingMessage& message) {
  Json json{{"level", to_string(message.level)}, {"data", message.data}};
  protocol::put_if(json, "logger", message.logger);
  return json;
}

Result<LoggingMessage> logging_message_from_json(const Json& params) {
  if (!params.is_object()) return protocol::violation("a log message that is no object");
  LoggingMessage message;
  message.level =
      parse_logging_level(protocol::string_or_empty(params, "level")).value_or(LoggingLevel::info);
  message.logger = protocol::string_or_empty(params, "logger");
  message.data = protocol::json_or_null(params, "data");
  return message;
}

}  // namespace mcp_mqtt
