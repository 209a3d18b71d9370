#include <mcp_mqtt/error.hpp>

namespace mcp_mqtt {

std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::rpc:
      return "rpc";
    case ErrorKind::invalid_argument:
      return "invalid argument";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::server_gone:
      return "server gone";
    case ErrorKind::client_gone:
      return "client gone";
    case ErrorKind::not_connected:
      return "not connected";
    case ErrorKind::connection_lost:
      return "connection lost";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::id_conflict:
      return "id conflict";
    case ErrorKind::too_large:
      return "too large";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::protocol_violation:
      return "protocol violation";
    case ErrorKind::tls:
      return "tls";
    case ErrorKind::stopped:
      return "stopped";
  }
  return "unknown";
}

Error rpc_error(int code, std::string message, Json data) {
  return Error{ErrorKind::rpc, code, std::move(message), std::move(data)};
}

}  // namespace mcp_mqtt
