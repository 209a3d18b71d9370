#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <mcp_mqtt/change_route.hpp>
#include <mcp_mqtt/connection_options.hpp>
#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/schema/completer.hpp>
#include <mcp_mqtt/schema/resource_reader.hpp>
#include <mcp_mqtt/schema/typed_prompt.hpp>
#include <mcp_mqtt/schema/typed_tool.hpp>
#include <mcp_mqtt/timeouts.hpp>

namespace mcp_mqtt {

/// What a server takes and keeps; docs/guides/limits.md says what happens beyond each.
struct ServerLimits {
  MessageLimits message = {};
  /// Clients at once; one more gets a busy error.
  std::size_t sessions = 10'000;
  /// Of these, clients whose handshake is not done; one more gets a busy error.
  std::size_t provisional_sessions = 2'500;
  /// Requests that one client may have under way; one more gets a busy error. Tasks count too, and
  /// so do handlers that still run for an earlier session of this client.
  std::size_t requests_per_session = 64;
  /// Requests under way in all; one more gets a busy error.
  std::size_t requests = 10'000;
  /// Messages to one client that wait for their turn at the broker. From half of it on its requests
  /// get a busy error; beyond it they get none.
  std::size_t queued_messages_per_session = 1'000;
  /// Bytes of one client's requests under way, and of the messages to it that wait. Beyond it a
  /// request gets a busy error, also in place of its answer. A single one fits whatever its size.
  std::size_t queued_bytes_per_session = 32U << 20;
  /// The same in all.
  std::size_t queued_bytes = 256U << 20;
  /// Resources that one client may watch, and the bytes of their URIs; one more gets a busy error.
  std::size_t subscriptions_per_session = 1'000;
  std::size_t subscription_bytes_per_session = 1U << 20;
  /// Log messages to one client: so many at once, and so many a second after that. What is beyond
  /// is left out, and the client is told how much. 0 a second: no bound.
  std::size_t log_burst = 1'000;
  std::size_t log_messages_per_second = 100;
  /// Requests of handlers to one client; one more fails as `busy`.
  std::size_t requests_to_client = 64;
  /// Tasks that one client may have, those that are over and not yet forgotten included.
  std::size_t tasks_per_session = 64;
};

/// What a server declares while it has none of it, because it will be added at run time. What it
/// has is declared anyway.
struct ServerOffers {
  bool tools = true;
  bool resources = false;
  bool prompts = false;
  /// Log messages to clients; false: none are sent, and `logging/setLevel` is refused.
  bool logging = true;
};

struct ServerOptions {
  /// The server-name: the service that clients look for, e.g. `desk/companion`. Instances of one
  /// service share it. A broker may prescribe another (`MCP-SERVER-NAME`, T5).
  std::string name;
  std::string version = "0.0.0";
  std::string title = {};  ///< For people.
  /// One sentence for those who choose among services; part of the presence.
  std::string description = {};
  std::string website_url = {};
  std::vector<Icon> icons = {};
  /// For the model: how to use this server.
  std::string instructions = {};
  /// The server-id: MQTT client id of this instance, unique at the broker, without `/`, `+`, `#`.
  /// Empty: one is made from the name and a random part.
  std::string server_id = {};
  /// The `meta` of the presence: an object, e.g. a location.
  Json meta = Json::object();
  ConnectionOptions connection = {};
  ServerLimits limits = {};
  ServerOffers offers = {};
  /// Entries of one page in every list; what is beyond comes with the next cursor.
  std::size_t page_size = 100;
  /// What a client hears of the log until it sets its own level.
  LoggingLevel log_level = LoggingLevel::info;
  /// `notifications/*/list_changed`.
  ChangeRoute list_changes = ChangeRoute::capability_topic;
  /// `notifications/resources/updated`, to those who subscribed.
  ChangeRoute resource_updates = ChangeRoute::per_session;
  /// How long a task is kept at most, from its creation on (2025-11-25).
  std::chrono::milliseconds max_task_ttl{std::chrono::hours(1)};
  /// Requests to clients.
  Timeouts timeouts = {};
  /// Whether the structured content of tools is checked against their output schemas; what does not
  /// fit becomes an error. Unset: in builds of the library without NDEBUG.
  std::optional<bool> check_structured_content = {};
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
  /// function of the arguments as Json (and RequestContext& where it wants it). The arguments are
  /// checked against the schema before it is called.
  template <class F>
  void add_tool(Tool tool, F function) {
    add_tool(raw_tool(std::move(tool), std::move(function)));
  }
  /// Also for a typed tool that needs more said: a title, annotations, icons, tasks.
  void add_tool(ToolDefinition tool);
  /// In place of the one of this name, if there is one.
  void replace_tool(ToolDefinition tool);
  /// Whether there was one. Calls under way go on.
  bool remove_tool(std::string_view name);

