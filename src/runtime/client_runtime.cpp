#include "runtime/client_runtime.hpp"

#include <random>
#include <utility>

#include "ground/logging.hpp"
#include "runtime/progress_queue.hpp"

namespace mcp_mqtt::runtime {
struct ClientRuntime::Run {
  std::stop_source stop;
  ProgressQueue progress;
};

ClientRuntime::ClientRuntime(Setup setup)
    : setup_(std::move(setup)),
      engine_(setup_.config, setup_.client_id, std::random_device{}()),
      engine_timer_(loop_,
                    [this] {
                      engine_.on_time(now());
                      carry_out();
                    }),
      stop_timer_(loop_,
                  [this] {
                    log::warning("the broker did not answer the goodbye in time");
                    finish_stop();
                  }),
      workers_(setup_.worker_threads) {}

ClientRuntime::~ClientRuntime() { shut_down(); }

void ClientRuntime::shut_down() {
  loop_.call([this] { finish_stop(); });
}

// --- Connections

mqtt::ConnectOptions ClientRuntime::connect_options(engine::ConnectionNumber number) const {
  mqtt::ConnectOptions options;
  options.broker = setup_.broker;
  options.client_id = engine_.client_id(number);
  options.will = engine_.will(number);
  options.user_properties = engine_.connect_properties();
  options.tls = setup_.connection.tls;
  options.keep_alive = setup_.connection.keep_alive;
  options.connect_timeout = setup_.connection.connect_timeout;
  options.max_queued_messages = setup_.connection.max_queued_messages;
  options.max_queued_bytes = setup_.connection.max_queued_bytes;
  return options;
}

std::shared_ptr<Connection> ClientRuntime::make_connection(engine::ConnectionNumber number) {
  Connection::Events events;
  events.options = [this, number] { return connect_options(number); };
  events.connected = [this, number](const mqtt::ConnectionInfo& info) {
    engine_.on_connected(number, info, now());
    if (number == 0) {
      observe(ConnectionState::connected, {});
      settle_start({});
    }
    carry_out();
  };
  events.message = [this, number](mqtt::Message message) {
    engine_.on_message(number, message, now());
    carry_out();
  };
  events.lost = [this, number](const Error& error) {
    engine_.on_connection_lost(number, error, now());
    if (number == 0) {
      observe(ConnectionState::lost, error);
    } else {
      // Only the first connection is kept up; this one's sessions are over.
      loop_.post([this, number] { drop_connection(number); });
    }
    carry_out();
  };
  events.gave_up = [this, number](const Error& error) { on_gave_up(number, error); };
  return std::make_shared<Connection>(loop_, transport_factory(setup_.connection, setup_.broker),
                                      setup_.connection.backoff, std::random_device{}(),
                                      std::move(events));
}

void ClientRuntime::drop_connection(engine::ConnectionNumber number) {
  const auto connection = connections_.extract(number);
  if (!connection.empty()) connection.mapped()->abandon();
}

void ClientRuntime::on_gave_up(engine::ConnectionNumber number, const Error& error) {
  if (number == 0) {
    settle_start(error);
    observe(ConnectionState::gave_up, error);
    engine_.on_gave_up(error, now());
    carry_out();
    return;
  }
  drop_connection(number);
  engine_.on_connect_failed(number, error, now());
  carry_out();
}

void ClientRuntime::start(std::function<void(Result<void>)> done) {
  loop_.post([this, done = std::move(done)]() mutable {
    if (phase_ != Phase::idle) {
      done(client_stopped());
      return;
    }
    phase_ = Phase::starting;
    start_done_ = std::move(done);
    connections_[0] = make_connection(0);
    connections_[0]->start();
  });
}

void ClientRuntime::settle_start(Result<void> outcome) {
  if (phase_ == Phase::starting && outcome) phase_ = Phase::running;
  if (auto done = std::exchange(start_done_, nullptr)) done(std::move(outcome));
}

void ClientRuntime::observe(ConnectionState state, const Error& error) {
  if (!setup_.connection_observer) return;
  tell_changes();
  workers_.post_callback([this, state, error] { setup_.connection_observer(state, error); });
}

void ClientRuntime::stop(std::function<void()> done) {
  loop_.post([this, done = std::move(done)]() mutable {
    if (phase_ == Phase::stopped) {
      done();
      return;
    }
    stop_done_.push_back(std::move(done));
    if (phase_ == Phase::stopping) return;
    phase_ = Phase::stopping;
    settle_start(client_stopped());
    stop_timer_.arm(now() + setup_.stop_timeout);
    engine_.leave(now());
    carry_out();
  });
}

void ClientRuntime::reconnect_now() {
  loop_.post([this] {
    const auto first = connections_.find(0);
    if (phase_ != Phase::running || first == connections_.end()) return;
    engine_.on_retry();
    first->second->reconnect_now();
  });
}

void ClientRuntime::finish_stop() {
  if (phase_ == Phase::stopped) return;
  if (phase_ != Phase::stopping) {
    engine_.leave(now());
    carry_out();
  }
  phase_ = Phase::stopped;
  tell_changes();
  settle_start(client_stopped());
  stop_timer_.cancel();
  engine_timer_.cancel();
  for (const auto& [number, connection] : connections_) connection->abandon();
  for (const auto& done : std::exchange(stop_done_, {})) done();
}

// --- Actions

void ClientRuntime::carry_out() {
  if (std::exchange(carrying_out_, true)) return;  // a completion asked for more: the loop below
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    for (auto& action : actions) {
      if (!std::holds_alternative<engine::InstanceChanged>(action)) tell_changes();
      std::visit([this](auto& one) { perform(one); }, action);
    }
  }
  carrying_out_ = false;
  if (phase_ != Phase::stopped) engine_timer_.arm(engine_.next_deadline());
}

