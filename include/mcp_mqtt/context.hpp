#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/connected_client.hpp>
#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/progress.hpp>

namespace mcp_mqtt {

/// What a RequestContext is made of. The library fills it in for each request; a unit test of a
/// handler gives what its handler needs.
struct ContextParts {
  ClientInfo client = {};
  std::stop_token stop = {};
  std::function<void(const Progress&)> on_progress = {};
  std::function<void(LoggingMessage)> on_log = {};
  ConnectedClient peer = {};
  Json meta = nullptr;  ///< `_meta` of the request; null: none.
};

/// What a handler knows about the request that it answers. It lives as long as the handler runs;
/// the functions may be called from any thread meanwhile.
class RequestContext {
 public:
  explicit RequestContext(ContextParts parts) : parts_(std::move(parts)) {}
  explicit RequestContext(ClientInfo client = {}, std::stop_token stop = {},
                          std::function<void(const Progress&)> on_progress = {})
      : parts_{std::move(client), std::move(stop), std::move(on_progress), {}, {}, nullptr} {}
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;

  /// Who is asking, and in which revision.
  const ClientInfo& client() const noexcept { return parts_.client; }
  /// `_meta` of the request; null: none.
  const Json& meta() const noexcept { return parts_.meta; }

  /// Set when the client cancelled, left, or the server stops: the answer is no longer wanted. The
  /// token works with std::condition_variable_any; a std::stop_callback runs on the library's own
  /// thread and must return at once.
  const std::stop_token& stop_token() const noexcept { return parts_.stop; }
  bool cancelled() const noexcept { return parts_.stop.stop_requested(); }

  /// Tells the client how far the work is, if it asked to know. `progress` must grow from call to
  /// call; what does not is dropped. Reports that come faster than they can be sent lose steps in
  /// the middle, never the last.
  void report_progress(double progress, std::optional<double> total = std::nullopt,
                       std::string message = {}) {
    if (parts_.on_progress) parts_.on_progress({progress, total, std::move(message)});
  }

  /// Sends a log message, if it is severe enough for this client (`logging/setLevel`), before the
  /// answer. Messages that come faster than they can be sent are dropped. Never put a secret into
  /// it.
  void log(LoggingLevel level, Json data, std::string logger = {}) {
    if (parts_.on_log) parts_.on_log({level, std::move(logger), std::move(data)});
  }

  /// The client, for what is not below.
  const ConnectedClient& peer() const noexcept { return parts_.peer; }

  // Requests to the client that this request needs: they are cancelled with it, unless the options
  // have a stop token of their own. Blocking; they throw McpError. See ConnectedClient.
  std::vector<Root> list_roots(CallOptions options = {}) const {
    return parts_.peer.list_roots(with_stop(std::move(options)));
  }
  CreateMessageResult create_message(const CreateMessageRequest& request,
                                     CallOptions options = {}) const {
    return parts_.peer.create_message(request, with_stop(std::move(options)));
  }
  ElicitResult elicit(const ElicitRequest& request, CallOptions options = {}) const {
    return parts_.peer.elicit(request, with_stop(std::move(options)));
  }

 private:
  CallOptions with_stop(CallOptions options) const {
    if (!options.stop.stop_possible()) options.stop = parts_.stop;
    return options;
  }

  ContextParts parts_;
};

}  // namespace mcp_mqtt
