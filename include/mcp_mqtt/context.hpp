#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/protocol/progress.hpp>

namespace mcp_mqtt {

/// What a handler knows about the request that it answers. It lives as long as the handler runs;
/// the functions may be called from any thread meanwhile.
class RequestContext {
 public:
  /// The library makes one for each request; a unit test of a handler makes its own.
  explicit RequestContext(ClientInfo client = {}, std::stop_token stop = {},
                          std::function<void(const Progress&)> on_progress = {})
      : client_(std::move(client)), stop_(std::move(stop)), on_progress_(std::move(on_progress)) {}
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;

  /// Who is asking, and in which revision.
  const ClientInfo& client() const noexcept { return client_; }

  /// Set when the client cancelled, left, or the server stops: the answer is no longer wanted. The
  /// token works with std::condition_variable_any; a std::stop_callback runs on the library's own
  /// thread and must return at once.
  const std::stop_token& stop_token() const noexcept { return stop_; }
  bool cancelled() const noexcept { return stop_.stop_requested(); }

  /// Tells the client how far the work is, if it asked to know. `progress` must grow from call to
  /// call; what does not is dropped. Reports that come faster than they can be sent lose steps in
  /// the middle, never the last.
  void report_progress(double progress, std::optional<double> total = std::nullopt,
                       std::string message = {}) {
    if (on_progress_) on_progress_({progress, total, std::move(message)});
  }

 private:
  ClientInfo client_;
  std::stop_token stop_;
  std::function<void(const Progress&)> on_progress_;
};

}  // namespace mcp_mqtt
