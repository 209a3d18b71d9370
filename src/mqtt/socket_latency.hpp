#pragma once

#include <chrono>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

// MQTT sends small packets and waits for small answers. With Nagle's algorithm on our side and the
// delayed acknowledgement of the kernel such a round trip takes 40 to 90 ms instead of 0.2 ms. An
// MQTT library that neither sets TCP_NODELAY nor shows its socket leaves one way: to find the
// socket among the descriptors of the process, by its peer.
namespace mcp_mqtt::mqtt {

/// A numeric address with a port.
class TcpEndpoint {
 public:
  /// Nothing for anything else than an IPv4 or IPv6 address of the system's own form.
  static std::optional<TcpEndpoint> from(const sockaddr* address, socklen_t length);

  /// The address without the port; IPv6 without brackets, with its scope where it has one.
  std::string host() const;
  std::uint16_t port() const noexcept;
  bool is_v6() const noexcept { return address_.ss_family == AF_INET6; }

  const sockaddr* address() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t length() const noexcept { return length_; }

  /// The same host and port; an IPv4 address equals its IPv6 form (`::ffff:a.b.c.d`).
  bool same_peer(const TcpEndpoint& other) const noexcept;

 private:
  sockaddr_storage address_{};
  socklen_t length_ = 0;
};

/// One socket of this process. The inode tells it from a later socket that gets the same number.
struct TcpSocket {
  int descriptor = -1;
  ino_t inode = 0;
  friend bool operator==(const TcpSocket&, const TcpSocket&) = default;
};

/// Every TCP socket of the process that is connected, or on its way, at this moment.
std::vector<TcpSocket> open_tcp_sockets();

/// Those sockets that lead to one of `peers` and are not among `known`. `or_connecting` adds those
/// whose connection is not answered yet: their peer cannot be told.
std::vector<TcpSocket> tcp_sockets_to(const std::vector<TcpEndpoint>& peers,
                                      const std::vector<TcpSocket>& known,
                                      bool or_connecting = false);

/// Sends small packets at once (TCP_NODELAY). The setting lasts.
void send_without_delay(const std::vector<TcpSocket>& sockets) noexcept;

/// Acknowledges what arrives next at once (TCP_QUICKACK). The kernel falls back to delaying, so
/// this is to be called again after every packet that was read. One system call or two per socket.
void acknowledge_without_delay(const std::vector<TcpSocket>& sockets) noexcept;

/// How long ago the last byte arrived on any of `sockets`; nothing where none is open any more.
std::optional<std::chrono::milliseconds> since_last_receive(const std::vector<TcpSocket>& sockets);

}  // namespace mcp_mqtt::mqtt
