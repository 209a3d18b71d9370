#pragma once

#include <chrono>

namespace mcp_mqtt {

/// How a lost connection is tried again. The defaults are gRPC's, and the delay starts over only
/// after the connection held for a while, so that a broker that keeps dropping us is left in peace.
struct Backoff {
  std::chrono::milliseconds initial{1'000};
  double factor = 1.6;
  double jitter = 0.2;  ///< Each delay is spread by up to this part, both ways.
  std::chrono::milliseconds maximum{120'000};
  std::chrono::milliseconds stable_after{30'000};
  /// So many connections in a row that the broker ends at once without a reason mean that another
  /// program uses the same client id (`id_conflict`), and the attempts stop. 0: they never do.
  int id_conflict_after = 5;
  /// Whether also the first connect is tried again; otherwise its failure is the caller's.
  bool retry_first = false;
};

}  // namespace mcp_mqtt
