#include "mqtt/paho/receiver_bell.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/paho/client_handle.hpp"
#include "mqtt/paho/proxy_environment.hpp"
#include "mqtt/socket_latency.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

using namespace std::chrono_literals;

/// Paho connects within a millisecond; on a machine that is too busy for this there is no bell.
constexpr auto patience = 2s;

/// Type 2, three bytes: no session, success, no properties (MQTT 5, 3.2).
constexpr std::array<std::uint8_t, 5> connack{0x20, 0x03, 0x00, 0x00, 0x00};
constexpr std::array<std::uint8_t, 2> pingresp{0xd0, 0x00};

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// A socket that listens on a free port of 127.0.0.1; -1 where there is none to be had.
int listen_on_loopback() noexcept {
  Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listening =
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(listener.get(), 4) == 0;
  return listening ? listener.release() : -1;
}

std::optional<TcpEndpoint> own_address(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(descriptor, raw, &length) != 0) return std::nullopt;
  return TcpEndpoint::from(raw, length);
}

/// Whether the other end of `descriptor` is a socket of this process.
bool leads_to_this_process(int descriptor) {
  const auto address = own_address(descriptor);
  if (!address) return false;
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  auto* const raw = reinterpret_cast<sockaddr*>(&peer);
  if (getpeername(descriptor, raw, &length) != 0) return false;
  const auto other = TcpEndpoint::from(raw, length);
  if (!other) return false;
  for (const TcpSocket& socket : tcp_sockets_to({*address}, {})) {
    const auto candidate = own_address(socket.descriptor);
    if (candidate && candidate->same_peer(*other)) return true;
  }
  return false;
}

}  // namespace

ReceiverBell::ReceiverBell() {
  const Descriptor listener(listen_on_loopback());
  const auto address = own_address(listener.get());
  bool connected = false;
  try {
    // Also where it has nothing to connect to: while there is a client Paho's threads go on.
    client_ = std::make_unique<::mqtt::async_client>(
        "tcp://127.0.0.1:" + std::to_string(address ? address->port() : 1), "mcp-mqtt-bell",
        ::mqtt::create_options(MQTTVERSION_5), nullptr);
    client_->set_message_callback([](const ::mqtt::const_message_ptr&) {});
    const HiddenProxyEnvironment hidden;
    connected = address && connect() && accept_own(listener.get());
  } catch (const ::mqtt::exception& fault) {
    log::debug("Paho has no bell: {}", fault.what());
  }
  if (!connected) log::warning("Paho's receiving thread cannot be woken: connecting takes longer");
}

ReceiverBell::~ReceiverBell() {
  client_.reset();
  if (socket_ >= 0) close(socket_);
}

bool ReceiverBell::connect() {
  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
  options.keepAliveInterval = 0;
  options.cleanstart = 1;
  return MQTTAsync_connect(handle_of(*client_), &options) == MQTTASYNC_SUCCESS;
}

bool ReceiverBell::accept_own(int listener) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{listener, POLLIN, 0};
    if (left <= 0ms) return false;
    const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return false;
    Descriptor accepted(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    // Any program of this machine may have been quicker.
    if (accepted.get() < 0 || !leads_to_this_process(accepted.get())) continue;
    socket_ = accepted.release();
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return send(socket_, connack.data(), connack.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(connack.size());
  }
}

void ReceiverBell::ring() noexcept {
  // A full buffer means that it rings already.
  if (socket_ >= 0) send(socket_, pingresp.data(), pingresp.size(), MSG_NOSIGNAL);
}

}  // namespace mcp_mqtt::mqtt::paho