  /// Adds a resource: `content` is its fixed text, or a function that is called whenever it is
  /// read; see schema/resource_reader.hpp for what it takes and returns. Throws McpError for a URI
  /// that is taken or has no scheme, or without a name.
  template <class F>
  void add_resource(Resource resource, F content) {
    std::string mime_type = resource.mime_type;
    if constexpr (std::is_convertible_v<F, std::string_view>) {
      std::string text{std::string_view(content)};
      add_resource(ResourceDefinition{
          std::move(resource),
          schema::make_resource_handler([text = std::move(text)] { return text; }, mime_type)});
    } else {
      add_resource(ResourceDefinition{
          std::move(resource), schema::make_resource_handler(std::move(content), mime_type)});
    }
  }
  void add_resource(ResourceDefinition resource);
  void replace_resource(ResourceDefinition resource);
  /// Whether there was one. Reads under way go on; who subscribed stays subscribed.
  bool remove_resource(std::string_view uri);

  /// Adds a family of resources by an RFC 6570 template (levels 1 to 3); `function` is called for
  /// each URI that matches and that is no resource of its own. Throws McpError for a template that
  /// is taken or cannot be parsed.
  template <class F>
  void add_resource_template(ResourceTemplate resource_template, F function) {
    std::string mime_type = resource_template.mime_type;
    add_resource_template(ResourceTemplateDefinition{
        std::move(resource_template),
        schema::make_resource_handler(std::move(function), std::move(mime_type))});
  }
  void add_resource_template(ResourceTemplateDefinition resource_template);
  bool remove_resource_template(std::string_view uri_template);

  /// Tells the clients that subscribed to it. An update that was not sent yet when the next comes
  /// is told once.
  void notify_resource_updated(const std::string& uri);

  /// Adds a prompt; see typed_prompt() for the forms. Throws as add_tool() does.
  template <std::size_t n, class F>
  void add_prompt(std::string name, std::string description, const Arg (&args)[n], F function) {
    add_prompt(typed_prompt(std::move(name), description, args, std::move(function)));
  }
  template <class F>
  void add_prompt(std::string name, std::string description, const std::vector<Arg>& args,
                  F function) {
    add_prompt(typed_prompt(std::move(name), description, args, std::move(function)));
  }
  template <class F>
  void add_prompt(std::string name, std::string description, F function) {
    add_prompt(typed_prompt(std::move(name), description, std::move(function)));
  }
  void add_prompt(PromptDefinition prompt);
  void replace_prompt(PromptDefinition prompt);
  bool remove_prompt(std::string_view name);

  /// Completes an argument of a prompt; see schema::make_completer() for what `function` takes and
  /// returns. Without one, an argument with choices (an enum, one_of()) is completed with these.
  template <class F>
  void complete_prompt(std::string prompt, std::string argument, F function) {
    set_completer(PromptReference{std::move(prompt)}, std::move(argument),
                  schema::make_completer(std::move(function)));
  }
  /// Completes a variable of a resource template.
  template <class F>
  void complete_resource_template(std::string uri_template, std::string variable, F function) {
    set_completer(ResourceReference{std::move(uri_template)}, std::move(variable),
                  schema::make_completer(std::move(function)));
  }

  /// Sends a log message to every client for whose level it is severe enough. In a handler use
  /// RequestContext::log(), which tells its client alone. Never put a secret into it.
  void log(LoggingLevel level, Json data, std::string logger = {});

  // Callbacks run on a worker, one at a time and in order. Set them before start().
  /// A client finished its handshake, and one is gone.
  void on_client_connected(std::function<void(const ConnectedClient&)> callback);
  void on_client_gone(std::function<void(const ClientInfo&, const Error& reason)> callback);
  /// A client's roots changed: ask for them again.
  void on_roots_changed(std::function<void(const ConnectedClient&)> callback);
  /// A task that this server asked a client for moved on.
  void on_task_status(std::function<void(const ConnectedClient&, const Task&)> callback);
  /// A client began (`subscribed`) or stopped to watch a resource.
  void on_subscription(
      std::function<void(const ClientInfo&, const std::string& uri, bool subscribed)> callback);
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
  std::vector<ConnectedClient> clients() const;
  /// The one with this MQTT client id.
  std::optional<ConnectedClient> client(std::string_view client_id) const;

 private:
  void set_completer(std::variant<PromptReference, ResourceReference> reference,
                     std::string argument, Completer completer);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
