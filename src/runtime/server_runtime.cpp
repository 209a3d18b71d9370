#include "runtime/server_runtime.hpp"

#include <utility>

#include "ground/logging.hpp"
#include "runtime/progress_queue.hpp"

namespace mcp_mqtt::runtime {
namespace {

/// Messages to clients that may wait for the loop.
constexpr std::size_t max_messages_waiting = 10'000;

}  // namespace

struct ServerRuntime::Run {
  std::stop_source stop;
  ProgressQueue progress;
};

ServerRuntime::ServerRuntime(Setup setup)
    : setup_(std::move(setup)),
      engine_(setup_.config),
      engine_timer_(loop_,
                    [this] {
                      engine_.on_time(now());
                      carry_out();
                    }),
      start_timer_(loop_,
                   [this] {
                     settle_start(Error{ErrorKind::timeout, 0,
                                        "the broker did not take the server's registration in time",
                                        nullptr});
                   }),
      stop_timer_(loop_,
                  [this] {
                    log::warning("the broker did not answer the goodbye in time");
                    finish_stop();
                  }),
      workers_(setup_.worker_threads) {}

ServerRuntime::~ServerRuntime() { shut_down(); }

void ServerRuntime::shut_down() {
  loop_.call([this] {
    finish_stop();
    for (auto& [call, run] : runs_) run->stop.request_stop();
  });
}

mqtt::ConnectOptions ServerRuntime::connect_options() const {
  mqtt::ConnectOptions options;
  options.broker = setup_.broker;
  options.client_id = engine_.instance().server_id;
  options.will = engine_.will();
  options.user_properties = engine_.connect_properties();
  options.tls = setup_.connection.tls;
  options.keep_alive = setup_.connection.keep_alive;
  options.connect_timeout = setup_.connection.connect_timeout;
  options.max_queued_messages = setup_.connection.max_queued_messages;
  options.max_queued_bytes = setup_.connection.max_queued_bytes;
  return options;
}

void ServerRuntime::start(Completion done) {
  loop_.post([this, done = std::move(done)]() mutable {
    if (phase_ != Phase::idle) {
      done(server_stopped());
      return;
    }
    phase_ = Phase::starting;
    start_done_ = std::move(done);
    Connection::Events events;
    events.options = [this] { return connect_options(); };
    events.connected = [this](const mqtt::ConnectionInfo& info) {
      engine_.on_connected(info, now());
      carry_out();
    };
    events.message = [this](mqtt::Message message) {
      engine_.on_message(message, now());
      carry_out();
    };
    events.lost = [this](const Error& error) {
      engine_.on_connection_lost(error);
      carry_out();
      observe(ConnectionState::lost, error);
    };
    events.gave_up = [this](const Error& error) {
      settle_start(error);
      observe(ConnectionState::gave_up, error);
    };
    connection_ = std::make_shared<Connection>(
        loop_, transport_factory(setup_.connection, setup_.broker), setup_.connection.backoff,
        std::random_device{}(), std::move(events));
    if (!setup_.connection.backoff.retry_first) {
      start_timer_.arm(now() + 2 * setup_.connection.connect_timeout);
    }
    connection_->start();
  });
}

void ServerRuntime::settle_start(Result<void> outcome) {
  start_timer_.cancel();
  if (phase_ == Phase::starting && outcome) phase_ = Phase::running;
  if (auto done = std::exchange(start_done_, nullptr)) done(std::move(outcome));
}

void ServerRuntime::observe(ConnectionState state, const Error& error) {
  if (!setup_.connection_observer) return;
  workers_.post_callback([this, state, error] { setup_.connection_observer(state, error); });
}

void ServerRuntime::stop(std::function<void()> done) {
  loop_.post([this, done = std::move(done)]() mutable {
    if (phase_ == Phase::stopped) {
      done();
      return;
    }
    stop_done_.push_back(std::move(done));
    if (phase_ == Phase::stopping) return;
    phase_ = Phase::stopping;
    settle_start(server_stopped());
    if (!connection_) {
      finish_stop();
      return;
    }
    stop_timer_.arm(now() + setup_.stop_timeout);
    engine_.leave();
    carry_out();
  });
}

void ServerRuntime::drain(engine::Duration timeout, std::function<void()> done) {
  loop_.post([this, timeout, done = std::move(done)]() mutable {
    if (phase_ != Phase::running) {
      // Not there yet, or leaving already.
      if (phase_ != Phase::draining) return stop(std::move(done));
      stop_done_.push_back(std::move(done));
      return;
    }
    phase_ = Phase::draining;
    stop_done_.push_back(std::move(done));
    stop_timer_.arm(engine::after(now(), timeout + setup_.stop_timeout));
    engine_.drain(timeout, now());
    carry_out();
  });
}

void ServerRuntime::reconnect_now() {
  loop_.post([this] {
    if (phase_ == Phase::running && connection_) connection_->reconnect_now();
  });
}

void ServerRuntime::finish_stop() {
  if (phase_ == Phase::stopped) return;
  phase_ = Phase::stopped;
  settle_start(server_stopped());
  stop_timer_.cancel();
  engine_timer_.cancel();
  if (connection_) connection_->abandon();
  for (auto& [token, call] : std::exchange(calls_, {})) call.done(server_stopped());
  for (const auto& done : std::exchange(stop_done_, {})) done();
}

// --- What the face asks for

engine::CallToken ServerRuntime::request(RequestSetup request,
                                         std::function<void(Result<Json>)> done) {
  const engine::CallToken token = ++last_call_;
  loop_.post([this, token, request = std::move(request), done = std::move(done)]() mutable {
    if (phase_ == Phase::stopping || phase_ == Phase::stopped) {
      done(server_stopped());
      return;
    }
    const bool wants_progress = static_cast<bool>(request.on_progress);
    calls_.emplace(token, Call{request.session, std::move(done), std::move(request.on_progress)});
    engine_.ask(request.session, token, std::move(request.method), std::move(request.params),
                request.timing, wants_progress, request.origin, now());
    carry_out();
  });
  return token;
}

void ServerRuntime::cancel(engine::CallToken token, std::string reason) {
  loop_.post([this, token, reason = std::move(reason)] {
    const auto call = calls_.find(token);
    if (call == calls_.end()) return;
    engine_.cancel_ask(call->second.session, token, reason, now());
    carry_out();
  });
}

void ServerRuntime::post_message(std::function<void()> work) {
  if (messages_waiting_.fetch_add(1) >= max_messages_waiting) {
    --messages_waiting_;
    if (!warned_full_.exchange(true)) {
      log::warning("messages to clients are dropped: {} wait already", max_messages_waiting);
    }
    return;
  }
  loop_.post([this, work = std::move(work)] {
    if (--messages_waiting_ < max_messages_waiting / 2) warned_full_ = false;
    work();
    carry_out();
  });
}

void ServerRuntime::log(engine::SessionNumber session, LoggingMessage message,
                        engine::CallNumber origin) {
  post_message([this, session, message = std::move(message), origin] {
    engine_.log(session, message, origin, now());
  });
}

void ServerRuntime::log_to_all(LoggingMessage message) {
  post_message([this, message = std::move(message)] { engine_.log_to_all(message, now()); });
}

void ServerRuntime::notify(engine::SessionNumber session, std::string method, Json params,
                           engine::CallNumber origin) {
  post_message([this, session, method = std::move(method), params = std::move(params), origin] {
    engine_.notify(session, method, params, origin);
  });
}

void ServerRuntime::disconnect(engine::SessionNumber session) {
  loop_.post([this, session] {
    engine_.disconnect(session);
    carry_out();
  });
}

void ServerRuntime::resource_updated(const std::string& uri) {
  {
    const std::lock_guard lock(updates_mutex_);
    const bool first = updates_.empty();
    updates_.insert(uri);
    if (!first) return;  // somebody comes for all of them
  }
  loop_.post([this] {
    std::set<std::string> updates;
    {
      const std::lock_guard lock(updates_mutex_);
      updates.swap(updates_);
    }
    for (const std::string& updated : updates) engine_.resource_updated(updated);
    carry_out();
  });
}

Result<void> ServerRuntime::change(engine::FeatureList list,
                                   const std::function<Result<void>(engine::Features&)>& change) {
  return loop_.call([&] {
    auto changed = engine_.change(list, change);
    carry_out();
    return changed;
  });
}

void ServerRuntime::post_change(engine::FeatureList list,
                                std::function<Result<void>(engine::Features&)> change) {
  loop_.post([this, list, change = std::move(change)] {
    static_cast<void>(engine_.change(list, change));
    carry_out();
  });
}

// --- Actions

void ServerRuntime::carry_out() {
  if (std::exchange(carrying_out_, true))
    return;  // an inline handler finished: the loop below goes on
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    for (auto& action : actions) {
      if (phase_ != Phase::stopped) std::visit([this](auto& one) { perform(one); }, action);
    }
  }
  carrying_out_ = false;
  if (phase_ != Phase::stopped) engine_timer_.arm(engine_.next_deadline());
}

