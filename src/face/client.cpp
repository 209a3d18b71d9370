#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <utility>

#include <mcp_mqtt/client.hpp>

#include "face/broker_setup.hpp"
#include "face/calls.hpp"
#include "face/client_ids.hpp"
#include "face/session_impl.hpp"
#include "runtime/client_runtime.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt {
namespace {

using Clock = std::chrono::steady_clock;

Error not_connected() {
  return {ErrorKind::not_connected, 0, "the client is not connected: call connect() first",
          nullptr};
}

Error client_gone() {
  return {ErrorKind::stopped, 0, "the client of this session is gone", nullptr};
}

}  // namespace

class McpClient::Impl {
 public:
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

  std::vector<ServerInstance> discover(const std::string& filter,
                                       std::chrono::milliseconds settle) {
    const auto gate = require_gate();
    face::wait<void>(*gate, [&](auto done) {
      if (!gate->pass([&](runtime::ClientRuntime& runtime) { runtime.discover(filter, done); })) {
        done(gate->when_gone());
      }
    });
    const auto began = Clock::now();
    std::unique_lock lock(mutex_);
    // Presence that goes on changing is not waited out.
    const auto latest = began + 20 * settle;
    while (Clock::now() < latest) {
      const auto quiet_at = std::max(began, last_change_) + settle;
      if (Clock::now() >= quiet_at) break;
      discovered_.wait_until(lock, std::min(quiet_at, latest));
    }
    lock.unlock();
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

  ClientOptions options_;
  std::function<void(const ServerInstance&)> discovered_callback_;
  std::function<void(const ServerInstance&)> changed_callback_;
  std::function<void(const ServerInstance&)> gone_callback_;
  std::function<void(ClientSession)> connected_callback_;
  std::function<void(ClientSession, const Error&)> disconnected_callback_;
  ConnectionObserver connection_observer_;

 private:
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
    return ClientSession(impl);
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
  }

  void on_instance_changed(const engine::InstanceChange& change) {
    {
      const std::lock_guard lock(mutex_);
      last_change_ = Clock::now();
      discovered_.notify_all();
    }
    using Kind = engine::InstanceChange::Kind;
    const auto& callback = change.kind == Kind::online    ? discovered_callback_
                           : change.kind == Kind::changed ? changed_callback_
                                                          : gone_callback_;
    if (callback) {
      face::call_back(*current_gate(),
                      [&callback, instance = change.instance] { callback(instance); });
    }
  }

  runtime::ClientRuntime::Setup setup(const mqtt::BrokerUrl& broker) {
    runtime::ClientRuntime::Setup setup;
    setup.config.implementation = {options_.name, options_.version, options_.title};
    setup.config.connect_meta = options_.meta;
    setup.config.connect_meta.emplace("version", options_.version);
    setup.config.connect_meta.emplace("implementation", "mcp_mqtt");
    setup.config.message_limits = options_.limits.message;
    setup.config.max_instances = options_.limits.instances;
    setup.config.max_requests_per_session = options_.limits.requests_per_session;
    setup.config.open_every_service = options_.open_every_service;
    setup.config.select = options_.select;
    setup.config.fixed_client_id = options_.fixed_client_id;
    setup.config.initialize_timeout = options_.timeouts.initialize;
    setup.client_id = options_.client_id;
    setup.connection = options_.connection;
    setup.broker = broker;
    setup.worker_threads = options_.worker_threads;
    setup.stop_timeout = options_.stop_timeout;
    setup.instance_changed = [this](const engine::InstanceChange& change) {
      on_instance_changed(change);
    };
    setup.session_opened_by_itself = [this](runtime::OpenedSession opened) {
      adopt(std::move(opened));
    };
    setup.session_closed = [this](engine::SessionNumber number, const Error& reason) {
      on_session_closed(number, reason);
    };
    setup.connection_observer = connection_observer_;
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
  std::condition_variable discovered_;
  Clock::time_point last_change_;
  bool connected_ = false;
  std::shared_ptr<face::ClientGate> gate_;
  std::map<engine::SessionNumber, std::shared_ptr<ClientSession::Impl>> sessions_;
  std::unique_ptr<runtime::ClientRuntime> runtime_;
};

McpClient::McpClient(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
McpClient::~McpClient() = default;

void McpClient::on_server_discovered(std::function<void(const ServerInstance&)> callback) {
  impl_->discovered_callback_ = std::move(callback);
}
void McpClient::on_server_changed(std::function<void(const ServerInstance&)> callback) {
  impl_->changed_callback_ = std::move(callback);
}
void McpClient::on_server_gone(std::function<void(const ServerInstance&)> callback) {
  impl_->gone_callback_ = std::move(callback);
}
void McpClient::on_connected(std::function<void(ClientSession)> callback) {
  impl_->connected_callback_ = std::move(callback);
}
void McpClient::on_disconnected(std::function<void(ClientSession, const Error&)> callback) {
  impl_->disconnected_callback_ = std::move(callback);
}
void McpClient::on_connection(ConnectionObserver callback) {
  impl_->connection_observer_ = std::move(callback);
}

void McpClient::connect(std::string_view broker_url) { impl_->connect(broker_url); }
void McpClient::stop() { impl_->stop(); }

std::vector<ServerInstance> McpClient::discover(const std::string& server_name_filter,
                                                std::chrono::milliseconds settle) {
  return impl_->discover(server_name_filter, settle);
}
std::vector<ServerInstance> McpClient::servers(const std::string& server_name_filter) const {
  return impl_->servers(server_name_filter);
}
ServerInstance McpClient::wait_for_server(const std::string& server_name_filter,
                                          std::chrono::milliseconds timeout) {
  return impl_->wait_for_server(server_name_filter, timeout);
}

ClientSession McpClient::open(const std::string& server_name_or_filter,
                              const OpenOptions& options) {
  const auto gate = impl_->require_gate();
  return face::wait<ClientSession>(*gate, [&](auto done) {
    impl_->open(server_name_or_filter, options, gate, std::move(done));
  });
}

PendingCall McpClient::async_open(const std::string& server_name_or_filter,
                                  const OpenOptions& options,
                                  std::function<void(Result<ClientSession>)> done) {
  const auto gate = impl_->current_gate();
  if (!gate) {
    done(not_connected());
    return {};
  }
  return impl_->open(server_name_or_filter, options, gate,
                     face::on_worker<ClientSession>(gate, std::move(done)));
}

std::vector<ClientSession> McpClient::sessions() const { return impl_->sessions(); }

std::string McpClient::client_id() const {
  if (!impl_->current_gate()) return impl_->options_.client_id;
  return impl_->ask<std::string>(
      [](const engine::ClientEngine& engine) { return engine.client_id(0); });
}

std::optional<std::vector<std::string>> McpClient::granted_filters() const {
  return impl_->ask<std::optional<std::vector<std::string>>>(
      [](const engine::ClientEngine& engine) { return engine.discovery().granted_filters(); });
}

std::optional<std::vector<RoleGrant>> McpClient::roles() const {
  return impl_->ask<std::optional<std::vector<RoleGrant>>>(
      [](const engine::ClientEngine& engine) { return engine.discovery().roles(); });
}

}  // namespace mcp_mqtt
