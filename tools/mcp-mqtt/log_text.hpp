#pragma once

#include <string>

#include <mcp_mqtt/protocol/logging.hpp>

namespace mcp_mqtt::command_line {

/// A log message of a server as a line: "[warning] motor: too hot". Make it safe before it is
/// shown.
std::string log_line(const LoggingMessage& message);

/// The data of a log message: a text as it is, anything else as JSON.
std::string log_data(const LoggingMessage& message);

/// What to say of a word that is no level.
std::string unknown_level(const std::string& word);

}  // namespace mcp_mqtt::command_line
