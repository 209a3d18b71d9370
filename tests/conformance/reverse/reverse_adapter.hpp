#pragma once

#include <string>

#include <mcp_mqtt/server_backend.hpp>

namespace mcp_mqtt::test {

/// Puts an MCP server that speaks Streamable HTTP behind an McpServer: the gateway the other way
/// round, so that a client on the broker can be tried against servers that know HTTP only. Each
/// client's session is one with the HTTP server.
class ReverseAdapter : public ServerBackend {
 public:
  explicit ReverseAdapter(std::string url) : url_(std::move(url)) {}

  std::unique_ptr<BackendSession> begin(const ClientInfo& client, PeerRequest request) override;

 private:
  std::string url_;
};

}  // namespace mcp_mqtt::test
