#pragma once

#include <string_view>

#include <mcp_mqtt/connection_options.hpp>

namespace mcp_mqtt::face {

/// The URL with the options' user and password. Throws McpError for a URL that cannot be used. With
/// a transport of the program's own the URL may be empty.
mqtt::BrokerUrl broker_of(std::string_view url, const ConnectionOptions& options);

/// Throws McpError (`invalid_argument`) where there is an error.
void require(Result<void> check);

/// Throws McpError (`invalid_argument`) with `message` unless `condition` holds.
void require(bool condition, const char* message);

}  // namespace mcp_mqtt::face
