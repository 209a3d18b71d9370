#include "mcp-mqtt/relay/rpc_error.hpp"

#include <utility>

namespace mcp_mqtt::command_line {

Error as_rpc_error(Error error) {
  switch (error.kind) {
    case ErrorKind::rpc:
      return error;
    case ErrorKind::unsupported:
      return rpc_error(error_code::method_not_found, std::move(error.message));
    case ErrorKind::invalid_argument:
      return rpc_error(error_code::invalid_params, std::move(error.message));
    case ErrorKind::busy:
      return rpc_error(error_code::server_busy, std::move(error.message));
    default:
      return rpc_error(error_code::internal_error, std::move(error.message));
  }
}

}  // namespace mcp_mqtt::command_line
