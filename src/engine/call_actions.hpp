#pragma once

#include <cstdint>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/progress.hpp>
#include <mcp_mqtt/result.hpp>

// What both engines say of requests that they make to a peer.
namespace mcp_mqtt::engine {

/// Names a request towards the one who made it; 0: none.
using CallToken = std::uint64_t;

/// Tokens from here on are of the engine's own requests, from the second on of subscriptions; those
/// of the host are far below.
inline constexpr CallToken first_engine_call = CallToken(1) << 62;
inline constexpr CallToken first_subscription_call = CallToken(1) << 63;

/// Names a session of a server or client; 0: none.
using SessionNumber = std::uint64_t;

/// A call has its one outcome.
struct CompleteCall {
  CallToken call = 0;
  Result<Json> result;
};

struct CallProgressed {
  CallToken call = 0;
  Progress progress;
};

}  // namespace mcp_mqtt::engine
