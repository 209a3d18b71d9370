#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <mcp_mqtt/protocol/progress.hpp>
#include <mcp_mqtt/session.hpp>

namespace mcp_mqtt {

/// What a client's handler knows about the server's request that it answers. It lives as long as
/// the handler runs; the functions may be called from any thread meanwhile.
class ClientRequestContext {
 public:
  /// The library makes one for each request; a unit test of a handler makes its own.
  explicit ClientRequestContext(ClientSession session = {}, std::stop_token stop = {},
                                std::function<void(const Progress&)> on_progress = {})
      : session_(std::move(session)),
        stop_(std::move(stop)),
        on_progress_(std::move(on_progress)) {}
  ClientRequestContext(const ClientRequestContext&) = delete;
  ClientRequestContext& operator=(const ClientRequestContext&) = delete;

  /// The session whose server asks. Calls to it may be made in the handler, blocking ones too.
  const ClientSession& session() const noexcept { return session_; }

  /// Set when the server cancelled or left, or the client stops: the answer is no longer wanted.
  /// The token works with std::condition_variable_any; a std::stop_callback runs on the library's
  /// own thread and must return at once.
  const std::stop_token& stop_token() const noexcept { return stop_; }
  bool cancelled() const noexcept { return stop_.stop_requested(); }

  /// Tells the server how far the work is, if it asked to know. `progress` must grow from call to
  /// call; what does not is dropped. Reports that come faster than they can be sent lose steps in
  /// the middle, never the last.
  void report_progress(double progress, std::optional<double> total = std::nullopt,
                       std::string message = {}) {
    if (on_progress_) on_progress_({progress, total, std::move(message)});
  }

 private:
  ClientSession session_;
  std::stop_token stop_;
  std::function<void(const Progress&)> on_progress_;
};

}  // namespace mcp_mqtt
