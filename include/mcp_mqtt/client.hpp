#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/client_context.hpp>
#include <mcp_mqtt/client_event.hpp>
#include <mcp_mqtt/connection_options.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/peer_request.hpp>
#include <mcp_mqtt/protocol/elicitation.hpp>
#include <mcp_mqtt/protocol/root.hpp>
#include <mcp_mqtt/protocol/sampling.hpp>
#include <mcp_mqtt/protocol/server_instance.hpp>
#include <mcp_mqtt/selection.hpp>
#include <mcp_mqtt/session.hpp>
#include <mcp_mqtt/timeouts.hpp>

namespace mcp_mqtt {

/// What a client takes and keeps; docs/guides/limits.md says what happens beyond each.
struct ClientLimits {
  MessageLimits message = {};
  /// Server instances that the registry holds; what is announced beyond is ignored.
  std::size_t instances = 100'000;
  /// Of the presence of one instance; a larger one is ignored.
  std::size_t presence_bytes = 64U << 10;
  /// Of all presences together; what is announced beyond is ignored.
  std::size_t presence_bytes_in_all = 64U << 20;
  /// How many messages the broker queues for one client before it drops the rest (mosquitto's and
  /// EMQX's default), beside those that it sends at once. A discovery that brings about as many is
  /// reported as cut short. 0: no discovery is.
  std::size_t broker_queue = 1'000;
  /// Requests under way in one session; one more fails as `busy`.
  std::size_t requests_per_session = 1'024;
  /// Requests under way in all sessions, those that wait for their session to open again included;
  /// one more fails as `busy`.
  std::size_t requests = 100'000;
  /// Requests of one server that are being answered at a time; one more is answered as busy.
  std::size_t server_requests_per_session = 64;
  /// Requests of all servers that are being answered at a time; one more is answered as busy.
  std::size_t server_requests = 1'024;
};

/// What a client's sampling can do, as it declares (since 2025-11-25).
struct SamplingOptions {
  bool tools = false;    ///< The model may be given tools.
  bool context = false;  ///< `includeContext` is understood.
};

/// How a client can elicit.
struct ElicitationOptions {
  bool form = true;
  bool url = false;  ///< Since 2025-11-25.
};

struct ClientOptions {
  std::string name;
  std::string version = "0.0.0";
  std::string title = {};
  std::string description = {};
  std::string website_url = {};
  std::vector<Icon> icons = {};
  /// The MQTT client id, unique at the broker, without `/`, `+`, `#`. Empty: one is made from the
  /// name and a random part. Where a second initialization with a server instance needs another id
  /// (T30), the tail of this one is replaced.
  std::string client_id = {};
  /// Never use another client id than `client_id`, for brokers whose ACL knows only that one. A
  /// session with an instance that already had one under this id may then not open with all
  /// servers.
  bool fixed_client_id = false;
  /// `MCP-META` of CONNECT: an object.
  Json meta = Json::object();
  ConnectionOptions connection = {};
  /// How requests, answers and notifications of sessions are sent, and how they are subscribed to:
  /// each side chooses for what it sends, and a subscription lowers what it gets. What finds peers
  /// and begins sessions goes at least once. At QoS 0 a message that a broken connection or a full
  /// queue of the broker drops costs its call the timeout.
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  /// What to look for from the start: MQTT filters over server-names, e.g. `#`. open() and
  /// wait_for_server() look for what they need by themselves.
  std::vector<std::string> filters = {};
  /// Open a session to every service that is found, and again when its instance goes and another
  /// is there; on_connected() hands it over.
  bool open_every_service = false;
  /// Chooses among instances; empty: select_random().
  SelectionPolicy select = {};
  /// The revision to ask for; the server may answer with another one.
  Revision revision = latest_revision;
  Timeouts timeouts = {};
  /// Servers may make tasks of their requests (2025-11-25, experimental): sampling and elicitation
  /// are then answered at once, and their results wait here until they are fetched.
  bool tasks = false;
  ClientLimits limits = {};
  /// Threads that run callbacks, one at a time, and handlers, side by side. A handler that waits
  /// for a person holds one of them meanwhile.
  std::size_t worker_threads = 4;
  /// How long stop() lets the broker take for the goodbye.
  std::chrono::milliseconds stop_timeout{5'000};
};

struct OpenOptions {
  /// For everything: until an instance is found, chosen and initialized.
  std::chrono::milliseconds timeout{60'000};
  /// For the handshake with one instance, instead of the client's default. When it passes, the
  /// next instance is tried.
  std::optional<std::chrono::milliseconds> initialize_timeout = {};
  /// This instance only.
  std::string server_id = {};
  SelectionPolicy select = {};
  std::optional<Revision> revision = {};
  /// Whether the session is opened again when it was cut off.
  Reopen reopen = Reopen::after_connection_loss;
  /// How long that may take, before the session is closed for good; without: as long as the client
  /// is connected or tries to be.
  std::optional<std::chrono::milliseconds> reopen_timeout = {};
  /// Pings the server when it has said nothing for so long (T44). One that does not answer within
  /// Timeouts::ping is gone for this session, and left alone for a while.
  std::optional<std::chrono::milliseconds> health_check = {};
};

/// An MCP client on an MQTT broker: finds servers and opens sessions with them, many over one
/// connection.
///
/// All functions may be called from any thread, from callbacks too, except that a client is not
/// destroyed in one of its own callbacks. Blocking calls throw McpError. The destructor waits for
/// callbacks that run, but for no peer and no broker; it ends every session.
class McpClient {
 public:
  /// Throws McpError (`invalid_argument`) for an id, filter or option that cannot be used.
  explicit McpClient(ClientOptions options);
  McpClient(const McpClient&) = delete;
  McpClient& operator=(const McpClient&) = delete;
  ~McpClient();

