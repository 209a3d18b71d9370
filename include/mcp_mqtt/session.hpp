#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/call.hpp>
#include <mcp_mqtt/protocol/completion.hpp>
#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/prompt.hpp>
#include <mcp_mqtt/protocol/resource.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>
#include <mcp_mqtt/protocol/task.hpp>
#include <mcp_mqtt/protocol/tool.hpp>
#include <mcp_mqtt/resource_subscription.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/session_state.hpp>

namespace mcp_mqtt {

/// A session with one server instance. A copy is another handle to the same session; the session
/// ends with close(), with its server or with the client, not with a handle.
///
/// A session that was cut off is opened again as OpenOptions::reopen says, under the same handle,
/// with its subscriptions and its log level. Calls under way then end with `connection_lost` or
/// `server_gone`, but those that never left, or are idempotent, are sent again. Calls made
/// meanwhile wait; one whose timeout passes before the session is open ends as `not_connected`.
///
/// Any thread. The blocking calls throw McpError; they may be used in callbacks (a worker waits
/// then), not in a SelectionPolicy. The asynchronous calls never throw: each calls its callback
/// once, on a worker, with the result or the error.
///
/// What the server did not declare as a capability, or the session's revision lacks, fails as
/// `unsupported` and is not sent. Lists are walked over all their pages; a server whose pages never
/// end, or are beyond all measure, gives a `protocol_violation`.
class ClientSession {
 public:
  class Impl;

