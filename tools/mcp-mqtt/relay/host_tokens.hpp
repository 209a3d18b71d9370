#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <mcp_mqtt/session.hpp>

namespace mcp_mqtt::command_line {

/// The progress tokens of what several servers ask one host: two of them may have chosen the same.
/// Any thread.
class HostTokens {
 public:
  struct ForServer {
    ClientSession session;
    Json params;
  };

  /// Puts a token of our own in place of the server's in a request; nullopt: it has none.
  std::optional<std::string> for_host(const ClientSession& session, Json& params);
  /// The host's progress with the server's token; nullopt: nobody waits for it.
  std::optional<ForServer> for_server(const Json& params) const;
  void forget(const std::string& token);

 private:
  struct Token {
    ClientSession session;
    Json of_server;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Token> tokens_;
  std::uint64_t last_ = 0;
};

}  // namespace mcp_mqtt::command_line
