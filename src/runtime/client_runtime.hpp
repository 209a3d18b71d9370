#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/client_engine.hpp"
#include "runtime/connection.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/requester.hpp"
#include "runtime/worker_pool.hpp"

namespace mcp_mqtt::runtime {

inline Error client_stopped() { return {ErrorKind::stopped, 0, "the client was stopped", nullptr}; }

struct OpenedSession {
  engine::SessionNumber number = 0;
  engine::SessionInfo info;
};

/// One request of a server, as the face sees it.
struct ServerRequest {
  engine::CallNumber call = 0;
  engine::SessionNumber session = 0;
  engine::HostRequest ask;
  std::stop_token stop;
  /// Any thread.
  std::function<void(const Progress&)> report_progress;
};

/// Hears of a resource; `renewed`: the subscription began anew.
using OnUpdate = std::function<void(const std::string& uri, bool renewed)>;

/// A subscription to a resource.
struct SubscribeSetup {
  engine::SessionNumber session = 0;
  std::string uri;
  engine::RequestTiming timing;
  OnUpdate on_update;  // on the loop
};

/// Runs a client engine: its connections, the loop, the workers. All work ends inside the
/// destructor, so that what is under way may refer to the runtime. Completions are called on the
/// loop, exactly once, at the latest by stop().
class ClientRuntime final : public Requester {
 public:
  struct Setup {
    engine::ClientConfig config;
    std::string client_id;
    ConnectionOptions connection;
    mqtt::BrokerUrl broker;
    std::size_t worker_threads = 2;
    std::chrono::milliseconds stop_timeout{5'000};
    // Called on the loop.
    /// What came at once, at once: a client may hear of thousands of servers in one go.
    std::function<void(std::vector<engine::InstanceChange>)> instances_changed;
    std::function<void(OpenedSession)> session_opened_by_itself;
    std::function<void(engine::SessionNumber, const Error&)> session_suspended;
    std::function<void(OpenedSession)> session_reopened;
    std::function<void(engine::SessionNumber, const Error&)> session_closed;
    std::function<void(engine::SessionNumber, engine::HostNotice)> server_told;
    /// Calls the host's handler for a request of a server. On a worker.
    std::function<Result<Json>(ServerRequest)> answer;
    /// Hands over a request that the host reads by itself and answers with finish(). On a worker,
    /// in order.
    std::function<void(ServerRequest)> hand_over;
    // Called on a worker, in order.
    ConnectionObserver connection_observer;
  };

  explicit ClientRuntime(Setup setup);
  ClientRuntime(const ClientRuntime&) = delete;
  ClientRuntime& operator=(const ClientRuntime&) = delete;
  /// From no thread of its own.
  ~ClientRuntime();

  void start(std::function<void(Result<void>)> done);
  void stop(std::function<void()> done);
  /// Does not wait any longer for the next attempt to connect.
  void reconnect_now();
  /// Ends everything now, without goodbye: every completion has been called when it returns.
  void shut_down();

  // Any thread. Each returns the token that cancel() takes.
  engine::CallToken request(RequestSetup request, std::function<void(Result<Json>)> done) override;
  /// `done` has the subscription's number.
  engine::CallToken subscribe(SubscribeSetup subscription,
                              std::function<void(Result<engine::SubscriptionNumber>)> done);
  void unsubscribe(engine::SubscriptionNumber subscription);
  void notify(engine::SessionNumber session, std::string method, Json params);
  void notify_roots_changed();
  /// What a request of a server came to; once for each.
  void finish(engine::CallNumber call, Result<Json> outcome);
  engine::CallToken discover(std::string filter, std::function<void(Result<void>)> done);
  engine::CallToken wait_for_instance(std::string filter, engine::Duration timeout,
                                      std::function<void(Result<ServerInstance>)> done);
  engine::CallToken open(engine::OpenRequest request,
                         std::function<void(Result<OpenedSession>)> done);
  void cancel(engine::CallToken call, std::string reason) override;
  void close(engine::SessionNumber session);

  EventLoop& loop() noexcept override { return loop_; }
  WorkerPool& workers() noexcept override { return workers_; }
  /// On the loop only.
  const engine::ClientEngine& engine() const noexcept { return engine_; }

 private:
  struct Call {
    engine::SessionNumber session = 0;
    std::function<void(Result<Json>)> done;
    std::function<void(const Progress&)> on_progress;
  };

  struct Run;

  std::shared_ptr<Connection> make_connection(engine::ConnectionNumber number);
  mqtt::ConnectOptions connect_options(engine::ConnectionNumber number) const;
  void carry_out();
  void perform(engine::Subscribe& action);
  void perform(engine::Unsubscribe& action);
  void perform(engine::Publish& action);
  void perform(engine::OpenConnection& action);
  void perform(engine::CloseConnection& action);
  void perform(engine::CompleteCall& action);
  void perform(engine::CallProgressed& action);
  void perform(engine::SessionOpened& action);
  void perform(engine::OpenFailed& action);
  void perform(engine::SessionSuspended& action);
  void perform(engine::SessionReopened& action);
  void perform(engine::SessionClosed& action);
  void perform(engine::InstanceFound& action);
  void perform(engine::InstanceChanged& action);
  void perform(engine::RunRequest& action);
  void perform(engine::CancelRun& action);
  void perform(engine::ServerTold& action);
  void perform(engine::ResourceChanged& action);
  void perform(engine::ClientLeft& action);
  void tell_changes();
  void drop_connection(engine::ConnectionNumber number);
  void on_gave_up(engine::ConnectionNumber number, const Error& error);
  void settle_start(Result<void> outcome);
  void observe(ConnectionState state, const Error& error);
  void finish_stop();
  /// Runs `work` on the loop, or `refuse` where the client was stopped.
  void submit(std::function<void()> work, std::function<void(Error)> refuse);

  Setup setup_;
  engine::ClientEngine engine_;
  bool carrying_out_ = false;
  enum class Phase { idle, starting, running, stopping, stopped } phase_ = Phase::idle;
  std::function<void(Result<void>)> start_done_;
  std::vector<std::function<void()>> stop_done_;
  std::atomic<engine::CallToken> last_call_{0};
  std::atomic<std::size_t> requests_waiting_{0};
  std::map<engine::CallToken, Call> calls_;
  std::map<engine::CallToken, std::function<void(Result<OpenedSession>)>> opens_;
  std::map<engine::CallToken, std::function<void(Result<ServerInstance>)>> waits_;
  std::map<engine::SubscriptionNumber, OnUpdate> updates_;
  /// To be told in the loop's next turn, or before anything else is.
  std::vector<engine::InstanceChange> changes_;
  std::map<engine::CallNumber, std::shared_ptr<Run>> runs_;
  EventLoop loop_;
  std::map<engine::ConnectionNumber, std::shared_ptr<Connection>> connections_;
  DeadlineTimer engine_timer_;
  DeadlineTimer stop_timer_;
  WorkerPool workers_;
};

}  // namespace mcp_mqtt::runtime
