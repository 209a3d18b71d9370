#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/server_engine.hpp"
#include "runtime/connection.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/worker_pool.hpp"

namespace mcp_mqtt::runtime {

/// One run of a handler, as the face sees it.
struct HandlerRun {
  std::shared_ptr<const ToolDefinition> tool;
  Json arguments;
  ClientInfo client;
  std::stop_token stop;
  /// Any thread.
  std::function<void(const Progress&)> report_progress;
};

/// Runs a server engine: one connection, the loop, the workers. All work ends inside the
/// destructor, so that what is under way may refer to the runtime.
class ServerRuntime {
 public:
  using Completion = std::function<void(Result<void>)>;

  struct Setup {
    engine::ServerConfig config;
    ConnectionOptions connection;
    mqtt::BrokerUrl broker;
    std::size_t worker_threads = 4;
    std::chrono::milliseconds stop_timeout{5'000};
    /// Calls the handler and turns what it throws into errors. A worker or, for inline handlers,
    /// the loop.
    std::function<Result<CallToolResult>(HandlerRun)> run;
    // Called on a worker, in order.
    std::function<void(const ClientInfo&)> client_connected;
    std::function<void(const ClientInfo&, const Error&)> client_gone;
    ConnectionObserver connection_observer;
  };

  explicit ServerRuntime(Setup setup);
  ServerRuntime(const ServerRuntime&) = delete;
  ServerRuntime& operator=(const ServerRuntime&) = delete;
  /// From no thread of its own: waits for handlers that still run, and for nobody else.
  ~ServerRuntime();

  /// `done` on the loop: online, or the reason why not.
  void start(Completion done);
  /// Leaves the broker within the stop timeout; `done` on the loop. May be called again.
  void stop(std::function<void()> done);

  EventLoop& loop() noexcept { return loop_; }
  bool on_own_thread() { return loop_.on_loop() || workers_.on_worker(); }
  /// On the loop only.
  engine::ServerEngine& engine() noexcept { return engine_; }

 private:
  struct Run;

  void carry_out();
  void perform(engine::Subscribe& action);
  void perform(engine::Unsubscribe& action);
  void perform(engine::Publish& action);
  void perform(engine::RunTool& action);
  void perform(engine::CancelRun& action);
  void perform(engine::ClientConnected& action);
  void perform(engine::ClientGone& action);
  void perform(engine::ReconnectWithWill& action);
  void perform(engine::ServerOnline& action);
  void perform(engine::ServerRefused& action);
  void perform(engine::ServerLeft& action);
  mqtt::ConnectOptions connect_options() const;
  void finish(engine::CallNumber call, Result<CallToolResult> outcome);
  void settle_start(Result<void> outcome);
  void observe(ConnectionState state, const Error& error);
  void finish_stop();

  Setup setup_;
  engine::ServerEngine engine_;
  bool carrying_out_ = false;
  enum class Phase { idle, starting, running, stopping, stopped } phase_ = Phase::idle;
  Completion start_done_;
  std::vector<std::function<void()>> stop_done_;
  std::map<engine::CallNumber, std::shared_ptr<Run>> runs_;
  EventLoop loop_;
  std::shared_ptr<Connection> connection_;
  DeadlineTimer engine_timer_;
  DeadlineTimer start_timer_;
  DeadlineTimer stop_timer_;
  WorkerPool workers_;
};

}  // namespace mcp_mqtt::runtime
