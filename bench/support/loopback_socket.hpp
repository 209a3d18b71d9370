#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace mcp_mqtt::bench {

inline sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// A socket on a free port of 127.0.0.1, and that port.
struct BoundSocket {
  int descriptor = -1;
  std::uint16_t port = 0;

  static BoundSocket any() {
    BoundSocket bound{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 0};
    sockaddr_in address = loopback_address(0);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (bound.descriptor < 0 || ::bind(bound.descriptor, raw, size) != 0 ||
        ::getsockname(bound.descriptor, raw, &size) != 0) {
      throw std::runtime_error("no free port on 127.0.0.1");
    }
    bound.port = ntohs(address.sin_port);
    return bound;
  }
};

/// A connection to a port of 127.0.0.1; -1 where nobody listens.
inline int connect_to_loopback(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback_address(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

}  // namespace mcp_mqtt::bench
