#include "mcp-mqtt/doctor/plain_route.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// The measurement's packets are tiny; who sends more is nobody of ours.
constexpr std::size_t most_unfinished = 64 * 1024;
constexpr std::size_t most_links = 8;

[[noreturn]] void refuse_port() {
  throw std::system_error(errno, std::generic_category(), "no port of 127.0.0.1");
}

void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// The size of the packet at the front; nothing where it is not whole yet.
std::optional<std::size_t> packet_size(std::string_view bytes) {
  std::size_t length = 0;
  for (std::size_t at = 1; at < 5; ++at) {
    if (at >= bytes.size()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes[at]);
    length |= static_cast<std::size_t>(byte & 0x7FU) << (7 * (at - 1));
    if ((byte & 0x80U) == 0) {
      const std::size_t whole = 1 + at + length;
      return whole <= bytes.size() ? std::optional(whole) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

PlainRoute::PlainRoute(std::string host, std::uint16_t port, bool no_delay)
    : host_(std::move(host)),
      broker_port_(port),
      no_delay_(no_delay),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      end_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (!listener_ || !end_ || ::bind(listener_.get(), any, size) != 0 ||
      ::listen(listener_.get(), 8) != 0 || ::getsockname(listener_.get(), any, &size) != 0) {
    refuse_port();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

PlainRoute::~PlainRoute() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(end_.get(), &one, sizeof one);
  thread_.join();
}

void PlainRoute::serve() {
  while (true) {
    std::vector<pollfd> sources{{end_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const auto& link : links_) {
      sources.push_back({link->program.get(), POLLIN, 0});
      sources.push_back({link->broker.get(), POLLIN, 0});
    }
    if (::poll(sources.data(), sources.size(), -1) < 0) continue;
    if (sources[0].revents != 0) return;
    for (std::size_t at = links_.size(); at-- > 0;) {
      Link& link = *links_[at];
      const bool going = (sources[2 + 2 * at].revents == 0 || to_broker(link)) &&
                         (sources[3 + 2 * at].revents == 0 || to_program(link));
      if (!going) links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (sources[1].revents != 0) accept();
  }
}

void PlainRoute::accept() {
  Socket program(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!program || links_.size() == most_links) return;
  auto broker = connect_tcp(host_, broker_port_, 3s);
  if (!broker) return;
  // The leg to the program is not what is measured.
  send_at_once(program.get());
  if (no_delay_) send_at_once(broker->get());
  links_.push_back(std::make_unique<Link>(Link{std::move(program), *std::move(broker), {}}));
}

bool PlainRoute::to_broker(Link& link) const {
  std::array<char, 4096> buffer{};
  const ssize_t size = ::recv(link.program.get(), buffer.data(), buffer.size(), 0);
  if (size <= 0) return false;
  link.unfinished.append(buffer.data(), static_cast<std::size_t>(size));
  while (const auto whole = packet_size(link.unfinished)) {
    if (!send_all(link.broker.get(), std::string_view(link.unfinished).substr(0, *whole))) {
      return false;
    }
    link.unfinished.erase(0, *whole);
  }
  return link.unfinished.size() <= most_unfinished;
}

bool PlainRoute::to_program(const Link& link) {
  std::array<char, 4096> buffer{};
  const ssize_t size = ::recv(link.broker.get(), buffer.data(), buffer.size(), 0);
  return size > 0 && send_all(link.program.get(),
                              std::string_view(buffer.data(), static_cast<std::size_t>(size)));
}

}  // namespace mcp_mqtt::command_line
