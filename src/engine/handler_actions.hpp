#pragma once

#include <cstdint>

// What both engines say of handlers that run for a peer's requests.
namespace mcp_mqtt::engine {

/// Names one run of a handler, over all sessions of a server or client; 0: none.
using CallNumber = std::uint64_t;

/// The answer of this run is no longer wanted: set its cancellation token. It still reports.
struct CancelRun {
  CallNumber call = 0;
};

}  // namespace mcp_mqtt::engine
