#pragma once

#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <mcp_mqtt/client.hpp>

#include "face/broker_setup.hpp"
#include "face/calls.hpp"
#include "face/client_handlers.hpp"
#include "face/client_ids.hpp"
#include "face/client_notices.hpp"
#include "face/session_impl.hpp"
#include "ground/run_guarded.hpp"
#include "runtime/client_runtime.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt {

/// A client: its options, callbacks and handlers, and while it is connected its runtime.
class McpClient::Impl {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Impl(ClientOptions options) : options_(std::move(options)) {
    using face::require;
    require(!options_.name.empty(), "a client needs a name");
    if (options_.client_id.empty()) options_.client_id = face::make_client_id(options_.name);
    require(wire::check_client_id(options_.client_id));
    for (const std::string& filter : options_.filters) {
      require(wire::check_server_name_filter(filter));
    }
    require(options_.meta.is_object(), "the meta of a client must be a JSON object");
    require(options_.worker_threads > 0, "a client needs at least one worker thread");
    require(options_.connection.max_queued_messages > 0,
            "a connection needs room for at least one message");
    if (!options_.select) options_.select = select_random();
  }

  ~Impl() { release(); }

  void connect(std::string_view url) {
    const auto broker = face::broker_of(url, options_.connection);
    {
      const std::lock_guard lock(mutex_);
      if (connected_) {
        throw McpError(
            {ErrorKind::invalid_argument, 0, "the client is connected already", nullptr});
      }
      if (runtime_ && runtime_->on_own_thread()) {
        throw McpError({ErrorKind::invalid_argument, 0,
                        "a client cannot connect again in its own callback", nullptr});
      }
    }
    release();
    auto runtime = std::make_unique<runtime::ClientRuntime>(setup(broker));
    {
      const std::lock_guard lock(mutex_);
      runtime_ = std::move(runtime);
      gate_ = std::make_shared<face::ClientGate>(*runtime_, client_gone());
      connected_ = true;
    }
    try {
      face::wait<void>(*gate_, [&](auto done) { runtime_->start(std::move(done)); });
      for (const std::string& filter : options_.filters) {
        face::wait<void>(*gate_, [&](auto done) { runtime_->discover(filter, std::move(done)); });
      }
    } catch (...) {
      release();
      throw;
    }
  }

  void stop() {
    const auto gate = current_gate();
    if (!gate) return;
    auto stopped = std::make_shared<std::promise<void>>();
    bool wait = true;
    if (!gate->pass([&](runtime::ClientRuntime& runtime) {
          wait = !runtime.on_own_thread();
          runtime.stop([stopped] { stopped->set_value(); });
        })) {
      return;
    }
    if (wait) stopped->get_future().wait();
    const std::lock_guard lock(mutex_);
    connected_ = false;
  }

  void reconnect_now() {
    const auto gate = current_gate();
    if (gate) gate->pass([](runtime::ClientRuntime& runtime) { runtime.reconnect_now(); });
  }

  std::vector<ServerInstance> discover(const std::string& filter,
                                       std::chrono::milliseconds settle) {
    const auto gate = require_gate();
    face::wait<void>(*gate, [&](auto done) {
      if (!gate->pass([&](runtime::ClientRuntime& runtime) { runtime.discover(filter, done); })) {
        done(gate->when_gone());
      }
    });
    const auto began = Clock::now();
    // Presence that goes on changing is not waited out.
    const auto latest = began + 20 * settle;
    while (true) {
      const auto until = std::min(std::max(began, last_change()) + settle, latest);
      if (Clock::now() >= until) break;
      // Nothing wakes it earlier: what comes meanwhile only makes it longer.
      std::this_thread::sleep_until(until);
    }
    return servers(filter);
  }

  std::vector<ServerInstance> servers(const std::string& filter) const {
    face::require(wire::check_server_name_filter(filter));
    return ask<std::vector<ServerInstance>>([&](const engine::ClientEngine& engine) {
      return engine.discovery().registry().instances(filter);
    });
  }

  ServerInstance wait_for_server(const std::string& filter, std::chrono::milliseconds timeout) {
    const auto gate = require_gate();
    return face::wait<ServerInstance>(*gate, [&](auto done) {
      if (!gate->pass([&](runtime::ClientRuntime& runtime) {
            runtime.wait_for_instance(filter, timeout, done);
          })) {
        done(gate->when_gone());
      }
    });
  }