  /// No session: every call fails as `not_connected`.
  ClientSession() = default;
  explicit ClientSession(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  SessionState state() const;
  bool is_open() const { return state() == SessionState::open; }
  /// Why it is over; nullopt while it is open or being opened again.
  std::optional<Error> close_reason() const;

  // What the last handshake came to.
  ServerInstance instance() const;
  Implementation server_info() const;
  ServerCapabilities capabilities() const;
  std::string instructions() const;
  Revision revision() const;
  /// The MQTT client id that this session goes under.
  std::string client_id() const;

  // --- Tools
  std::vector<Tool> list_tools(const CallOptions& options = {}) const;
  PendingCall async_list_tools(const CallOptions& options,
                               std::function<void(Result<std::vector<Tool>>)> done) const;

  /// Calls a tool. A tool that fails gives a result with `is_error`; an error thrown or handed over
  /// means that there is no result.
  CallToolResult call_tool(std::string_view name, Json arguments = Json::object(),
                           const CallOptions& options = {}) const;
  PendingCall async_call_tool(std::string_view name, Json arguments, const CallOptions& options,
                              std::function<void(Result<CallToolResult>)> done) const;

  // --- Resources
  std::vector<Resource> list_resources(const CallOptions& options = {}) const;
  PendingCall async_list_resources(const CallOptions& options,
                                   std::function<void(Result<std::vector<Resource>>)> done) const;
  std::vector<ResourceTemplate> list_resource_templates(const CallOptions& options = {}) const;
  PendingCall async_list_resource_templates(
      const CallOptions& options,
      std::function<void(Result<std::vector<ResourceTemplate>>)> done) const;
  /// A resource that the server does not know is an `rpc` error, -32002.
  ReadResourceResult read_resource(std::string_view uri, const CallOptions& options = {}) const;
  PendingCall async_read_resource(std::string_view uri, const CallOptions& options,
                                  std::function<void(Result<ReadResourceResult>)> done) const;

  /// Subscribes to a resource: `on_update` is called on a worker, in order, as long as the
  /// subscription lives. Several subscriptions to one resource share one request to the server.
  /// Updates that come faster than they are told lose the ones in the middle.
  ResourceSubscription subscribe(std::string_view uri,
                                 std::function<void(const ResourceUpdated&)> on_update,
                                 const CallOptions& options = {}) const;
  PendingCall async_subscribe(std::string_view uri,
                              std::function<void(const ResourceUpdated&)> on_update,
                              const CallOptions& options,
                              std::function<void(Result<ResourceSubscription>)> done) const;

  // --- Prompts and completion
  std::vector<Prompt> list_prompts(const CallOptions& options = {}) const;
  PendingCall async_list_prompts(const CallOptions& options,
                                 std::function<void(Result<std::vector<Prompt>>)> done) const;
  GetPromptResult get_prompt(std::string_view name,
                             const std::map<std::string, std::string>& arguments = {},
                             const CallOptions& options = {}) const;
  PendingCall async_get_prompt(std::string_view name,
                               const std::map<std::string, std::string>& arguments,
                               const CallOptions& options,
                               std::function<void(Result<GetPromptResult>)> done) const;
  /// Values for an argument of a prompt or a variable of a resource template.
  Completion complete(const CompleteRequest& request, const CallOptions& options = {}) const;
  PendingCall async_complete(const CompleteRequest& request, const CallOptions& options,
                             std::function<void(Result<Completion>)> done) const;

  // --- Logging
  /// From now on the server sends log messages of this level and above (McpClient::on_log).
  void set_logging_level(LoggingLevel level, const CallOptions& options = {}) const;
  PendingCall async_set_logging_level(LoggingLevel level, const CallOptions& options,
                                      std::function<void(Result<void>)> done) const;

  // --- Tasks (2025-11-25, experimental)
  /// Calls a tool as a task: the answer comes at once, the result with task_result(). `ttl`: how
  /// long the server is asked to keep the task after its creation. Progress of the tool ends with
  /// the first answer; watch the task's status instead (McpClient::on_task_status, get_task()).
  Task call_tool_as_task(std::string_view name, Json arguments = Json::object(),
                         std::optional<std::chrono::milliseconds> ttl = {},
                         const CallOptions& options = {}) const;
  PendingCall async_call_tool_as_task(std::string_view name, Json arguments,
                                      std::optional<std::chrono::milliseconds> ttl,
                                      const CallOptions& options,
                                      std::function<void(Result<Task>)> done) const;
  Task get_task(std::string_view task_id, const CallOptions& options = {}) const;
  PendingCall async_get_task(std::string_view task_id, const CallOptions& options,
                             std::function<void(Result<Task>)> done) const;
  /// Waits until the task is over, as long as the options say.
  CallToolResult task_result(std::string_view task_id, const CallOptions& options = {}) const;
  PendingCall async_task_result(std::string_view task_id, const CallOptions& options,
                                std::function<void(Result<CallToolResult>)> done) const;
  std::vector<Task> list_tasks(const CallOptions& options = {}) const;
  PendingCall async_list_tasks(const CallOptions& options,
                               std::function<void(Result<std::vector<Task>>)> done) const;
  /// The task as it is after its cancellation.
  Task cancel_task(std::string_view task_id, const CallOptions& options = {}) const;
  PendingCall async_cancel_task(std::string_view task_id, const CallOptions& options,
                                std::function<void(Result<Task>)> done) const;

  // --- Anything
  /// Whether the server answers (T44): returns the round trip.
  std::chrono::microseconds ping(const CallOptions& options = {}) const;
  PendingCall async_ping(const CallOptions& options,
                         std::function<void(Result<std::chrono::microseconds>)> done) const;

  /// Any request by its method: what the library has no function for.
  Json request(std::string_view method, Json params = Json::object(),
               const CallOptions& options = {}) const;
  PendingCall async_request(std::string_view method, Json params, const CallOptions& options,
                            std::function<void(Result<Json>)> done) const;

  /// Any notification by its method: what the library has no function for. Does not wait; dropped
  /// where the session is not open.
  void notify(std::string_view method, Json params = Json::object()) const;

  /// Tells the server goodbye (T41); what is under way, and every later call, fails as `stopped`.
  /// Does not wait.
  void close() const;

  /// Whether both are handles to one session.
  friend bool operator==(const ClientSession& a, const ClientSession& b) {
    return a.impl_ == b.impl_;
  }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
