#include "mcp-mqtt/failure.hpp"

namespace mcp_mqtt::command_line {

ExitCode exit_code_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::rpc:
    case ErrorKind::unsupported:
    case ErrorKind::protocol_violation:
      return ExitCode::server_error;
    case ErrorKind::invalid_argument:
    case ErrorKind::too_large:
      return ExitCode::usage;
    case ErrorKind::timeout:
      return ExitCode::timeout;
    case ErrorKind::cancelled:
      return ExitCode::interrupted;
    case ErrorKind::server_gone:
      return ExitCode::no_server;
    case ErrorKind::not_connected:
    case ErrorKind::connection_lost:
    case ErrorKind::refused:
    case ErrorKind::id_conflict:
    case ErrorKind::tls:
      return ExitCode::broker;
    case ErrorKind::client_gone:
    case ErrorKind::busy:
    case ErrorKind::stopped:
      return ExitCode::other;
  }
  return ExitCode::other;
}

Error naming_broker(Error error, const std::string& broker_name) {
  if (error.message.find(broker_name) == std::string::npos) {
    error.message = "no connection to " + broker_name + ": " + error.message;
  }
  return error;
}

Failure no_connection(const Error& error, const std::string& broker_name) {
  const ExitCode code =
      error.kind == ErrorKind::invalid_argument ? ExitCode::usage : ExitCode::broker;
  return {code, naming_broker(error, broker_name).message +
                    " (--broker or MCP_MQTT_BROKER names another broker)"};
}

}  // namespace mcp_mqtt::command_line