  /// `done` on the loop.
  PendingCall open(const std::string& filter, const OpenOptions& options,
                   const std::shared_ptr<face::ClientGate>& gate,
                   std::function<void(Result<ClientSession>)> done) {
    engine::OpenRequest request;
    request.server_name_filter = filter;
    if (!options.server_id.empty()) request.server_id = options.server_id;
    request.select = options.select ? options.select : options_.select;
    request.timeout = options.timeout;
    request.initialize_timeout = options.initialize_timeout.value_or(options_.timeouts.initialize);
    request.revision = options.revision.value_or(options_.revision);
    request.reopen = options.reopen;
    request.reopen_timeout = options.reopen_timeout;
    request.health_check = options.health_check;
    engine::CallToken token = 0;
    const bool there = gate->pass([&](runtime::ClientRuntime& runtime) {
      token = runtime.open(std::move(request), [this, done](Result<runtime::OpenedSession> opened) {
        if (opened) {
          done(adopt(*std::move(opened)));
        } else {
          done(std::move(opened).error());
        }
      });
    });
    if (!there) {
      done(gate->when_gone());
      return {};
    }
    return PendingCall([weak = std::weak_ptr(gate), token](std::string reason) {
      if (const auto alive = weak.lock()) {
        alive->pass(
            [&](runtime::ClientRuntime& runtime) { runtime.cancel(token, std::move(reason)); });
      }
    });
  }

  std::vector<ClientSession> sessions() const {
    std::vector<ClientSession> sessions;
    const std::lock_guard lock(mutex_);
    for (const auto& [number, session] : sessions_) sessions.emplace_back(session);
    return sessions;
  }

  /// Looks something up in the engine, on its thread.
  template <class T, class F>
  T ask(F&& look) const {
    const auto gate = require_gate();
    auto answer = std::make_shared<std::promise<T>>();
    auto future = answer->get_future();
    const bool there = gate->pass([&](runtime::ClientRuntime& runtime) {
      if (runtime.loop().on_loop()) {
        answer->set_value(look(runtime.engine()));
      } else {
        runtime.loop().post(
            [&runtime, &look, answer] { answer->set_value(look(runtime.engine())); });
      }
    });
    if (!there) throw McpError(gate->when_gone());
    return future.get();
  }

  std::shared_ptr<face::ClientGate> current_gate() const {
    const std::lock_guard lock(mutex_);
    return gate_;
  }

  std::shared_ptr<face::ClientGate> require_gate() const {
    auto gate = current_gate();
    if (!gate) throw McpError(not_connected());
    return gate;
  }

  /// Roots that were there at connect() may change later.
  void set_roots(std::vector<Root> roots) {
    {
      const std::lock_guard lock(mutex_);
      if (connected_ && !declared_.roots) {
        throw McpError({ErrorKind::invalid_argument, 0,
                        "the client has connected without roots: set them before", nullptr});
      }
    }
    if (handlers_.set_roots(std::move(roots))) notify_roots_changed();
  }

  void notify_roots_changed() const {
    if (const auto gate = current_gate()) {
      gate->pass([](runtime::ClientRuntime& runtime) { runtime.notify_roots_changed(); });
    }
  }

  static Error not_connected() {
    return {ErrorKind::not_connected, 0, "the client is not connected: call connect() first",
            nullptr};
  }

  ClientOptions options_;
  face::ClientHandlers handlers_;
  face::ClientNotices notices_;
  std::function<void(const ServerInstance&)> discovered_callback_;
  std::function<void(const ServerInstance&)> changed_callback_;
  std::function<void(const ServerInstance&)> gone_callback_;
  std::function<void(ClientSession)> connected_callback_;
  std::function<void(ClientSession, const Error&)> disconnected_callback_;
  ConnectionObserver connection_observer_;
  std::function<void(const ClientEvent&)> state_callback_;

 private:
  static Error client_gone() {
    return {ErrorKind::stopped, 0, "the client of this session is gone", nullptr};
  }

