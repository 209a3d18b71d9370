#include "mqtt/paho/paho_runtime.hpp"

#include <algorithm>
#include <chrono>
#include <openssl/ssl.h>

#include "mqtt/paho/paho_connection.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

/// Below the second after which Paho's receiving thread goes to sleep.
constexpr std::chrono::milliseconds bell_interval{800};

}  // namespace

PahoRuntime& PahoRuntime::instance() {
  static PahoRuntime* const runtime = [] {
    // Paho's threads may still close TLS connections when the process ends: OpenSSL must not take
    // itself apart under them. Without effect where the program has started OpenSSL before.
    static_cast<void>(OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr));
    return new PahoRuntime;
  }();
  return *runtime;
}

void PahoRuntime::prepare() {
  if (!bell_) bell_.emplace();
}

void PahoRuntime::opened(const std::shared_ptr<PahoConnection>& connection) {
  open_.push_back(connection);
  if (!std::exchange(keeping_awake_, true)) keep_receiver_awake();
}

void PahoRuntime::closed(const PahoConnection* connection) noexcept {
  std::erase_if(open_, [&](const std::weak_ptr<PahoConnection>& open) {
    const auto alive = open.lock();
    return !alive || alive.get() == connection;
  });
}

void PahoRuntime::keep_receiver_awake() {
  keeping_awake_ = !open_.empty();
  if (!keeping_awake_) return;
  wake_receiver();
  lane_.post_at(TaskThread::Clock::now() + bell_interval, [this] { keep_receiver_awake(); });
}

std::vector<TcpSocket> PahoRuntime::claimed_sockets() const {
  std::vector<TcpSocket> claimed;
  for (const auto& open : open_) {
    const auto connection = open.lock();
    if (!connection) continue;
    // More than one socket: it is not known which of them is its own.
    const auto sockets = connection->sockets();
    if (sockets.size() == 1) claimed.push_back(sockets.front());
  }
  return claimed;
}

}  // namespace mcp_mqtt::mqtt::paho