void ServerRuntime::perform(engine::Subscribe& action) {
  connection_->subscribe(std::move(action.subscription),
                         [this, ticket = action.ticket](Result<void> outcome) {
                           engine_.on_subscribed(ticket, outcome, now());
                           carry_out();
                         });
}

void ServerRuntime::perform(engine::Unsubscribe& action) {
  connection_->unsubscribe(std::move(action.filter));
}

void ServerRuntime::perform(engine::Publish& action) {
  connection_->publish(std::move(action.message),
                       [this, ticket = action.ticket](Result<void> outcome) {
                         engine_.on_published(ticket, outcome, now());
                         carry_out();
                       });
}

void ServerRuntime::perform(engine::RunHandler& action) {
  auto run = std::make_shared<Run>();
  runs_.emplace(action.call, run);
  const engine::CallNumber call = action.call;
  const engine::SessionNumber session = action.session;
  HandlerRun handler{std::move(action), run->stop.get_token(), {}};
  handler.report_progress = [this, run = std::weak_ptr(run), call](const Progress& progress) {
    const auto alive = run.lock();
    if (!alive || !alive->progress.push(progress)) return;
    loop_.post([this, alive, call] {
      for (const Progress& one : alive->progress.take()) engine_.report_progress(call, one);
      carry_out();
    });
  };
  if (!handler.action.params.is_null()) {
    setup_.relay(std::move(handler));
    return;
  }
  if (handler.action.run_inline) {
    finish(call, setup_.run(std::move(handler)));
    return;
  }
  workers_.post(session, [this, call, handler = std::move(handler)]() mutable {
    if (handler.stop.stop_requested()) {
      // Cancelled before it began: the handler never runs.
      loop_.post([this, call] {
        finish(call, rpc_error(error_code::internal_error, "cancelled before it began"));
      });
      return;
    }
    auto outcome = setup_.run(std::move(handler));
    finish_later(call, std::move(outcome));
  });
}

