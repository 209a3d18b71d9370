#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/result.hpp>

#include "mcp-mqtt/relay/host_session.hpp"

namespace mcp_mqtt::command_line {

/// The MCP servers behind the endpoint. Any thread.
class ServerDirectory {
 public:
  virtual ~ServerDirectory() = default;

  /// The server that stands behind a path of the endpoint (server_in_path()); an error that says
  /// what would be right where there is none.
  virtual Result<std::string> server_at(const std::string& name) = 0;
  /// Whether it is online; may wait a while for it. An error of kind `server_gone` where it is not.
  virtual Result<void> find(const std::string& server) = 0;
  /// What answers a host of this server. Throws McpError.
  virtual std::unique_ptr<HostSession> open(const std::string& server,
                                            std::shared_ptr<HostLink> link) = 0;
};

/// The server that a path names: empty for `/mcp`, `desk/companion` for `/mcp/desk/companion`.
/// Nothing for a path beside it.
std::optional<std::string> server_in_path(std::string_view path);

/// The path for a server, with what a URL cannot hold in percent signs.
std::string path_of_server(std::string_view server);

}  // namespace mcp_mqtt::command_line
