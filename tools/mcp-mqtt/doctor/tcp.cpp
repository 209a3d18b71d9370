#include "mcp-mqtt/doctor/tcp.hpp"

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>

namespace mcp_mqtt::command_line {

Result<Socket> connect_tcp(const std::string& host, std::uint16_t port,
                           std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (fault != 0) return Error{ErrorKind::not_connected, 0, ::gai_strerror(fault)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  int reason = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // Linux bounds connect() by the send timeout, too.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timeval limit{
        seconds.count(),
        std::chrono::duration_cast<std::chrono::microseconds>(timeout - seconds).count()};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (socket && ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) {
      return socket;
    }
    reason = errno;
  }
  return Error{ErrorKind::not_connected, reason, std::generic_category().message(reason)};
}

}  // namespace mcp_mqtt::command_line
