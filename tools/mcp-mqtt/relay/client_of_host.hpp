#pragma once

#include <functional>
#include <future>
#include <string>

#include <mcp_mqtt/client.hpp>

namespace mcp_mqtt::command_line {

// A host's own words, of the params of its `initialize`, for the MQTT client in its place.

/// Its name, version and the rest. The connection is to be added.
ClientOptions options_of_host(const Json& params);
/// Its capabilities as they are.
Json capabilities_of_host(const Json& params);

/// Connects. Throws McpError whose message names the broker.
void connect_for_host(McpClient& client, const std::string& broker, const std::string& broker_name);

/// Opens a host's session on a thread of its own.
class HostOpening {
 public:
  void begin(std::function<void()> open);
  /// Stops the client and waits until the opening is over, which may have been about to connect.
  void end(McpClient& client);

 private:
  std::future<void> opening_;
};

}  // namespace mcp_mqtt::command_line
