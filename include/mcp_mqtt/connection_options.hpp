#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <mcp_mqtt/backoff.hpp>
#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt {

/// How a server or a client reaches its broker, beside the URL.
struct ConnectionOptions {
  std::string username = {};  ///< Instead of the URL's.
  std::string password = {};  ///< Instead of the URL's. Never logged.
  mqtt::TlsOptions tls = {};
  std::chrono::seconds keep_alive{30};
  /// From the first lookup of the name to the broker's answer.
  std::chrono::milliseconds connect_timeout{20'000};
  Backoff backoff = {};
  /// Messages, and their bytes, that may wait until the broker takes them; one more fails as
  /// `busy`. A single message fits whatever its size.
  std::size_t max_queued_messages = 10'000;
  std::size_t max_queued_bytes = 64U << 20;
  mqtt::TransportKind transport = mqtt::TransportKind::automatic;
  /// A transport of the program's own, for instance over a connection that it already has, or one
  /// of a LoopbackBroker. Called on the library's thread, once for each MQTT connection; the URL
  /// then only fills ConnectOptions::broker.
  std::function<std::shared_ptr<mqtt::Transport>()> make_transport = {};
};

/// What happened to the connection of a server or client.
enum class ConnectionState {
  connected,  ///< In touch with the broker, for the first time or again.
  lost,       ///< Cut off; it is tried again after a while.
  gave_up,    ///< It is not tried again: the error says why.
};

/// Told of each change; `error` is empty for `connected`. Called on a worker thread, in order.
using ConnectionObserver = std::function<void(ConnectionState state, const Error& error)>;

}  // namespace mcp_mqtt