  // Callbacks run on a worker, one at a time and in order. Set them before connect().
  /// An instance came online, or its presence changed.
  void on_server_discovered(std::function<void(const ServerInstance&)> callback);
  void on_server_changed(std::function<void(const ServerInstance&)> callback);
  void on_server_gone(std::function<void(const ServerInstance&)> callback);
  /// A session opened, by open() or by itself, and one that had opened is over for good.
  void on_connected(std::function<void(ClientSession)> callback);
  void on_disconnected(std::function<void(ClientSession, const Error& reason)> callback);
  void on_connection(ConnectionObserver callback);
  /// All of it in one: what happens to the connection and to sessions, those that are opened again
  /// included.
  void on_state(std::function<void(const ClientEvent&)> callback);

  // What servers tell. A server that tells faster than a callback takes it loses the oldest.
  /// Log messages; ClientSession::set_logging_level() says from which level on.
  void on_log(std::function<void(ClientSession, const LoggingMessage&)> callback);
  /// A list changed: the host may list again. Told once, whichever way the server tells it (T40).
  void on_tools_changed(std::function<void(ClientSession)> callback);
  void on_resources_changed(std::function<void(ClientSession)> callback);
  void on_prompts_changed(std::function<void(ClientSession)> callback);
  /// A task of ClientSession::call_tool_as_task() has another status.
  void on_task_status(std::function<void(ClientSession, const Task&)> callback);
  /// The user has done what an elicitation by URL asked for.
  void on_elicitation_complete(
      std::function<void(ClientSession, const std::string& elicitation_id)> callback);

