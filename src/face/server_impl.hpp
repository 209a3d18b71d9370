#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/server.hpp>

#include "face/connected_client_impl.hpp"
#include "face/server_relay.hpp"
#include "runtime/server_runtime.hpp"

namespace mcp_mqtt {

/// The life of a server: a runtime from start() to stop(), and what outlives it: what the program
/// offers, its callbacks, and the handles to clients.
class McpServer::Impl {
 public:
  explicit Impl(ServerOptions options);
  ~Impl();

  /// Leaves; `done` on the loop, or at once where it does not run.
  using Leave = std::function<void(runtime::ServerRuntime&, std::function<void()> done)>;

  void start(std::string_view url);
  void stop();
  void drain(std::chrono::milliseconds timeout);
  void reconnect_now();
  void leave(const Leave& leave, std::function<void()> done);
  /// Ends what runs, now, and waits for handlers and callbacks. Not in one of them.
  void release();
  /// Whether the caller is one of its handlers or callbacks, or its loop.
  bool on_own_thread() const;
  void run(std::string_view url);
  bool running() const;
  ServerInstance instance() const;
  std::vector<ConnectedClient> clients() const;
  std::optional<ConnectedClient> client(std::string_view client_id) const;

  /// Changes what the server offers, here and in the engine of a server that runs.
  Result<void> change(engine::FeatureList list,
                      const std::function<Result<void>(engine::Features&)>& change);
  engine::Features features() const;
  /// Puts these in place of what it offers, without waiting; clients hear that `list` changed.
  void adopt(engine::FeatureList list, const engine::Features& features);
  void log(LoggingMessage message);
  void resource_updated(const std::string& uri);

  struct Callbacks {
    std::function<void(const ConnectedClient&)> client_connected;
    std::function<void(const ClientInfo&, const Error&)> client_gone;
    std::function<void(const ConnectedClient&)> roots_changed;
    std::function<void(const ConnectedClient&, const Task&)> task_status;
    std::function<void(const ClientInfo&, const std::string&, bool)> subscription;
    ConnectionObserver connection;
  };
  Callbacks callbacks;

 private:
  enum class Phase { idle, running, over };

  std::shared_ptr<runtime::ServerRuntime> current() const;
  std::shared_ptr<runtime::ServerRuntime> prepare(std::string_view url);
  Result<void> begin(runtime::ServerRuntime& runtime);
  runtime::ServerRuntime::Setup setup(const mqtt::BrokerUrl& broker);
  engine::ServerConfig engine_config() const;
  void finish(runtime::ServerRuntime& runtime);
  void end(const Leave& leave);
  void on_stopped();
  static void retire(std::shared_ptr<runtime::ServerRuntime> runtime,
                     const std::shared_ptr<face::ServerGate>& gate);

  Result<Json> run_handler(runtime::HandlerRun run) const;
  std::shared_ptr<ConnectedClient::Impl> find_client(engine::SessionNumber session) const;
  void on_client_connected(const engine::ClientConnected& event);
  void on_client_gone(const engine::ClientGone& event);
  void set_up_relay(runtime::ServerRuntime::Setup& setup);
  /// Runs `work` with the relay as a callback. On the loop.
  template <class F>
  void in_relay(F work);
  /// Runs a callback of the program on a worker, after those before it. On the loop.
  template <class F>
  void call_back(F callback);

  ServerOptions options_;
  /// Null without a backend. Callbacks hold it: one that a runtime leaves behind ends there.
  std::shared_ptr<face::ServerRelay> relay_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::idle;
  std::optional<Error> gave_up_;
  ServerInstance instance_;
  engine::Features features_;
  std::map<engine::SessionNumber, std::shared_ptr<ConnectedClient::Impl>> clients_;
  std::shared_ptr<face::ServerGate> gate_;
  std::shared_ptr<runtime::ServerRuntime> runtime_;
};

}  // namespace mcp_mqtt