  /// A session that opened: from now on there are handles to it.
  ClientSession adopt(runtime::OpenedSession opened) {
    const engine::SessionNumber number = opened.number;
    const auto gate = current_gate();
    auto impl = std::make_shared<ClientSession::Impl>(gate, std::move(opened), options_.timeouts);
    {
      const std::lock_guard lock(mutex_);
      sessions_[number] = impl;
    }
    if (connected_callback_) {
      face::call_back(*gate, [this, impl] { connected_callback_(ClientSession(impl)); });
    }
    tell_state(gate, {ClientEvent::Kind::session_opened, ClientSession(impl), {}});
    return ClientSession(impl);
  }

  void on_session_suspended(engine::SessionNumber number, const Error& reason) {
    const auto impl = session_of(number);
    if (!impl) return;
    impl->mark_suspended();
    tell_state(impl->client_gate(),
               {ClientEvent::Kind::session_suspended, ClientSession(impl), reason});
  }

  void on_session_reopened(runtime::OpenedSession opened) {
    const auto impl = session_of(opened.number);
    if (!impl) return;
    impl->mark_reopened(std::move(opened.info));
    tell_state(impl->client_gate(), {ClientEvent::Kind::session_reopened, ClientSession(impl), {}});
  }

  void tell_state(const std::shared_ptr<face::ClientGate>& gate, ClientEvent event) {
    if (!state_callback_) return;
    face::call_back(*gate, [this, event = std::move(event)] { state_callback_(event); });
  }

  /// On a worker.
  void on_connection_state(ConnectionState state, const Error& error) const {
    if (connection_observer_) connection_observer_(state, error);
    if (!state_callback_) return;
    using Kind = ClientEvent::Kind;
    const Kind kind = state == ConnectionState::connected ? Kind::connected
                      : state == ConnectionState::lost    ? Kind::connection_lost
                                                          : Kind::gave_up;
    state_callback_({kind, {}, error});
  }

  void on_session_closed(engine::SessionNumber number, const Error& reason) {
    std::shared_ptr<ClientSession::Impl> impl;
    {
      const std::lock_guard lock(mutex_);
      auto node = sessions_.extract(number);
      if (node.empty()) return;
      impl = std::move(node.mapped());
    }
    impl->mark_closed(reason);
    if (disconnected_callback_) {
      face::call_back(*impl->gate(), [this, impl, reason] {
        disconnected_callback_(ClientSession(impl), reason);
      });
    }
    tell_state(impl->client_gate(),
               {ClientEvent::Kind::session_closed, ClientSession(impl), reason});
  }

