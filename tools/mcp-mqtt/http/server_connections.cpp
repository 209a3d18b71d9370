#include "mcp-mqtt/http/server_connections.hpp"

#include <charconv>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace mcp_mqtt::command_line {
namespace {

/// The local port of a TCP socket that is connected; 0 for any other descriptor.
std::uint16_t port_of_connection(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return 0;
  sockaddr_storage own{};
  size = sizeof own;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  if (own.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&own)->sin_port);
  if (own.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&own)->sin6_port);
  return 0;
}

}  // namespace

void shut_down_connections(std::uint16_t port) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
    const std::string name = entry.path().filename().string();
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (descriptor >= 0 && port_of_connection(descriptor) == port) {
      shutdown(descriptor, SHUT_RDWR);
    }
  }
}

}  // namespace mcp_mqtt::command_line
