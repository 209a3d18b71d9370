#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// A request of the peer as it came, for a program that answers in its own time and passes on what
/// it does not look at. Copies are handles to one request. Any thread.
class PeerRequest {
 public:
  /// The library makes one for each request; a unit test makes its own.
  PeerRequest(std::string method, Json params, std::stop_token stop,
              std::function<void(Result<Json>)> answer);

  const std::string& method() const noexcept;
  /// An object; `_meta` included.
  const Json& params() const noexcept;

  /// Set when the peer cancelled or left, or this side stops: the answer is no longer wanted. A
  /// std::stop_callback runs on the library's own thread and must return at once.
  const std::stop_token& stop_token() const noexcept;
  bool cancelled() const noexcept { return stop_token().stop_requested(); }

  /// The `result`, or the error: one of kind `rpc` goes out as it is, any other as -32603 with its
  /// message. The first answer counts. When the last handle goes without one, the peer gets -32603.
  void answer(Result<Json> answer) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcp_mqtt