void ClientRuntime::perform(engine::Subscribe& action) {
  const auto connection = connections_.find(action.connection);
  if (connection == connections_.end()) return;
  connection->second->subscribe(std::move(action.subscription),
                                [this, ticket = action.ticket](Result<void> outcome) {
                                  engine_.on_subscribed(ticket, outcome, now());
                                  carry_out();
                                });
}

void ClientRuntime::perform(engine::Unsubscribe& action) {
  const auto connection = connections_.find(action.connection);
  if (connection != connections_.end()) connection->second->unsubscribe(std::move(action.filter));
}

void ClientRuntime::perform(engine::Publish& action) {
  const auto connection = connections_.find(action.connection);
  if (connection == connections_.end()) return;
  connection->second->publish(std::move(action.message),
                              [this, ticket = action.ticket](Result<void> outcome) {
                                engine_.on_published(ticket, outcome, now());
                                carry_out();
                              });
}

void ClientRuntime::perform(engine::OpenConnection& action) {
  connections_[action.connection] = make_connection(action.connection);
  connections_[action.connection]->start();
}

void ClientRuntime::perform(engine::CloseConnection& action) {
  const auto connection = connections_.find(action.connection);
  if (connection == connections_.end()) return;
  connection->second->disconnect([this, number = action.connection] { drop_connection(number); });
}

void ClientRuntime::perform(engine::CompleteCall& action) {
  const auto call = calls_.extract(action.call);
  if (!call.empty()) call.mapped().done(std::move(action.result));
}

void ClientRuntime::perform(engine::CallProgressed& action) {
  const auto call = calls_.find(action.call);
  if (call != calls_.end()) call->second.on_progress(action.progress);
}

void ClientRuntime::perform(engine::SessionOpened& action) {
  OpenedSession opened{action.session, std::move(action.info)};
  if (action.call == 0) {
    if (setup_.session_opened_by_itself) setup_.session_opened_by_itself(std::move(opened));
    return;
  }
  const auto open = opens_.extract(action.call);
  if (!open.empty()) open.mapped()(std::move(opened));
}

void ClientRuntime::perform(engine::OpenFailed& action) {
  const auto open = opens_.extract(action.call);
  if (!open.empty()) open.mapped()(std::move(action.error));
}

void ClientRuntime::perform(engine::SessionSuspended& action) {
  if (setup_.session_suspended) setup_.session_suspended(action.session, action.reason);
}

void ClientRuntime::perform(engine::SessionReopened& action) {
  if (setup_.session_reopened) setup_.session_reopened({action.session, std::move(action.info)});
}

void ClientRuntime::perform(engine::SessionClosed& action) {
  if (setup_.session_closed) setup_.session_closed(action.session, action.reason);
}

void ClientRuntime::perform(engine::InstanceFound& action) {
  const auto wait = waits_.extract(action.call);
  if (!wait.empty()) wait.mapped()(std::move(action.instance));
}

void ClientRuntime::perform(engine::InstanceChanged& action) {
  changes_.push_back(std::move(action.change));
  if (changes_.size() == 1) loop_.post([this] { tell_changes(); });
}

void ClientRuntime::tell_changes() {
  if (changes_.empty()) return;
  auto changes = std::exchange(changes_, {});
  if (setup_.instances_changed) setup_.instances_changed(std::move(changes));
}

void ClientRuntime::perform(engine::RunRequest& action) {
  const auto run = std::make_shared<Run>();
  const engine::CallNumber call = action.call;
  runs_.emplace(call, run);
  ServerRequest request{call, action.session, std::move(action.ask), run->stop.get_token(), {}};
  request.report_progress = [this, call, run](const Progress& progress) {
    if (!run->progress.push(progress)) return;
    loop_.post([this, call, run] {
      for (const Progress& one : run->progress.take()) engine_.report_progress(call, one);
      if (phase_ != Phase::stopped) carry_out();
    });
  };
  if (std::holds_alternative<engine::UnreadRequest>(request.ask)) {
    workers_.post_callback(
        [this, request = std::move(request)]() mutable { setup_.hand_over(std::move(request)); });
    return;
  }
  workers_.post(action.session, [this, call, request = std::move(request)]() mutable {
    finish(call, setup_.answer(std::move(request)));
  });
}

void ClientRuntime::finish(engine::CallNumber call, Result<Json> outcome) {
  loop_.post([this, call, outcome = std::move(outcome)]() mutable {
    runs_.erase(call);
    engine_.answer(call, std::move(outcome), now());
    if (phase_ != Phase::stopped) carry_out();
  });
}

void ClientRuntime::perform(engine::CancelRun& action) {
  const auto run = runs_.find(action.call);
  if (run != runs_.end()) run->second->stop.request_stop();
}

void ClientRuntime::perform(engine::ServerTold& action) {
  if (setup_.server_told) setup_.server_told(action.session, std::move(action.notice));
}

void ClientRuntime::perform(engine::ResourceChanged& action) {
  for (const engine::SubscriptionNumber number : action.subscriptions) {
    const auto hearer = updates_.find(number);
    if (hearer != updates_.end()) hearer->second(action.uri, action.renewed);
  }
}

void ClientRuntime::perform(engine::ClientLeft&) {
  if (phase_ != Phase::stopping) return;
  auto waiting = std::make_shared<std::size_t>(connections_.size());
  if (*waiting == 0) {
    finish_stop();
    return;
  }
  for (const auto& [number, connection] : connections_) {
    connection->disconnect([this, waiting] {
      if (--*waiting == 0) finish_stop();
    });
  }
}

}  // namespace mcp_mqtt::runtime
