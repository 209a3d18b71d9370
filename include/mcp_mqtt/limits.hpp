#pragma once

#include <cstddef>

namespace mcp_mqtt {

/// What one JSON-RPC message may be. Beyond it a message is refused before it is understood.
struct MessageLimits {
  std::size_t max_bytes = 16U << 20;  ///< Of one payload, either direction.
  std::size_t max_depth = 64;         ///< Of nested arrays and objects.
  std::size_t max_batch = 100;        ///< Messages in one batch (2025-03-26).
  std::size_t max_id_bytes = 1'024;   ///< Of an id or a progress token that is a string.
};

}  // namespace mcp_mqtt
