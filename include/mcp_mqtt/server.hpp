#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <mcp_mqtt/connection_options.hpp>
#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/schema/typed_tool.hpp>

namespace mcp_mqtt {

struct ServerLimits {
  MessageLimits message = {};
  /// Clients at once; one more gets a busy error.
  std::size_t sessions = 10'000;
  /// Requests that one client may have under way; one more gets a busy error.
  std::size_t requests_per_session = 64;
};

struct ServerOptions {
  /// The server-name: the service that clients look for, e.g. `desk/companion`. Instances of one
  /// service share it. A broker may prescribe another (`MCP-SERVER-NAME`, T5).
  std::string name;
  std::string version = "0.0.0";
  std::string title = {};  ///< For people.
  /// One sentence for those who choose among services; part of the presence.
  std::string description = {};
  /// For the model: how to use this server.
  std::string instructions = {};
  /// The server-id: MQTT client id of this instance, unique at the broker, without `/`, `+`, `#`.
  /// Empty: one is made from the name and a random part.
  std::string server_id = {};
  /// The `meta` of the presence: an object, e.g. a location.
  Json meta = Json::object();
  ConnectionOptions connection = {};
  ServerLimits limits = {};
  /// Threads that run handlers and callbacks.
  std::size_t worker_threads = 4;
  /// How long stop() lets the broker take for the goodbye.
  std::chrono::milliseconds stop_timeout{5'000};
};

/// An MCP server on an MQTT broker: one instance of a service.
///
/// All functions may be called from any thread, from handlers and callbacks too, except that a
/// server is not destroyed in one of its own handlers or callbacks: the destructor waits for
/// handlers that run, but for no peer and no broker.
class McpServer {
 public:
  /// Throws McpError (`invalid_argument`) for a name, id, meta or option that cannot be used.
  explicit McpServer(ServerOptions options);
  McpServer(const McpServer&) = delete;
  McpServer& operator=(const McpServer&) = delete;
  ~McpServer();

  /// Adds a tool; see typed_tool() for the forms. Throws std::invalid_argument where the
  /// description of the arguments does not fit the function, McpError for a name that is taken or
  /// not allowed. Clients see it with their next tools/list.
  template <std::size_t n, class F>
  void add_tool(std::string name, std::string description, const Arg (&args)[n], F function) {
    add_tool(typed_tool(std::move(name), std::move(description), args, std::move(function)));
  }
  template <class F>
  void add_tool(std::string name, std::string description, const std::vector<Arg>& args,
                F function) {
    add_tool(typed_tool(std::move(name), std::move(description), args, std::move(function)));
  }
  template <class F>
  void add_tool(std::string name, std::string description, F function) {
    add_tool(typed_tool(std::move(name), std::move(description), std::move(function)));
  }
  /// The raw form, for tools known only at run time: a description with its own schema, and a
  /// function of the arguments as Json (and RequestContext& where it wants it). The library passes
  /// the arguments on unchecked.
  template <class F>
  void add_tool(Tool tool, F function) {
    if constexpr (std::is_invocable_v<F&, const Json&, RequestContext&>) {
      add_tool(ToolDefinition{
          std::move(tool),
          [function = std::move(function)](const Json& arguments, RequestContext& context) mutable {
            return schema::make_tool_result(function(arguments, context));
          }});
    } else {
      add_tool(ToolDefinition{std::move(tool), [function = std::move(function)](
                                                   const Json& arguments, RequestContext&) mutable {
                                return schema::make_tool_result(function(arguments));
                              }});
    }
  }
  void add_tool(ToolDefinition tool);
  /// Whether there was one. Calls under way go on.
  bool remove_tool(std::string_view name);

  /// Told when a client finished its handshake, and when it is gone. Called on a worker, in order.
  /// Set before start().
  void on_client_connected(std::function<void(const ClientInfo&)> callback);
  void on_client_gone(std::function<void(const ClientInfo&, const Error& reason)> callback);
  void on_connection(ConnectionObserver callback);

  /// Connects, subscribes and announces the server; returns when clients can find it. Afterwards a
  /// lost connection is tried again by itself. Throws McpError with the reason.
  void start(std::string_view broker_url);
  /// Says goodbye to every client, clears the presence and disconnects. Does nothing where the
  /// server does not run. Waits at most for the stop timeout; in a handler or callback it does not
  /// wait.
  void stop();
  /// start(), then waits until stop() is called, SIGINT or SIGTERM arrives, or the connection is
  /// given up, which throws McpError. Takes the two signals over while it runs.
  void run(std::string_view broker_url);
  bool running() const;

  /// The names in force: known from the constructor on, final when start() returns.
  std::string name() const;
  std::string server_id() const;
  /// Those whose handshake is done.
  std::vector<ClientInfo> clients() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
