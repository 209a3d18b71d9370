#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/call.hpp>
#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>
#include <mcp_mqtt/protocol/tool.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// A session with one server instance. A copy is another handle to the same session; the session
/// ends with close(), with its server, with the connection, or with the client, not with a handle.
///
/// Any thread. The blocking calls throw McpError; they may be used in callbacks (a worker waits
/// then), not in a SelectionPolicy. The asynchronous calls never throw: each calls its callback
/// once, on a worker, with the result or the error.
class ClientSession {
 public:
  class Impl;

  /// No session: every call fails as `not_connected`.
  ClientSession() = default;
  explicit ClientSession(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  bool is_open() const;
  /// Why it is over; nullopt while it is open.
  std::optional<Error> close_reason() const;

  const ServerInstance& instance() const;
  const Implementation& server_info() const;
  const ServerCapabilities& capabilities() const;
  const std::string& instructions() const;
  Revision revision() const;
  /// The MQTT client id that this session goes under.
  const std::string& client_id() const;

  /// All tools of the server; pages are walked, at most 1,000 of them.
  std::vector<Tool> list_tools(const CallOptions& options = {}) const;
  PendingCall async_list_tools(const CallOptions& options,
                               std::function<void(Result<std::vector<Tool>>)> done) const;

  /// Calls a tool. A tool that fails gives a result with `is_error`; an error thrown or handed over
  /// means that there is no result.
  CallToolResult call_tool(std::string_view name, Json arguments = Json::object(),
                           const CallOptions& options = {}) const;
  PendingCall async_call_tool(std::string_view name, Json arguments, const CallOptions& options,
                              std::function<void(Result<CallToolResult>)> done) const;

  /// Whether the server answers (T44): returns the round trip.
  std::chrono::microseconds ping(const CallOptions& options = {}) const;
  PendingCall async_ping(const CallOptions& options,
                         std::function<void(Result<std::chrono::microseconds>)> done) const;

  /// Any request by its method: what the library has no function for.
  Json request(std::string_view method, Json params = Json::object(),
               const CallOptions& options = {}) const;
  PendingCall async_request(std::string_view method, Json params, const CallOptions& options,
                            std::function<void(Result<Json>)> done) const;

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
