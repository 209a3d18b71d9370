#include "mcp-mqtt/http/server_directory.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr std::string_view endpoint_path = "/mcp";

}  // namespace

std::optional<std::string> server_in_path(std::string_view path) {
  if (!path.starts_with(endpoint_path)) return std::nullopt;
  path.remove_prefix(endpoint_path.size());
  if (path.empty() || path == "/") return std::string();
  if (path.front() != '/') return std::nullopt;
  return std::string(path.substr(1));
}

std::string path_of_server(std::string_view server) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string path(endpoint_path);
  if (server.empty()) return path;
  path += '/';
  for (const char letter : server) {
    if (plain.find(letter) != std::string_view::npos) {
      path += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    path += '%';
    path += digits[byte >> 4U];
    path += digits[byte & 15U];
  }
  return path;
}

}  // namespace mcp_mqtt::command_line
