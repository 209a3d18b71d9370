#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/server_engine.hpp"
#include "runtime/connection.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/requester.hpp"
#include "runtime/worker_pool.hpp"

namespace mcp_mqtt::runtime {

inline Error server_stopped() { return {ErrorKind::stopped, 0, "the server was stopped", nullptr}; }

/// One run of a handler, as the face sees it.
struct HandlerRun {
  engine::RunHandler action;
  std::stop_token stop;
  /// Any thread.
  std::function<void(const Progress&)> report_progress;
};

/// Runs a server engine: one connection, the loop, the workers. All work ends inside the
/// destructor, so that what is under way may refer to the runtime.
class ServerRuntime final : public Requester {
 public:
  using Completion = std::function<void(Result<void>)>;

  struct Setup {
    engine::ServerConfig config;
    ConnectionOptions connection;
    mqtt::BrokerUrl broker;
    std::size_t worker_threads = 4;
    std::chrono::milliseconds stop_timeout{5'000};
    /// Makes the handler's context and runs its work. A worker or, for inline handlers, the loop.
    std::function<Result<Json>(HandlerRun)> run;
    /// Hands over what the backend answers, with finish_later(). Called on the loop.
    std::function<void(HandlerRun)> relay;
    // Called on the loop.
    std::function<void(const engine::ClientConnected&)> client_connected;
    std::function<void(const engine::HandshakeDropped&)> handshake_dropped;
    std::function<void(const engine::ClientGone&)> client_gone;
    std::function<void(const engine::ClientTold&)> client_told;
    std::function<void(const engine::ClientRootsChanged&)> roots_changed;
    std::function<void(const engine::ClientTaskStatus&)> task_status;
    std::function<void(const engine::SubscriptionChanged&)> subscription_changed;
    // Called on a worker, in order.
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
  /// Takes no new sessions, lets running requests finish for `timeout` at most, then as stop().
  void drain(engine::Duration timeout, std::function<void()> done);
  /// Does not wait any longer for the next attempt to connect.
  void reconnect_now();

  /// Ends everything now, without goodbye: every completion has been called when it returns.
  void shut_down();

  // Any thread.
  engine::CallToken request(RequestSetup request, std::function<void(Result<Json>)> done) override;
  void cancel(engine::CallToken call, std::string reason) override;
  // Messages to clients. What comes faster than the loop takes it is dropped.
  // `origin`: the handler run that tells it; 0: none.
  void log(engine::SessionNumber session, LoggingMessage message, engine::CallNumber origin);
  void log_to_all(LoggingMessage message);
  void notify(engine::SessionNumber session, std::string method, Json params,
              engine::CallNumber origin);
  void disconnect(engine::SessionNumber session);
  /// What a request for the backend came to; once for each.
  void finish_later(engine::CallNumber call, Result<Json> outcome);
  /// Nothing is dropped: what was told of already and not sent yet is told once.
  void resource_updated(const std::string& uri);
  /// Waits for the loop.
  Result<void> change(engine::FeatureList list,
                      const std::function<Result<void>(engine::Features&)>& change);

  /// A change that cannot fail. Does not wait.
  void post_change(engine::FeatureList list, std::function<Result<void>(engine::Features&)> change);

  EventLoop& loop() noexcept override { return loop_; }
  WorkerPool& workers() noexcept override { return workers_; }
  /// On the loop only.
  engine::ServerEngine& engine() noexcept { return engine_; }

 private:
  struct Run;

  void carry_out();
  void perform(engine::Subscribe& action);
  void perform(engine::Unsubscribe& action);
  void perform(engine::Publish& action);
  void perform(engine::RunHandler& action);
  void perform(engine::CancelRun& action);
  void perform(engine::CompleteCall& action);
  void perform(engine::CallProgressed& action);
  void perform(engine::ClientConnected& action);
  void perform(engine::HandshakeDropped& action);
  void perform(engine::ClientGone& action);
  void perform(engine::ClientTold& action);
  void perform(engine::ClientRootsChanged& action);
  void perform(engine::ClientTaskStatus& action);
  void perform(engine::SubscriptionChanged& action);
  void perform(engine::ReconnectWithWill& action);
  void perform(engine::ServerOnline& action);
  void perform(engine::ServerRefused& action);
  void perform(engine::ServerLeft& action);
  mqtt::ConnectOptions connect_options() const;
  void finish(engine::CallNumber call, Result<Json> outcome);
  /// Posts what a message to clients needs, unless too many wait already.
  void post_message(std::function<void()> work);
  void settle_start(Result<void> outcome);
  void observe(ConnectionState state, const Error& error);
  void finish_stop();

  Setup setup_;
  engine::ServerEngine engine_;
  bool carrying_out_ = false;
  enum class Phase { idle, starting, running, draining, stopping, stopped } phase_ = Phase::idle;
  Completion start_done_;
  std::vector<std::function<void()>> stop_done_;
  std::map<engine::CallNumber, std::shared_ptr<Run>> runs_;
  struct Call {
    engine::SessionNumber session = 0;
    std::function<void(Result<Json>)> done;
    std::function<void(const Progress&)> on_progress;
  };
  std::map<engine::CallToken, Call> calls_;
  std::atomic<engine::CallToken> last_call_{0};
  std::atomic<std::size_t> messages_waiting_{0};
  std::atomic<bool> warned_full_{false};
  std::mutex updates_mutex_;
  std::set<std::string> updates_;  // resources to tell of
  EventLoop loop_;
  std::shared_ptr<Connection> connection_;
  DeadlineTimer engine_timer_;
  DeadlineTimer start_timer_;
  DeadlineTimer stop_timer_;
  WorkerPool workers_;
};

}  // namespace mcp_mqtt::runtime
