#include "integration/scripted_broker.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace mcp_mqtt::test {
namespace {

constexpr int patience_ms = 10'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

int listen_on_loopback(int backlog, std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, backlog) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    ::close(listener);
    fail("listen");
  }
  port = ntohs(address.sin_port);
  return listener;
}

bool ready(int socket, short events, int timeout_ms) {
  pollfd waited{socket, events, 0};
  return ::poll(&waited, 1, timeout_ms) == 1;
}

}  // namespace

BlackHole::BlackHole() {
  listener_ = listen_on_loopback(0, port_);
  // Connections until one does not open: then the queue is full.
  for (int i = 0; i < 16; ++i) {
    const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (filler < 0) fail("socket");
    fillers_.push_back(filler);
    const sockaddr_in address = loopback(port_);
    ::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    if (!ready(filler, POLLOUT, 200)) return;
  }
  throw std::runtime_error("the black hole takes connections");
}

BlackHole::~BlackHole() {
  for (const int filler : fillers_) ::close(filler);
  ::close(listener_);
}

ScriptedBroker::ScriptedBroker() { listener_ = listen_on_loopback(1, port_); }

ScriptedBroker::~ScriptedBroker() {
  close();
  ::close(listener_);
}

std::string ScriptedBroker::url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

void ScriptedBroker::accept() {
  close();
  if (!ready(listener_, POLLIN, patience_ms)) throw std::runtime_error("no client connected");
  connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection_ < 0) fail("accept");
  if ((static_cast<unsigned char>(receive().at(0)) & 0xf0) != 0x10) {
    throw std::runtime_error("the client's first packet is not CONNECT");
  }
}

std::string ScriptedBroker::receive() {
  std::string packet = read_exactly(1);
  std::size_t size = 0;
  unsigned shift = 0;
  unsigned char byte = 0;
  do {
    byte = static_cast<unsigned char>(read_exactly(1)[0]);
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    shift += 7;
  } while ((byte & 0x80) != 0);
  return packet + read_exactly(size);
}

std::string ScriptedBroker::read_exactly(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    if (!ready(connection_, POLLIN, patience_ms)) throw std::runtime_error("the client is silent");
    const ssize_t count = ::recv(connection_, bytes.data() + done, size - done, 0);
    if (count <= 0) throw std::runtime_error("the client closed");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

void ScriptedBroker::send(std::string_view bytes) {
  if (::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(bytes.size())) {
    fail("send");
  }
}

void ScriptedBroker::close() {
  if (connection_ >= 0) ::close(std::exchange(connection_, -1));
}

}  // namespace mcp_mqtt::test
