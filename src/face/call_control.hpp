#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "face/requester_gate.hpp"

namespace mcp_mqtt::face {

/// Cancels whatever request a call has under way: a call may be several requests in a row, and the
/// wish to cancel may come before, between or during them. Any thread.
class CallControl : public std::enable_shared_from_this<CallControl> {
 public:
  explicit CallControl(std::shared_ptr<const RequesterGate> gate) : gate_(std::move(gate)) {}

  /// Also cancels when the token says so, until finish().
  void watch(const std::stop_token& stop);
  void cancel(std::string reason);
  /// The call's next request went out under this token.
  void sent(engine::CallToken token);
  bool cancelled() const;
  /// The call has its outcome: nothing is cancelled any more.
  void finish();

 private:
  using StopCallback = std::stop_callback<std::function<void()>>;

  void cancel_now(engine::CallToken token, const std::string& reason) const;

  std::shared_ptr<const RequesterGate> gate_;
  mutable std::mutex mutex_;
  bool cancelled_ = false;
  bool finished_ = false;
  std::string reason_;
  std::optional<engine::CallToken> token_;
  std::unique_ptr<StopCallback> watching_;
};

}  // namespace mcp_mqtt::face
