#include "mcp-mqtt/log_text.hpp"

namespace mcp_mqtt::command_line {

std::string log_data(const LoggingMessage& message) {
  if (message.data.is_string()) return message.data.get<std::string>();
  return message.data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string log_line(const LoggingMessage& message) {
  std::string line = '[' + std::string(to_string(message.level)) + "] ";
  if (!message.logger.empty()) line += message.logger + ": ";
  return line + log_data(message);
}

std::string unknown_level(const std::string& word) {
  return "there is no level '" + word +
         "': debug, info, notice, warning, error, critical, alert or emergency";
}

}  // namespace mcp_mqtt::command_line