  std::shared_ptr<ClientSession::Impl> session_of(engine::SessionNumber number) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(number);
    return found == sessions_.end() ? nullptr : found->second;
  }

  void on_server_told(engine::SessionNumber number, engine::HostNotice notice) {
    if (const auto session = session_of(number)) notices_.tell(session, std::move(notice));
  }

  /// On a worker.
  void hand_over(runtime::ServerRequest request) const {
    const auto session = session_of(request.session);
    auto& ask = std::get<engine::UnreadRequest>(request.ask);
    const auto gate = current_gate();
    PeerRequest peer_request(std::move(ask.method), std::move(ask.params), std::move(request.stop),
                             [gate, call = request.call](Result<Json> outcome) {
                               gate->pass([&](runtime::ClientRuntime& runtime) {
                                 runtime.finish(call, std::move(outcome));
                               });
                             });
    if (session) handlers_.hand_over(ClientSession(session), std::move(peer_request));
  }

  Result<Json> answer(runtime::ServerRequest request) const {
    const auto session = session_of(request.session);
    if (!session) return Error{ErrorKind::server_gone, 0, "the session is over", nullptr};
    ClientRequestContext context(ClientSession(session), std::move(request.stop),
                                 std::move(request.report_progress));
    return handlers_.answer(request.ask, context);
  }

  Clock::time_point last_change() const {
    const std::lock_guard lock(mutex_);
    return last_change_;
  }

  void on_instances_changed(std::vector<engine::InstanceChange> changes) {
    {
      const std::lock_guard lock(mutex_);
      last_change_ = Clock::now();
    }
    if (!discovered_callback_ && !changed_callback_ && !gone_callback_) return;
    face::call_back(*current_gate(), [this, changes = std::move(changes)] {
      for (const engine::InstanceChange& change : changes) {
        run_guarded("a callback", [&] { tell_change(change); });
      }
    });
  }

  void tell_change(const engine::InstanceChange& change) const {
    using Kind = engine::InstanceChange::Kind;
    const auto& callback = change.kind == Kind::online    ? discovered_callback_
                           : change.kind == Kind::changed ? changed_callback_
                                                          : gone_callback_;
    if (callback) callback(change.instance);
  }

  runtime::ClientRuntime::Setup setup(const mqtt::BrokerUrl& broker) {
    runtime::ClientRuntime::Setup setup;
    setup.config.implementation = {options_.name,        options_.version,     options_.title,
                                   options_.description, options_.website_url, options_.icons};
    setup.config.capabilities = declared_ = handlers_.capabilities(options_.tasks);
    setup.config.unread_requests = handlers_.unread();
    setup.config.unread_notices = notices_.unread.is_set();
    setup.config.connect_meta = options_.meta;
    setup.config.connect_meta.emplace("version", options_.version);
    setup.config.connect_meta.emplace("implementation", "mcp_mqtt");
    setup.config.message_limits = options_.limits.message;
    setup.config.qos = options_.qos;
    setup.config.max_instances = options_.limits.instances;
    setup.config.max_presence_bytes = options_.limits.presence_bytes;
    setup.config.max_presence_bytes_in_all = options_.limits.presence_bytes_in_all;
    setup.config.broker_queue = options_.limits.broker_queue;
    setup.config.max_runs = options_.limits.server_requests;
    setup.config.max_requests = options_.limits.requests;
    setup.config.max_requests_per_session = options_.limits.requests_per_session;
    setup.config.max_runs_per_session = options_.limits.server_requests_per_session;
    setup.config.task_limits.wall_time_at_zero =
        std::chrono::system_clock::now() -
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            engine::TimePoint::clock::now().time_since_epoch());
    setup.config.subscribe_timeout = options_.timeouts.resources_subscribe;
    setup.config.set_level_timeout = options_.timeouts.logging_set_level;
    setup.config.ping_timeout = options_.timeouts.ping;
    setup.config.open_every_service = options_.open_every_service;
    setup.config.select = options_.select;
    setup.config.fixed_client_id = options_.fixed_client_id;
    setup.config.initialize_timeout = options_.timeouts.initialize;
    setup.client_id = options_.client_id;
    setup.connection = options_.connection;
    setup.broker = broker;
    setup.worker_threads = options_.worker_threads;
    setup.stop_timeout = options_.stop_timeout;
    setup.instances_changed = [this](std::vector<engine::InstanceChange> changes) {
      on_instances_changed(std::move(changes));
    };
    setup.session_opened_by_itself = [this](runtime::OpenedSession opened) {
      adopt(std::move(opened));
    };
    setup.session_suspended = [this](engine::SessionNumber number, const Error& reason) {
      on_session_suspended(number, reason);
    };
    setup.session_reopened = [this](runtime::OpenedSession opened) {
      on_session_reopened(std::move(opened));
    };
    setup.session_closed = [this](engine::SessionNumber number, const Error& reason) {
      on_session_closed(number, reason);
    };
    setup.server_told = [this](engine::SessionNumber number, engine::HostNotice notice) {
      on_server_told(number, std::move(notice));
    };
    setup.answer = [this](runtime::ServerRequest request) { return answer(std::move(request)); };
    setup.hand_over = [this](runtime::ServerRequest request) { hand_over(std::move(request)); };
    setup.connection_observer = [this](ConnectionState state, const Error& error) {
      on_connection_state(state, error);
    };
    return setup;
  }

  /// Ends the runtime, if there is one. What waits has its outcome before the gate closes, and
  /// callbacks have run when the runtime is gone.
  void release() {
    std::unique_ptr<runtime::ClientRuntime> runtime;
    std::shared_ptr<face::ClientGate> gate;
    {
      const std::lock_guard lock(mutex_);
      runtime = std::move(runtime_);
      gate = gate_;
      connected_ = false;
    }
    if (!runtime) return;
    runtime->shut_down();
    gate->close();
    runtime.reset();
    const std::lock_guard lock(mutex_);
    sessions_.clear();
  }

  mutable std::mutex mutex_;
  Clock::time_point last_change_;
  bool connected_ = false;
  ClientCapabilities declared_;
  std::shared_ptr<face::ClientGate> gate_;
  std::map<engine::SessionNumber, std::shared_ptr<ClientSession::Impl>> sessions_;
  std::unique_ptr<runtime::ClientRuntime> runtime_;
};

}  // namespace mcp_mqtt
