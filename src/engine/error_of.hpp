#pragma once

#include <string>
#include <utility>

#include <mcp_mqtt/error.hpp>

namespace mcp_mqtt::engine {

/// An error that has nothing but a kind and a message.
inline Error error_of(ErrorKind kind, std::string message) {
  return {kind, 0, std::move(message), nullptr};
}

inline Error unsupported(std::string message) {
  return error_of(ErrorKind::unsupported, std::move(message));
}

inline Error invalid_params(std::string message) {
  return rpc_error(error_code::invalid_params, std::move(message));
}

}  // namespace mcp_mqtt::engine
