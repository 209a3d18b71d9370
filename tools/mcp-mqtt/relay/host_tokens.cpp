#include "mcp-mqtt/relay/host_tokens.hpp"

#include <utility>

namespace mcp_mqtt::command_line {

std::optional<std::string> HostTokens::for_host(const ClientSession& session, Json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return std::nullopt;
  const auto given = meta->find("progressToken");
  if (given == meta->end()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::string token = "mcp-mqtt-" + std::to_string(++last_);
  tokens_.emplace(token, Token{session, std::exchange(*given, Json(token))});
  return token;
}

std::optional<HostTokens::ForServer> HostTokens::for_server(const Json& params) const {
  const auto given = params.find("progressToken");
  if (given == params.end() || !given->is_string()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(given->get<std::string>());
  if (found == tokens_.end()) return std::nullopt;
  ForServer out{found->second.session, params};
  out.params["progressToken"] = found->second.of_server;
  return out;
}

void HostTokens::forget(const std::string& token) {
  const std::lock_guard lock(mutex_);
  tokens_.erase(token);
}

}  // namespace mcp_mqtt::command_line