  // What servers may ask. A handler runs on a worker, side by side with others, and declares its
  // capability: set it before connect(). What it throws becomes the error -32603 with its message;
  // an McpError of kind `rpc` keeps its code.
  /// The roots that servers may work in; declares `roots`. May be called again at any time: then
  /// servers hear that they changed. Throws McpError (`invalid_argument`) where the client is
  /// connected and had no roots before.
  void set_roots(std::vector<Root> roots);
  /// Instead: the roots as they are when a server asks.
  void on_list_roots(std::function<std::vector<Root>(ClientRequestContext&)> handler);
  /// Tells servers that the roots of on_list_roots() changed.
  void notify_roots_changed();
  /// Lets a model answer (`sampling/createMessage`).
  void on_sampling(
      std::function<CreateMessageResult(const CreateMessageRequest&, ClientRequestContext&)>
          handler,
      const SamplingOptions& options = {});
  /// Asks the user (`elicitation/create`). Fields that the handler leaves out get their default; a
  /// form that does not fit its schema is not sent: the server gets -32603, the log the reason.
  void on_elicitation(
      std::function<ElicitResult(const ElicitRequest&, ClientRequestContext&)> handler,
      const ElicitationOptions& options = {});

  // For programs that stand between hosts and servers. Set them before connect().
  /// Every request of a server but `ping`, as it came, in place of the handlers above; it is called
  /// as callbacks are, and may answer later. `capabilities`: what the client declares, an object,
  /// as it is. Throws McpError (`invalid_argument`) where it is none.
  void on_request(std::function<void(ClientSession, PeerRequest)> handler, Json capabilities);
  /// Every notification of a server as it came, in place of the callbacks above, except those that
  /// the session itself is made of, updates of resources (ClientSession::subscribe()), and progress
  /// and cancellation, which arrive at the request that they are about.
  void on_notification(
      std::function<void(ClientSession, const std::string& method, const Json& params)> callback);

  /// Connects to the broker. Afterwards a lost connection is tried again by itself, servers are
  /// discovered again, and sessions opened again (OpenOptions::reopen).
  void connect(std::string_view broker_url);
  /// Tries a lost connection again at once instead of after its pause, for instance when the
  /// network came back; also one that was given up. Does nothing while it is connected. Does not
  /// wait.
  void reconnect_now();
  /// Says goodbye to every server and disconnects; what is under way fails as `stopped`. Waits at
  /// most for the stop timeout; in a callback it does not wait.
  void stop();

  /// Looks for services that match an MQTT filter over server-names, and waits until none has been
  /// announced for `settle`: MQTT does not say when the last retained message has come. The result
  /// is what is online then.
  std::vector<ServerInstance> discover(
      const std::string& server_name_filter = "#",
      std::chrono::milliseconds settle = std::chrono::milliseconds(300));
  /// Whether the broker seems to have cut a discovery short: about as many servers were found as it
  /// delivers to one client (ClientLimits::broker_queue), so there may be more. The log warns, too.
  /// Narrower filters help, or a longer queue at the broker (mosquitto: `max_queued_messages`).
  bool discovery_cut_short() const;
  /// What is online now, by name and id.
  std::vector<ServerInstance> servers(const std::string& server_name_filter = "#") const;
  /// Waits until an instance that matches is online. `server_gone` after the timeout.
  ServerInstance wait_for_server(const std::string& server_name_filter,
                                 std::chrono::milliseconds timeout = std::chrono::seconds(30));

  /// Opens a session: finds the service by name or filter, chooses an instance, initializes. An
  /// instance that does not answer is left alone for a while and another one tried.
  ClientSession open(const std::string& server_name_or_filter, const OpenOptions& options = {});
  PendingCall async_open(const std::string& server_name_or_filter, const OpenOptions& options,
                         std::function<void(Result<ClientSession>)> done);
  /// The sessions that are open.
  std::vector<ClientSession> sessions() const;

  /// The MQTT client id of the first connection, as it is now.
  std::string client_id() const;
  /// Set where the broker prescribes the filters (`MCP-SERVER-NAME-FILTERS`, T5).
  std::optional<std::vector<std::string>> granted_filters() const;
  /// Set where the broker named this client's roles (`MCP-RBAC`, T5).
  std::optional<std::vector<RoleGrant>> roles() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
