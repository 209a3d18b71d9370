#include "face/server_impl.hpp"

#include <asio/signal_set.hpp>
#include <csignal>
#include <future>

#include "face/broker_setup.hpp"
#include "face/calls.hpp"
#include "face/client_ids.hpp"
#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt {

McpServer::Impl::Impl(ServerOptions options) : options_(std::move(options)) {
  using face::require;
  require(wire::check_server_name(options_.name));
  if (options_.server_id.empty()) options_.server_id = face::make_client_id(options_.name);
  require(wire::check_server_id(options_.server_id));
  require(options_.meta.is_object(), "the meta of a server must be a JSON object");
  require(options_.worker_threads > 0, "a server needs at least one worker thread");
  require(options_.limits.sessions > 0, "a server needs room for at least one session");
  require(options_.page_size > 0, "a page needs room for at least one entry");
  require(options_.limits.provisional_sessions > 0, "a server needs room for one handshake");
  require(options_.limits.requests > 0 && options_.limits.requests_per_session > 0,
          "a server needs room for at least one request");
  require(options_.limits.queued_messages_per_session > 0,
          "a server needs room for at least one message to a client");
  require(options_.connection.max_queued_messages > 0,
          "a connection needs room for at least one message");
  instance_ = {options_.server_id, options_.name, options_.description, options_.meta};
  auto presence = wire::encode_server_online(instance_, options_.limits.message);
  if (!presence) throw McpError(std::move(presence).error());
  features_.page_size = options_.page_size;
  features_.declare_tools = options_.offers.tools;
  features_.declare_resources = options_.offers.resources;
  features_.declare_prompts = options_.offers.prompts;
  features_.logging = options_.offers.logging;
  if (options_.check_structured_content) {
    features_.tools.check_structured_content(*options_.check_structured_content);
  }
}

McpServer::Impl::~Impl() { release(); }

void McpServer::Impl::release() {
  std::shared_ptr<runtime::ServerRuntime> runtime;
  std::shared_ptr<face::ServerGate> gate;
  {
    // Handlers that still run may call the server: they find it stopped.
    const std::lock_guard lock(mutex_);
    phase_ = Phase::over;
    runtime = std::move(runtime_);
    gate = gate_;
  }
  retire(std::move(runtime), gate);
}

/// Ends a runtime. What waits has its outcome before the gate closes, and handlers and callbacks
/// have run when the runtime is gone.
void McpServer::Impl::retire(std::shared_ptr<runtime::ServerRuntime> runtime,
                             const std::shared_ptr<face::ServerGate>& gate) {
  if (!runtime) return;
  runtime->shut_down();
  gate->close();
  runtime.reset();
}

// --- The life of the server

void McpServer::Impl::start(std::string_view url) { begin(*prepare(url)).value(); }

bool McpServer::Impl::on_own_thread() const {
  const std::lock_guard lock(mutex_);
  return runtime_ && runtime_->on_own_thread();
}

void McpServer::Impl::leave(const Leave& leave, std::function<void()> done) {
  const auto runtime = current();
  if (!runtime) return done();
  leave(*runtime, [this, done = std::move(done)] {
    on_stopped();
    done();
  });
}

void McpServer::Impl::end(const Leave& how) {
  if (on_own_thread()) {
    leave(how, [] {});
    return;
  }
  const auto stopped = std::make_shared<std::promise<void>>();
  leave(how, [stopped] { stopped->set_value(); });
  stopped->get_future().wait();
}

void McpServer::Impl::stop() {
  end([](runtime::ServerRuntime& runtime, auto done) { runtime.stop(std::move(done)); });
}

void McpServer::Impl::drain(std::chrono::milliseconds timeout) {
  end([timeout](runtime::ServerRuntime& runtime, auto done) {
    runtime.drain(timeout, std::move(done));
  });
}

void McpServer::Impl::reconnect_now() {
  const auto runtime = current();
  if (!runtime) return;
  {
    const std::lock_guard lock(mutex_);
    gave_up_.reset();
  }
  runtime->reconnect_now();
}

