#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/change_route.hpp>
#include <mcp_mqtt/connection_options.hpp>
#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/server_backend.hpp>
#include <mcp_mqtt/server_features.hpp>
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
  /// Bytes of the results of one client's tasks that wait to be fetched, and of all together. A
  /// task whose result does not fit fails, unless somebody waits for the result already.
  std::size_t task_result_bytes_per_session = 32U << 20;
  std::size_t task_result_bytes = 256U << 20;
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
  /// How requests, answers and notifications of sessions are sent, and how they are subscribed to:
  /// each side chooses for what it sends, and a subscription lowers what it gets. What finds peers
  /// and begins sessions goes at least once. At QoS 0 a message that a broken connection or a full
  /// queue of the broker drops costs its call the timeout.
  mqtt::Qos qos = mqtt::Qos::at_least_once;
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
  /// Answers the clients in place of what is registered with the server, which nobody sees then;
  /// `offers`, `instructions` and the words about the server go unused but for the presence.
  std::shared_ptr<ServerBackend> backend = {};
  /// Threads that run handlers and callbacks.
  std::size_t worker_threads = 4;
  /// How long stop() lets the broker take for the goodbye.
  std::chrono::milliseconds stop_timeout{5'000};
};

/// An MCP server on an MQTT broker: one instance of a service. ServerFeatures says what it offers.
///
/// All functions may be called from any thread, from handlers and callbacks too, except that a
/// server is not destroyed in one of its own handlers or callbacks: the destructor waits for
/// handlers that run, but for no peer and no broker.
class McpServer : public ServerFeatures {
 public:
  /// Throws McpError (`invalid_argument`) for a name, id, meta or option that cannot be used.
  explicit McpServer(ServerOptions options);
  McpServer(const McpServer&) = delete;
  McpServer& operator=(const McpServer&) = delete;
  ~McpServer() override;

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
  /// As stop(), without harm to who calls: the presence is cleared first, so that no new session
  /// begins, and a client that comes all the same gets a busy error and tries another instance.
  /// Requests under way are answered, those that take longer than `timeout` cancelled; then each
  /// client is told goodbye. Clients of this library begin no further requests meanwhile; others
  /// may end their sessions as soon as the presence is cleared (T43). Waits at most for `timeout`
  /// and the stop timeout; in a handler or callback it does not wait. stop() cuts it short.
  void drain(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  /// Tries a lost connection again at once instead of after its pause, for instance when the
  /// network came back; also one that was given up. Does nothing while it is connected. Does not
  /// wait.
  void reconnect_now();
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
  friend class McpServerPool;

  Result<void> change(engine::FeatureList list, const FeatureChange& change) override;
  void tell_resource_updated(const std::string& uri) override;
  void tell_log(const LoggingMessage& message) override;

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
