#pragma once

#include <string>

#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/http/server_directory.hpp"
#include "mcp-mqtt/relay/relay.hpp"

namespace mcp_mqtt::command_line {

/// The MCP servers on a broker that a name or a filter covers. It looks for them over a connection
/// of its own; each session gets another one.
class GatewayServers : public ServerDirectory {
 public:
  /// The connection is connected, and outlives it.
  GatewayServers(Connection& connection, const Program& program, std::string filter);

  /// With a name, not a filter: the one server is also at the endpoint itself.
  bool one_server() const;
  Result<std::string> server_at(const std::string& name) override;
  Result<void> find(const std::string& server) override;
  std::unique_ptr<HostSession> open(const std::string& server,
                                    std::shared_ptr<HostLink> link) override;

 private:
  std::string online() const;

  Connection& connection_;
  const std::string filter_;
  RelaySetup setup_;  ///< Without the server.
};

}  // namespace mcp_mqtt::command_line