void ServerRuntime::finish_later(engine::CallNumber call, Result<Json> outcome) {
  loop_.run_or_post(
      [this, call, outcome = std::move(outcome)]() mutable { finish(call, std::move(outcome)); });
}

void ServerRuntime::finish(engine::CallNumber call, Result<Json> outcome) {
  const auto run = runs_.extract(call);
  if (!run.empty()) {
    // Progress that the handler reported comes before its answer.
    for (const Progress& one : run.mapped()->progress.take()) engine_.report_progress(call, one);
  }
  engine_.finish(call, std::move(outcome), now());
  carry_out();
}

void ServerRuntime::perform(engine::CancelRun& action) {
  // Here and not on a worker: all of them may be busy with handlers that wait for this.
  const auto run = runs_.find(action.call);
  if (run != runs_.end()) run->second->stop.request_stop();
}

void ServerRuntime::perform(engine::CompleteCall& action) {
  const auto call = calls_.extract(action.call);
  if (!call.empty()) call.mapped().done(std::move(action.result));
}

void ServerRuntime::perform(engine::CallProgressed& action) {
  const auto call = calls_.find(action.call);
  if (call != calls_.end()) call->second.on_progress(action.progress);
}

void ServerRuntime::perform(engine::ClientConnected& action) { setup_.client_connected(action); }
void ServerRuntime::perform(engine::HandshakeDropped& action) { setup_.handshake_dropped(action); }
void ServerRuntime::perform(engine::ClientGone& action) { setup_.client_gone(action); }
void ServerRuntime::perform(engine::ClientTold& action) { setup_.client_told(action); }
void ServerRuntime::perform(engine::ClientRootsChanged& action) { setup_.roots_changed(action); }
void ServerRuntime::perform(engine::ClientTaskStatus& action) { setup_.task_status(action); }
void ServerRuntime::perform(engine::SubscriptionChanged& action) {
  setup_.subscription_changed(action);
}

void ServerRuntime::perform(engine::ReconnectWithWill&) { connection_->reconnect(); }

void ServerRuntime::perform(engine::ServerOnline&) {
  observe(ConnectionState::connected, {});
  settle_start({});
}

void ServerRuntime::perform(engine::ServerRefused& action) {
  log::error("this server cannot serve: {}", action.error.message);
  observe(ConnectionState::gave_up, action.error);
  settle_start(action.error);
}

void ServerRuntime::perform(engine::ServerLeft&) {
  connection_->disconnect([this] { finish_stop(); });
}

}  // namespace mcp_mqtt::runtime
