#pragma once

#include <cstdint>

namespace mcp_mqtt::test {

/// A TCP port of 127.0.0.1 that nothing listens on now. It lies below the range from which the
/// system takes the ports of outgoing connections: otherwise a client that keeps trying to reach a
/// stopped broker would, sooner or later, be given the broker's port and be connected to itself.
std::uint16_t free_port();

/// A port that refuses every connection for as long as this object lives.
class ClosedPort {
 public:
  ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort();
  std::uint16_t port() const noexcept { return port_; }

 private:
  std::uint16_t port_;
  int socket_;
};

/// A port that takes every connection and then says nothing.
class SilentPort {
 public:
  SilentPort();
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  ~SilentPort();
  std::uint16_t port() const noexcept { return port_; }

 private:
  std::uint16_t port_;
  int socket_;
};

}  // namespace mcp_mqtt::test