void McpServer::Impl::run(std::string_view url) {
  const auto runtime = prepare(url);
  // Before the connect, so that a signal also ends one that takes long.
  asio::signal_set signals(runtime->loop().context());
  runtime->loop().call([&] {
    signals.add(SIGINT);
    signals.add(SIGTERM);
    signals.async_wait([this, &runtime = *runtime](const std::error_code& error, int) {
      if (!error) runtime.stop([this] { on_stopped(); });
    });
  });
  Result<void> outcome = begin(*runtime);
  if (outcome) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return phase_ == Phase::idle || gave_up_; });
    if (gave_up_) outcome = *gave_up_;
  }
  runtime->loop().call([&] { signals.clear(); });
  finish(*runtime);
  if (!outcome && outcome.error().kind != ErrorKind::stopped) throw McpError(outcome.error());
}

bool McpServer::Impl::running() const {
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::running;
}

ServerInstance McpServer::Impl::instance() const {
  const std::lock_guard lock(mutex_);
  return instance_;
}

/// The runtime, for a moment's use; null where the server does not run. Handlers and callbacks get
/// it without a share: it cannot go away under them, and must not be destroyed by them.
std::shared_ptr<runtime::ServerRuntime> McpServer::Impl::current() const {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::running) return nullptr;
  if (!runtime_->on_own_thread()) return runtime_;
  return {std::shared_ptr<void>(), runtime_.get()};
}

/// A new runtime in place of the last, not started yet.
std::shared_ptr<runtime::ServerRuntime> McpServer::Impl::prepare(std::string_view url) {
  const auto broker = face::broker_of(url, options_.connection);
  std::shared_ptr<runtime::ServerRuntime> old;  // ends outside the lock
  std::shared_ptr<face::ServerGate> old_gate;
  std::shared_ptr<runtime::ServerRuntime> fresh;
  std::shared_ptr<face::ServerRelay> old_relay;
  {
    const std::lock_guard lock(mutex_);
    face::require(phase_ == Phase::idle, "the server runs already");
    face::require(!runtime_ || !runtime_->on_own_thread(),
                  "a server cannot be started again in its own callback");
    old = std::move(runtime_);
    old_gate = std::move(gate_);
    runtime_ = fresh = std::make_shared<runtime::ServerRuntime>(setup(broker));
    gate_ = std::make_shared<face::ServerGate>(
        *runtime_, Error{ErrorKind::stopped, 0, "the server of this session is gone", nullptr});
    runtime_->engine().set_features(features_);
    old_relay = std::move(relay_);
    if (options_.backend) relay_ = std::make_shared<face::ServerRelay>(options_.backend);
    clients_.clear();
    phase_ = Phase::running;
    gave_up_.reset();
  }
  retire(std::move(old), old_gate);
  return fresh;
}

/// Online, or stopped again with the reason.
Result<void> McpServer::Impl::begin(runtime::ServerRuntime& runtime) {
  const auto started = std::make_shared<std::promise<Result<void>>>();
  runtime.start([started](Result<void> outcome) { started->set_value(std::move(outcome)); });
  Result<void> outcome = started->get_future().get();
  if (!outcome) {
    finish(runtime);
    return outcome;
  }
  const ServerInstance instance = runtime.loop().call([&] { return runtime.engine().instance(); });
  const std::lock_guard lock(mutex_);
  instance_ = instance;
  return outcome;
}

