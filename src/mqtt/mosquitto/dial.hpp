#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "mqtt/mosquitto/client.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {

/// Client::dial on a thread of its own, because it blocks and cannot be interrupted. Whoever waits
/// for it may give up at any time; then the thread ends by itself when the library returns.
class Dial {
 public:
  /// `notify` is called once, on the thread, when take() has the result; not after abandon(). It
  /// must only post. `busy` while too many abandoned attempts still block, or without a thread.
  static Result<std::shared_ptr<Dial>> start(ConnectOptions options, std::function<void()> notify);

  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  /// When it returns, `notify` is not running and will not run. Any thread.
  void abandon();

  /// The result; only once, after `notify`.
  Result<std::unique_ptr<Client>> take();

 private:
  explicit Dial(std::function<void()> notify) : notify_(std::move(notify)) {}
  void run(const ConnectOptions& options);

  std::mutex mutex_;
  std::function<void()> notify_;
  bool finished_ = false;
  bool abandoned_ = false;
  std::optional<Result<std::unique_ptr<Client>>> result_;
};

}  // namespace mcp_mqtt::mqtt::libmosquitto
