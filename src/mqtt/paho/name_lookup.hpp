#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <mcp_mqtt/result.hpp>

#include "mqtt/socket_latency.hpp"

namespace mcp_mqtt::mqtt::paho {

using LookupCompletion = std::function<void(Result<std::vector<TcpEndpoint>>)>;

/// Looks up `host` and calls `done` with its addresses, in the order in which to try them: inside
/// this call for a numeric address, otherwise on a thread of its own, since the system's lookup can
/// neither be cancelled nor given a deadline. Paho would do it under the lock that all its clients
/// share, and so hold up every other connection of the process.
void look_up(const std::string& host, std::uint16_t port, LookupCompletion done);

}  // namespace mcp_mqtt::mqtt::paho