engine::ServerConfig McpServer::Impl::engine_config() const {
  engine::ServerConfig config;
  config.instance = {options_.server_id, options_.name, options_.description, options_.meta};
  config.implementation = {options_.name,        options_.version,     options_.title,
                           options_.description, options_.website_url, options_.icons};
  config.instructions = options_.instructions;
  config.has_backend = options_.backend != nullptr;
  config.connect_meta = {{"version", options_.version}, {"implementation", "mcp_mqtt"}};
  config.message_limits = options_.limits.message;
  config.qos = options_.qos;
  config.max_sessions = options_.limits.sessions;
  config.max_requests_per_session = options_.limits.requests_per_session;
  config.max_provisional_sessions = options_.limits.provisional_sessions;
  config.max_requests = options_.limits.requests;
  config.max_request_bytes_per_session = options_.limits.queued_bytes_per_session;
  config.max_request_bytes = options_.limits.queued_bytes;
  config.outbox.messages_per_client = options_.limits.queued_messages_per_session;
  config.outbox.bytes_per_client = options_.limits.queued_bytes_per_session;
  config.outbox.bytes = options_.limits.queued_bytes;
  // Half of the connection's queue is left for what goes to all.
  config.outbox.messages_under_way = options_.connection.max_queued_messages / 2;
  config.outbox.bytes_under_way = options_.connection.max_queued_bytes / 2;
  config.log_burst = options_.limits.log_burst;
  config.log_messages_per_second = options_.limits.log_messages_per_second;
  config.max_subscriptions_per_session = options_.limits.subscriptions_per_session;
  config.max_subscription_bytes_per_session = options_.limits.subscription_bytes_per_session;
  config.max_asks_per_session = options_.limits.requests_to_client;
  config.tasks.max_tasks = options_.limits.tasks_per_session;
  config.tasks.max_result_bytes = options_.limits.task_result_bytes_per_session;
  config.max_task_result_bytes = options_.limits.task_result_bytes;
  config.tasks.max_ttl = options_.max_task_ttl;
  config.tasks.page_size = options_.page_size;
  config.tasks.wall_time_at_zero = std::chrono::system_clock::now() -
                                   std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                       std::chrono::steady_clock::now().time_since_epoch());
  config.log_level = options_.log_level;
  config.list_changes = options_.list_changes;
  config.resource_updates = options_.resource_updates;
  return config;
}

runtime::ServerRuntime::Setup McpServer::Impl::setup(const mqtt::BrokerUrl& broker) {
  runtime::ServerRuntime::Setup setup;
  setup.config = engine_config();
  setup.connection = options_.connection;
  setup.broker = broker;
  setup.worker_threads = options_.worker_threads;
  setup.stop_timeout = options_.stop_timeout;
  setup.run = [this](runtime::HandlerRun run) { return run_handler(std::move(run)); };
  setup.client_connected = [this](const engine::ClientConnected& event) {
    on_client_connected(event);
  };
  setup.client_gone = [this](const engine::ClientGone& event) { on_client_gone(event); };
  setup.roots_changed = [this](const engine::ClientRootsChanged& event) {
    if (!callbacks.roots_changed) return;
    call_back([this, client = find_client(event.session)] {
      callbacks.roots_changed(ConnectedClient(client));
    });
  };
  setup.task_status = [this](const engine::ClientTaskStatus& event) {
    if (!callbacks.task_status) return;
    call_back([this, client = find_client(event.session), task = event.task] {
      callbacks.task_status(ConnectedClient(client), task);
    });
  };
  setup.subscription_changed = [this](const engine::SubscriptionChanged& event) {
    if (!callbacks.subscription) return;
    call_back([this, event] { callbacks.subscription(event.client, event.uri, event.subscribed); });
  };
  set_up_relay(setup);
  setup.connection_observer = [this](ConnectionState state, const Error& error) {
    if (state == ConnectionState::gave_up) {
      const std::lock_guard lock(mutex_);
      gave_up_ = error;
      changed_.notify_all();
    }
    if (callbacks.connection) callbacks.connection(state, error);
  };
  return setup;
}

template <class F>
void McpServer::Impl::in_relay(F work) {
  call_back([relay = relay_, work = std::move(work)]() mutable { work(*relay); });
}

void McpServer::Impl::set_up_relay(runtime::ServerRuntime::Setup& setup) {
  setup.handshake_dropped = [this](const engine::HandshakeDropped& event) {
    in_relay(
        [call = event.initialize](face::ServerRelay& relay) { relay.on_handshake_dropped(call); });
  };
  setup.client_told = [this](const engine::ClientTold& event) {
    if (relay_->keep(event)) in_relay([](face::ServerRelay& relay) { relay.on_told(); });
  };
  setup.relay = [this](runtime::HandlerRun run) {
    std::shared_ptr<face::ServerGate> gate;
    {
      const std::lock_guard lock(mutex_);
      gate = gate_;
    }
    in_relay([run = std::move(run), gate](face::ServerRelay& relay) mutable {
      relay.on_request(std::move(run), gate);
    });
  };
}

void McpServer::Impl::on_stopped() {
  const std::lock_guard lock(mutex_);
  phase_ = Phase::idle;
  changed_.notify_all();
}

