#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/call.hpp>
#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/protocol/elicitation.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/root.hpp>
#include <mcp_mqtt/protocol/sampling.hpp>
#include <mcp_mqtt/protocol/task.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// A client of a server, as the server sees it: what may be asked of it and told to it. A copy is
/// another handle to the same session; the session ends with disconnect(), with its client, with
/// the connection, or with the server, not with a handle.
///
/// Any thread. The blocking calls throw McpError; in a handler they hold its worker meanwhile. The
/// asynchronous calls never throw: each calls its callback once, on a worker. What the client did
/// not declare, or the session's revision lacks, fails as `unsupported` and is not sent.
class ConnectedClient {
 public:
  class Impl;

  /// No client: every call fails as `not_connected`.
  ConnectedClient() = default;
  /// `origin`: the handler run that asks; 0: none.
  explicit ConnectedClient(std::shared_ptr<Impl> impl, std::uint64_t origin = 0)
      : impl_(std::move(impl)), origin_(origin) {}

  /// Who it is, what it can, and the revision of the session.
  const ClientInfo& info() const;
  bool is_connected() const;

  /// The places that it lets the server work in (capability `roots`).
  std::vector<Root> list_roots(const CallOptions& options = {}) const;
  PendingCall async_list_roots(const CallOptions& options,
                               std::function<void(Result<std::vector<Root>>)> done) const;

  /// Asks its model (capability `sampling`; with tools `sampling.tools`).
  CreateMessageResult create_message(const CreateMessageRequest& request,
                                     const CallOptions& options = {}) const;
  PendingCall async_create_message(const CreateMessageRequest& request, const CallOptions& options,
                                   std::function<void(Result<CreateMessageResult>)> done) const;

  /// Asks its user: by a form (capability `elicitation.form`) or an URL (`elicitation.url`). A form
  /// that comes back and does not fit its schema is a `protocol_violation`.
  ElicitResult elicit(const ElicitRequest& request, const CallOptions& options = {}) const;
  PendingCall async_elicit(const ElicitRequest& request, const CallOptions& options,
                           std::function<void(Result<ElicitResult>)> done) const;

  /// Whether it answers (T44): returns the round trip.
  std::chrono::microseconds ping(const CallOptions& options = {}) const;
  PendingCall async_ping(const CallOptions& options,
                         std::function<void(Result<std::chrono::microseconds>)> done) const;

  // Requests as tasks (2025-11-25, experimental). A client keeps a task for `ttl` at most; nullopt:
  // as long as it likes.
  Task create_message_as_task(const CreateMessageRequest& request,
                              std::optional<std::chrono::milliseconds> ttl = {},
                              const CallOptions& options = {}) const;
  Task elicit_as_task(const ElicitRequest& request,
                      std::optional<std::chrono::milliseconds> ttl = {},
                      const CallOptions& options = {}) const;
  Task get_task(std::string_view task_id, const CallOptions& options = {}) const;
  std::vector<Task> list_tasks(const CallOptions& options = {}) const;
  Task cancel_task(std::string_view task_id, const CallOptions& options = {}) const;
  /// Waits for the result of a task: create_message_result_from_json() and
  /// elicit_result_from_json() read it.
  Json task_result(std::string_view task_id, const CallOptions& options = {}) const;

  /// Any request by its method: what the library has no function for.
  Json request(std::string_view method, Json params = Json::object(),
               const CallOptions& options = {}) const;
  PendingCall async_request(std::string_view method, Json params, const CallOptions& options,
                            std::function<void(Result<Json>)> done) const;

  /// Sends a log message, if it is severe enough for this client (`logging/setLevel`). Messages
  /// that come faster than they can be sent are dropped. Never put a secret into it.
  void log(LoggingLevel level, Json data, std::string logger = {}) const;
  /// Any notification by its method: what the library has no function for. Those that come faster
  /// than they can be sent are dropped.
  void notify(std::string_view method, Json params = Json::object()) const;
  /// The user has done at the URL of this elicitation what there was to do (since 2025-11-25).
  void notify_elicitation_complete(std::string_view elicitation_id) const;

  /// Ends the session from this side (T41). Does not wait.
  void disconnect() const;

  /// Whether both are handles to one session.
  friend bool operator==(const ConnectedClient& a, const ConnectedClient& b) {
    return a.impl_ == b.impl_;
  }

 private:
  std::shared_ptr<Impl> impl_;
  std::uint64_t origin_ = 0;
};

}  // namespace mcp_mqtt
