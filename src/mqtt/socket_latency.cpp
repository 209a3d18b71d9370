#include "mqtt/socket_latency.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>

namespace mcp_mqtt::mqtt {
namespace {

struct PlainAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::uint16_t port = 0;
  friend bool operator==(const PlainAddress&, const PlainAddress&) = default;
};

/// IPv4 in its IPv6 form, so that both kinds of socket compare.
PlainAddress plain(const sockaddr_storage& address) noexcept {
  PlainAddress out;
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    out.bytes[10] = out.bytes[11] = 0xff;
    std::memcpy(out.bytes.data() + 12, &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
  } else {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(out.bytes.data(), &v6.sin6_addr, 16);
    out.port = ntohs(v6.sin6_port);
  }
  return out;
}

/// Nothing where `descriptor` is no socket. Any other thread may close and reuse it at any moment;
/// the inode is how that is noticed. Not fstat(), in which ThreadSanitizer sees a use of the
/// descriptor that races with its owner.
std::optional<ino_t> inode_of(int descriptor) noexcept {
  struct statx status {};
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO, &status) != 0 ||
      !S_ISSOCK(status.stx_mode)) {
    return std::nullopt;
  }
  return status.stx_ino;
}

bool still_open(const TcpSocket& socket) noexcept {
  return inode_of(socket.descriptor) == socket.inode;
}

std::optional<tcp_info> information(int descriptor) noexcept {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  return info;
}

std::optional<TcpEndpoint> peer_of(int descriptor) noexcept {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (getpeername(descriptor, raw, &length) != 0) return std::nullopt;
  return TcpEndpoint::from(raw, length);
}

std::vector<int> open_descriptors() {
  struct Close {
    void operator()(DIR* directory) const noexcept { closedir(directory); }
  };
  std::vector<int> descriptors;
  const std::unique_ptr<DIR, Close> directory(opendir("/proc/self/fd"));
  if (!directory) return descriptors;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    int descriptor = -1;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (fault == std::errc() && end == name.data() + name.size()) descriptors.push_back(descriptor);
  }
  return descriptors;
}

void set_option(const std::vector<TcpSocket>& sockets, int option) noexcept {
  const int on = 1;
  for (const TcpSocket& socket : sockets) {
    if (still_open(socket)) setsockopt(socket.descriptor, IPPROTO_TCP, option, &on, sizeof on);
  }
}

}  // namespace

std::optional<TcpEndpoint> TcpEndpoint::from(const sockaddr* address, socklen_t length) {
  if (address == nullptr) return std::nullopt;
  const bool v4 = address->sa_family == AF_INET && length >= sizeof(sockaddr_in);
  const bool v6 = address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6);
  if (!v4 && !v6) return std::nullopt;
  TcpEndpoint endpoint;
  endpoint.length_ = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  std::memcpy(&endpoint.address_, address, endpoint.length_);
  return endpoint;
}

std::string TcpEndpoint::host() const {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(address(), length_, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  return text.data();
}

std::uint16_t TcpEndpoint::port() const noexcept { return plain(address_).port; }

bool TcpEndpoint::same_peer(const TcpEndpoint& other) const noexcept {
  return plain(address_) == plain(other.address_);
}

std::vector<TcpSocket> open_tcp_sockets() {
  std::vector<TcpSocket> sockets;
  for (const int descriptor : open_descriptors()) {
    const auto inode = inode_of(descriptor);
    if (!inode) continue;
    const auto info = information(descriptor);
    if (!info) continue;
    if (info->tcpi_state == TCP_ESTABLISHED || info->tcpi_state == TCP_SYN_SENT) {
      sockets.push_back({descriptor, *inode});
    }
  }
  return sockets;
}

std::vector<TcpSocket> tcp_sockets_to(const std::vector<TcpEndpoint>& peers,
                                      const std::vector<TcpSocket>& known, bool or_connecting) {
  std::vector<TcpSocket> sockets = open_tcp_sockets();
  std::erase_if(sockets, [&](const TcpSocket& socket) {
    if (std::find(known.begin(), known.end(), socket) != known.end()) return true;
    const auto peer = peer_of(socket.descriptor);
    if (!peer) return !or_connecting;
    return std::none_of(peers.begin(), peers.end(),
                        [&](const TcpEndpoint& wanted) { return wanted.same_peer(*peer); });
  });
  return sockets;
}

void send_without_delay(const std::vector<TcpSocket>& sockets) noexcept {
  set_option(sockets, TCP_NODELAY);
}

void acknowledge_without_delay(const std::vector<TcpSocket>& sockets) noexcept {
  set_option(sockets, TCP_QUICKACK);
}

std::optional<std::chrono::milliseconds> since_last_receive(const std::vector<TcpSocket>& sockets) {
  std::optional<std::chrono::milliseconds> shortest;
  for (const TcpSocket& socket : sockets) {
    if (!still_open(socket)) continue;
    const auto info = information(socket.descriptor);
    if (!info) continue;
    const std::chrono::milliseconds age(info->tcpi_last_data_recv);
    if (!shortest || age < *shortest) shortest = age;
  }
  return shortest;
}

}  // namespace mcp_mqtt::mqtt
