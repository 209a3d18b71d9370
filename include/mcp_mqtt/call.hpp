#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <mcp_mqtt/protocol/progress.hpp>

namespace mcp_mqtt {

/// How one call is made. Each member has a sensible default.
struct CallOptions {
  /// Instead of the method's default (Timeouts).
  std::optional<std::chrono::milliseconds> timeout = {};
  /// Start the timeout again with each progress notification, up to `total_timeout`, which is then
  /// Timeouts::total unless given.
  bool reset_timeout_on_progress = false;
  /// A cap on all of it.
  std::optional<std::chrono::milliseconds> total_timeout = {};
  /// Asks the peer for progress. Called in order, before the call's own outcome: on a worker, but
  /// on the calling thread where the call blocks.
  std::function<void(const Progress&)> on_progress = {};
  /// Ends the call as `cancelled` and tells the peer.
  std::stop_token stop = {};
  /// The server may carry the call out twice: where the connection or the instance was lost before
  /// the answer came, a session that opens again (Reopen) sends it again, within its timeout.
  /// Other calls are sent again only where they never left. Of calls to servers only.
  bool idempotent = false;
};

/// A call under way, to cancel it. Dropping the handle changes nothing.
class PendingCall {
 public:
  PendingCall() = default;
  explicit PendingCall(std::function<void(std::string)> cancel) : cancel_(std::move(cancel)) {}

  /// Ends the call as `cancelled`, unless it has its outcome already, and tells the peer.
  void cancel(std::string reason = {}) const {
    if (cancel_) cancel_(std::move(reason));
  }

 private:
  std::function<void(std::string)> cancel_;
};

}  // namespace mcp_mqtt
