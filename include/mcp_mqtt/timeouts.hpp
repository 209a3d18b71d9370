#pragma once

#include <chrono>

namespace mcp_mqtt {

/// How long each kind of request waits for its answer (T45). Every call may name its own instead.
struct Timeouts {
  std::chrono::milliseconds initialize{30'000};
  std::chrono::milliseconds ping{10'000};
  std::chrono::milliseconds tools_list{30'000};
  std::chrono::milliseconds tools_call{60'000};
  /// For requests by a method that has no member here.
  std::chrono::milliseconds other{30'000};
};

}  // namespace mcp_mqtt
