#include "support/loopback_ports.hpp"

#include <netinet/in.h>
#include <random>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace mcp_mqtt::test {
namespace {

constexpr std::uint16_t first_port = 16'000;
constexpr std::uint16_t last_port = 32'000;

/// A socket bound to the port, or -1 if something has it.
int bind_port(std::uint16_t port) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (handle >= 0 &&
      ::bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(handle);
    return -1;
  }
  return handle;
}

int bind_some_port(std::uint16_t& port) {
  static thread_local std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> candidates(first_port, last_port);
  for (int attempt = 0; attempt < 200; ++attempt) {
    port = static_cast<std::uint16_t>(candidates(random));
    if (const int handle = bind_port(port); handle >= 0) return handle;
  }
  throw std::runtime_error("no free TCP port on 127.0.0.1");
}

}  // namespace

std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(bind_some_port(port));
  return port;
}

ClosedPort::ClosedPort() : port_(0), socket_(bind_some_port(port_)) {}

ClosedPort::~ClosedPort() { ::close(socket_); }

SilentPort::SilentPort() : port_(0), socket_(bind_some_port(port_)) {
  if (::listen(socket_, 16) != 0) throw std::runtime_error("listen failed on 127.0.0.1");
}

SilentPort::~SilentPort() { ::close(socket_); }

}  // namespace mcp_mqtt::test
