#include <asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include <mcp_mqtt/server.hpp>

#include "engine/tool_registry.hpp"
#include "face/broker_setup.hpp"
#include "face/client_ids.hpp"
#include "runtime/server_runtime.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt {
namespace {

/// Calls a tool's handler: what it throws becomes what the client is told.
Result<CallToolResult> run_handler(runtime::HandlerRun run) {
  RequestContext context(std::move(run.client), std::move(run.stop),
                         std::move(run.report_progress));
  try {
    return run.tool->handler(run.arguments, context);
  } catch (const ArgumentError& error) {
    return Error{ErrorKind::invalid_argument, error_code::invalid_params, error.what(), nullptr};
  } catch (const std::exception& error) {
    return error_result(error.what());
  } catch (...) {
    return error_result("the tool failed for an unknown reason");
  }
}

}  // namespace

class McpServer::Impl {
 public:
  explicit Impl(ServerOptions options) : options_(std::move(options)) {
    using face::require;
    require(wire::check_server_name(options_.name));
    if (options_.server_id.empty()) options_.server_id = face::make_client_id(options_.name);
    require(wire::check_server_id(options_.server_id));
    require(options_.meta.is_object(), "the meta of a server must be a JSON object");
    require(options_.worker_threads > 0, "a server needs at least one worker thread");
    require(options_.limits.sessions > 0, "a server needs room for at least one session");
    instance_ = {options_.server_id, options_.name, options_.description, options_.meta};
    auto presence = wire::encode_server_online(instance_, options_.limits.message);
    if (!presence) throw McpError(std::move(presence).error());
  }

  ~Impl() { runtime_.reset(); }

  void add_tool(ToolDefinition tool) {
    const auto runtime = current();
    {
      const std::lock_guard lock(mutex_);
      tools_.add(tool).value();
    }
    if (runtime) {
      // The registry above had room for the name, and so has the engine's, which is its copy.
      runtime->loop().call([&] { static_cast<void>(runtime->engine().add_tool(std::move(tool))); });
    }
  }

  bool remove_tool(std::string_view name) {
    const auto runtime = current();
    {
      const std::lock_guard lock(mutex_);
      if (!tools_.remove(name)) return false;
    }
    if (runtime) runtime->loop().call([&] { runtime->engine().remove_tool(name); });
    return true;
  }

  void start(std::string_view url) { begin(*prepare(url)).value(); }

  void stop() {
    const auto runtime = current();
    if (!runtime) return;
    if (runtime->on_own_thread()) {
      runtime->stop([this] { on_stopped(); });
    } else {
      finish(*runtime);
    }
  }

  void run(std::string_view url) {
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

  bool running() const {
    const std::lock_guard lock(mutex_);
    return phase_ == Phase::running;
  }

  ServerInstance instance() const {
    const std::lock_guard lock(mutex_);
    return instance_;
  }

  std::vector<ClientInfo> clients() const {
    const auto runtime = current();
    if (!runtime) return {};
    return runtime->loop().call([&] { return runtime->engine().clients(); });
  }

  ServerOptions options_;
  std::function<void(const ClientInfo&)> client_connected_;
  std::function<void(const ClientInfo&, const Error&)> client_gone_;
  ConnectionObserver connection_observer_;

 private:
  enum class Phase { idle, running };

  /// The runtime, for a moment's use; null where the server does not run. Handlers and callbacks
  /// get it without a share: it cannot go away under them, and must not be destroyed by them.
  std::shared_ptr<runtime::ServerRuntime> current() const {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::running) return nullptr;
    if (!runtime_->on_own_thread()) return runtime_;
    return {std::shared_ptr<void>(), runtime_.get()};
  }

