#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unistd.h>
#include <utility>

#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::command_line {

/// A descriptor that closes itself.
class Socket {
 public:
  explicit Socket(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// A TCP connection with the system's own settings, in blocking mode, on which no call takes longer
/// than `timeout`. The lookup of the name has the resolver's own limit.
Result<Socket> connect_tcp(const std::string& host, std::uint16_t port,
                           std::chrono::milliseconds timeout);

}  // namespace mcp_mqtt::command_line
