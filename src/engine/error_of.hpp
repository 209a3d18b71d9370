#pragma once

#include <string>
#include <utility>

#include <mcp_mqtt/error.hpp>

namespace mcp_mqtt::engine {

/// An error that has nothing but a kind and a message.
inline Error error_of(ErrorKind kind, std::string message) {
  return {kind, 0, std::move(message), nullptr};
}

}  // namespace mcp_mqtt::engine
