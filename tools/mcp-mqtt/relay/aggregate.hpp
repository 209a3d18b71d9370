#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mcp_mqtt/connection_options.hpp>

#include "mcp-mqtt/relay/host_session.hpp"

namespace mcp_mqtt::command_line {

/// Which servers a host gets as one, and how they are reached.
struct AggregateSetup {
  std::string broker;       ///< URL; it may hold a password.
  std::string broker_name;  ///< The URL without user and password, for messages.
  /// The MQTT client id to keep, for a broker whose access rules know one only; empty: any.
  std::string client_id;
  ConnectionOptions connection = {};
  std::vector<std::string> filters;  ///< Server-names, or MQTT filters over them.
  std::size_t max_servers = 32;
  /// Characters of a tool's name as the host sees it; at least 24.
  std::size_t name_length = 64;
  /// How long `initialize` waits for servers that were named, or are about to answer.
  std::chrono::milliseconds wait{2'000};
  /// How long one may take to answer `initialize`.
  std::chrono::milliseconds handshake{10'000};
  /// How long a server may hold up a list.
  std::chrono::milliseconds list{5'000};
  /// How long a request may take; it begins anew with each progress.
  std::chrono::milliseconds call{600'000};
  /// A line about what happens to the connection and the servers. Any thread; may be empty.
  std::function<void(const std::string& line)> note = {};
};

/// A host's session with all servers that match, over one MQTT connection: what they offer comes
/// under the prefix of each (ServerWords), lists are put together, requests go to the server that
/// they name, and servers come and go with a `list_changed`. `initialize` is answered without any
/// server, too.
std::unique_ptr<HostSession> make_aggregate(AggregateSetup setup, std::shared_ptr<HostLink> host);

}  // namespace mcp_mqtt::command_line
