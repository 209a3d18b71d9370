#include "support/slow_line.hpp"

#include <algorithm>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>

namespace mcp_mqtt::bench {

SlowLine::SlowLine(std::uint16_t to, std::chrono::milliseconds round_trip)
    : to_(to), one_way_(Clock::duration(round_trip) / 2), listener_(BoundSocket::any()) {
  if (::listen(listener_.descriptor, 64) != 0 || ::pipe2(stop_.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("the slow line cannot be laid");
  }
  thread_ = std::thread([this] { run(); });
}

SlowLine::~SlowLine() {
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  ::close(listener_.descriptor);
  for (const Link& link : links_) {
    for (const int socket : link.sockets) ::close(socket);
  }
}

void SlowLine::accept_one() {
  Link link;
  link.sockets[0] = ::accept4(listener_.descriptor, nullptr, nullptr, SOCK_CLOEXEC);
  link.sockets[1] = connect_to_loopback(to_);
  const int on = 1;
  for (const int socket : link.sockets) {
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  links_.push_back(std::move(link));
}

void SlowLine::take_in(Link& link, std::size_t side, Clock::time_point due) {
  std::string bytes(65'536, '\0');
  const auto size = ::recv(link.sockets[side], bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size < 0) return;
  bytes.resize(static_cast<std::size_t>(size));
  // A broker that leaves Nagle on waits for the acknowledgement, which is not the line's slowness.
  const int on = 1;
  ::setsockopt(link.sockets[side], IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  link.ended[side] = bytes.empty();
  link.toward[1 - side].push_back({due, std::move(bytes)});
}

void SlowLine::let_out(Link& link, Clock::time_point now) {
  for (std::size_t side = 0; side < 2; ++side) {
    auto& waiting = link.toward[side];
    for (; !waiting.empty() && waiting.front().due <= now; waiting.pop_front()) {
      const std::string& bytes = waiting.front().bytes;
      if (bytes.empty()) {
        ::shutdown(link.sockets[side], SHUT_WR);
        continue;
      }
      // Packets here are small: they fit the socket's buffer.
      static_cast<void>(::send(link.sockets[side], bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }
  }
}

void SlowLine::run() {
  for (;;) {
    std::vector<pollfd> waiting{{stop_[0], POLLIN, 0}, {listener_.descriptor, POLLIN, 0}};
    std::optional<Clock::time_point> next;
    for (const Link& link : links_) {
      for (std::size_t side = 0; side < 2; ++side) {
        waiting.push_back({link.ended[side] ? -1 : link.sockets[side], POLLIN, 0});
        const auto& toward = link.toward[side];
        if (!toward.empty()) next = std::min(next.value_or(toward.front().due), toward.front().due);
      }
    }
    timespec pause{};
    if (next) {
      const auto left = std::max(*next - Clock::now(), Clock::duration::zero());
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
      pause = {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
    }
    ::ppoll(waiting.data(), waiting.size(), next ? &pause : nullptr, nullptr);
    if (waiting[0].revents != 0) return;
    const auto now = Clock::now();
    for (std::size_t i = 2; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) take_in(links_[(i - 2) / 2], i % 2, now + one_way_);
    }
    for (Link& link : links_) let_out(link, now);
    if (waiting[1].revents != 0) accept_one();
  }
}

}  // namespace mcp_mqtt::bench
