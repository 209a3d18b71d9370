#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <mcp_mqtt/connection_options.hpp>
#include <mcp_mqtt/session_state.hpp>

#include "mcp-mqtt/relay/host_session.hpp"

namespace mcp_mqtt::command_line {

/// Which server a host gets, and how it is reached.
struct RelaySetup {
  std::string broker;       ///< URL; it may hold a password.
  std::string broker_name;  ///< The URL without user and password, for messages.
  /// The MQTT client id to keep, for a broker whose access rules know one only; empty: any.
  std::string client_id;
  ConnectionOptions connection = {};
  std::string server;  ///< A server-name, or an MQTT filter over them.
  /// How long the server may take to be found.
  std::chrono::milliseconds wait{2'000};
  /// How long it may take to answer `initialize`.
  std::chrono::milliseconds handshake{10'000};
  /// How long a request may take; it begins anew with each progress. The host has limits of its
  /// own, and cancels.
  std::chrono::milliseconds call{600'000};
  Reopen reopen = Reopen::after_connection_loss;
  /// A line about what happens to the connection. Any thread; may be empty.
  std::function<void(const std::string& line)> note = {};
};

/// A host's session with one MQTT server, over an MQTT connection of its own: the server sees the
/// host's own words (its name, its capabilities), and what either side says passes through as it
/// is, but for ids and progress tokens. Subscriptions and the log level are kept by the library, so
/// that they survive a lost connection. The first message of the host connects; where that fails,
/// its `initialize` gets the reason and the session ends.
std::unique_ptr<HostSession> make_relay(RelaySetup setup, std::shared_ptr<HostLink> host);

}  // namespace mcp_mqtt::command_line