  /// A new runtime in place of the last, not started yet.
  std::shared_ptr<runtime::ServerRuntime> prepare(std::string_view url) {
    const auto broker = face::broker_of(url, options_.connection);
    std::shared_ptr<runtime::ServerRuntime> old;  // ends outside the lock
    const std::lock_guard lock(mutex_);
    face::require(phase_ == Phase::idle, "the server runs already");
    face::require(!runtime_ || !runtime_->on_own_thread(),
                  "a server cannot be started again in its own callback");
    old = std::move(runtime_);
    runtime_ = std::make_shared<runtime::ServerRuntime>(setup(broker));
    runtime_->engine().set_tools(tools_);
    phase_ = Phase::running;
    gave_up_.reset();
    return runtime_;
  }

  /// Online, or stopped again with the reason.
  Result<void> begin(runtime::ServerRuntime& runtime) {
    const auto started = std::make_shared<std::promise<Result<void>>>();
    runtime.start([started](Result<void> outcome) { started->set_value(std::move(outcome)); });
    Result<void> outcome = started->get_future().get();
    if (!outcome) {
      finish(runtime);
      return outcome;
    }
    const ServerInstance instance =
        runtime.loop().call([&] { return runtime.engine().instance(); });
    const std::lock_guard lock(mutex_);
    instance_ = instance;
    return outcome;
  }

  runtime::ServerRuntime::Setup setup(const mqtt::BrokerUrl& broker) {
    runtime::ServerRuntime::Setup setup;
    setup.config.instance = {options_.server_id, options_.name, options_.description,
                             options_.meta};
    setup.config.implementation = {options_.name, options_.version, options_.title};
    setup.config.instructions = options_.instructions;
    setup.config.connect_meta = {{"version", options_.version}, {"implementation", "mcp_mqtt"}};
    setup.config.message_limits = options_.limits.message;
    setup.config.max_sessions = options_.limits.sessions;
    setup.config.max_requests_per_session = options_.limits.requests_per_session;
    setup.connection = options_.connection;
    setup.broker = broker;
    setup.worker_threads = options_.worker_threads;
    setup.stop_timeout = options_.stop_timeout;
    setup.run = run_handler;
    setup.client_connected = client_connected_;
    setup.client_gone = client_gone_;
    setup.connection_observer = [this](ConnectionState state, const Error& error) {
      if (state == ConnectionState::gave_up) {
        const std::lock_guard lock(mutex_);
        gave_up_ = error;
        changed_.notify_all();
      }
      if (connection_observer_) connection_observer_(state, error);
    };
    return setup;
  }

  void on_stopped() {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::idle;
    changed_.notify_all();
  }

  /// Stops and waits: the runtime bounds it.
  void finish(runtime::ServerRuntime& runtime) {
    const auto stopped = std::make_shared<std::promise<void>>();
    runtime.stop([stopped] { stopped->set_value(); });
    stopped->get_future().wait();
    on_stopped();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::idle;
  std::optional<Error> gave_up_;
  ServerInstance instance_;
  engine::ToolRegistry tools_;
  std::shared_ptr<runtime::ServerRuntime> runtime_;
};

McpServer::McpServer(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
McpServer::~McpServer() = default;

void McpServer::add_tool(ToolDefinition tool) { impl_->add_tool(std::move(tool)); }
bool McpServer::remove_tool(std::string_view name) { return impl_->remove_tool(name); }

void McpServer::on_client_connected(std::function<void(const ClientInfo&)> callback) {
  impl_->client_connected_ = std::move(callback);
}
void McpServer::on_client_gone(std::function<void(const ClientInfo&, const Error&)> callback) {
  impl_->client_gone_ = std::move(callback);
}
void McpServer::on_connection(ConnectionObserver callback) {
  impl_->connection_observer_ = std::move(callback);
}

void McpServer::start(std::string_view broker_url) { impl_->start(broker_url); }
void McpServer::stop() { impl_->stop(); }
void McpServer::run(std::string_view broker_url) { impl_->run(broker_url); }
bool McpServer::running() const { return impl_->running(); }
std::string McpServer::name() const { return impl_->instance().server_name; }
std::string McpServer::server_id() const { return impl_->instance().server_id; }
std::vector<ClientInfo> McpServer::clients() const { return impl_->clients(); }

}  // namespace mcp_mqtt