/// Stops and waits: the runtime bounds it.
void McpServer::Impl::finish(runtime::ServerRuntime& runtime) {
  const auto stopped = std::make_shared<std::promise<void>>();
  runtime.stop([stopped] { stopped->set_value(); });
  stopped->get_future().wait();
  on_stopped();
}

// --- Clients

template <class F>
void McpServer::Impl::call_back(F callback) {
  std::shared_ptr<face::ServerGate> gate;
  {
    const std::lock_guard lock(mutex_);
    gate = gate_;
  }
  face::call_back(*gate, std::move(callback));
}

std::shared_ptr<ConnectedClient::Impl> McpServer::Impl::find_client(
    engine::SessionNumber session) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(session);
  return found == clients_.end() ? nullptr : found->second;
}

void McpServer::Impl::on_client_connected(const engine::ClientConnected& event) {
  std::shared_ptr<ConnectedClient::Impl> client;
  {
    const std::lock_guard lock(mutex_);
    client = std::make_shared<ConnectedClient::Impl>(gate_, event.session, event.client,
                                                     options_.timeouts);
    clients_.insert_or_assign(event.session, client);
  }
  if (relay_) {
    in_relay([event, client](face::ServerRelay& relay) {
      relay.on_connected(event.session, event.initialize, ConnectedClient(client));
    });
  }
  if (!callbacks.client_connected) return;
  call_back([this, client] { callbacks.client_connected(ConnectedClient(client)); });
}

void McpServer::Impl::on_client_gone(const engine::ClientGone& event) {
  {
    const std::lock_guard lock(mutex_);
    const auto node = clients_.extract(event.session);
    if (!node.empty()) node.mapped()->mark_closed(event.reason);
  }
  if (relay_) {
    in_relay([session = event.session](face::ServerRelay& relay) { relay.on_gone(session); });
  }
  if (!callbacks.client_gone) return;
  call_back([this, event] { callbacks.client_gone(event.client, event.reason); });
}

std::vector<ConnectedClient> McpServer::Impl::clients() const {
  std::vector<ConnectedClient> clients;
  const std::lock_guard lock(mutex_);
  for (const auto& [number, client] : clients_) clients.emplace_back(client);
  return clients;
}

std::optional<ConnectedClient> McpServer::Impl::client(std::string_view client_id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, client] : clients_) {
    if (client->info().client_id == client_id) return ConnectedClient(client);
  }
  return std::nullopt;
}

// --- What the program does

Result<Json> McpServer::Impl::run_handler(runtime::HandlerRun run) const {
  engine::RunHandler& action = run.action;
  const auto client = find_client(action.session);
  ContextParts parts;
  parts.client = std::move(action.client);
  parts.stop = std::move(run.stop);
  parts.on_progress = std::move(run.report_progress);
  parts.peer = ConnectedClient(client, action.call);
  parts.meta = std::move(action.meta);
  parts.on_log = [peer = parts.peer](LoggingMessage message) {
    peer.log(message.level, std::move(message.data), std::move(message.logger));
  };
  RequestContext context(std::move(parts));
  return action.work(context);
}

Result<void> McpServer::Impl::change(engine::FeatureList list,
                                     const std::function<Result<void>(engine::Features&)>& change) {
  const auto runtime = current();
  {
    const std::lock_guard lock(mutex_);
    if (auto changed = change(features_); !changed) return changed;
  }
  // The features above took it, and so do the engine's, which are their copy.
  if (runtime) return runtime->change(list, change);
  return {};
}

engine::Features McpServer::Impl::features() const {
  const std::lock_guard lock(mutex_);
  return features_;
}

void McpServer::Impl::adopt(engine::FeatureList list, const engine::Features& features) {
  const auto runtime = current();
  {
    const std::lock_guard lock(mutex_);
    features_ = features;
  }
  if (!runtime) return;
  runtime->post_change(list, [features](engine::Features& own) -> Result<void> {
    own = features;
    return {};
  });
}

void McpServer::Impl::log(LoggingMessage message) {
  if (const auto runtime = current()) runtime->log_to_all(std::move(message));
}

void McpServer::Impl::resource_updated(const std::string& uri) {
  if (const auto runtime = current()) runtime->resource_updated(uri);
}

}  // namespace mcp_mqtt
