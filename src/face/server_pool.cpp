#include <algorithm>
#include <asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <future>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <mcp_mqtt/server_pool.hpp>

#include "face/broker_setup.hpp"
#include "face/client_ids.hpp"
#include "face/server_impl.hpp"

namespace mcp_mqtt {

/// The instances, and the one set of features of which each has a copy. The copies share the
/// definitions, which never change, so that the loops of the instances share nothing that does.
class McpServerPool::Impl {
 public:
  using Instance = McpServer::Impl;
  using Instances = std::vector<std::shared_ptr<Instance>>;

  Impl(ServerOptions options, std::size_t size) : options_(std::move(options)), wanted_(size) {
    face::require(size > 0, "a pool needs at least one instance");
    features_ = Instance(instance_options(0)).features();
  }

  ~Impl() {
    Instances all;
    {
      const std::lock_guard lock(mutex_);
      started_ = false;
      all = instances_;
      all.insert(all.end(), retired_.begin(), retired_.end());
    }
    for (const auto& instance : all) instance->release();
  }

  struct Callbacks : Instance::Callbacks {
    std::function<void(const std::string&, ConnectionState, const Error&)> pool_connection;
  };
  Callbacks callbacks;

  void start(std::string_view url) {
    {
      const std::lock_guard lock(mutex_);
      face::require(!started_, "the pool runs already");
      started_ = true;
      url_ = url;
      gave_up_.clear();
    }
    release_retired();
    try {
      grow();
    } catch (...) {
      stop();
      throw;
    }
  }

  void run(std::string_view url) {
    runtime::EventLoop loop;
    asio::signal_set signals(loop.context());
    loop.call([&] {
      signals.add(SIGINT);
      signals.add(SIGTERM);
      signals.async_wait([this](const std::error_code& error, int) {
        if (error) return;
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        changed_.notify_all();
      });
    });
    Error reason;
    bool given_up = false;
    {
      const Ended ended{*this, loop, signals};
      start(url);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return has_left() || interrupted_ || all_gave_up(); });
      given_up = started_ && !interrupted_ && all_gave_up();
      if (given_up) reason = gave_up_.at(instances_.front()->instance().server_id);
    }
    if (given_up) throw McpError(reason);
  }

  void leave_all(const Instance::Leave& how) {
    Instances leaving;
    {
      const std::lock_guard lock(mutex_);
      started_ = false;
      changed_.notify_all();
      // Also those that a handler sent away, or that are still being drained.
      std::copy_if(retired_.begin(), retired_.end(), std::back_inserter(leaving),
                   [](const auto& instance) { return instance->running(); });
      for (auto& instance : std::exchange(instances_, {})) {
        leaving.push_back(instance);
        retire(std::move(instance));
      }
    }
    leave(std::move(leaving), how);
  }

  void stop() { leave_all(stopping()); }

  void drain(std::chrono::milliseconds timeout) { leave_all(draining(timeout)); }

  void resize(std::size_t size, std::chrono::milliseconds drain_timeout) {
    face::require(size > 0, "a pool needs at least one instance");
    Instances leaving;
    {
      const std::lock_guard lock(mutex_);
      wanted_ = size;
      if (!started_) return;
      while (instances_.size() > size) {
        leaving.push_back(instances_.back());
        retire(std::move(instances_.back()));
        instances_.pop_back();
      }
    }
    grow();
    leave(std::move(leaving), draining(drain_timeout));
  }

  bool running() const {
    const std::lock_guard lock(mutex_);
    return started_;
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return wanted_;
  }

  /// Calls `visit` with each instance; it must not wait for anything.
  template <class F>
  void for_each(F visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& instance : instances_) visit(*instance);
  }

  Result<void> change(engine::FeatureList list, const FeatureChange& change) {
    // Held over all of it: every instance gets the changes in one order, and none misses one.
    const std::lock_guard lock(mutex_);
    if (auto changed = change(features_); !changed) return changed;
    for (const auto& instance : instances_) instance->adopt(list, features_);
    for (const auto& instance : retired_) instance->adopt(list, features_);
    return {};
  }

 private:
  /// However run() ends, nothing of it goes on.
  struct Ended {
    Impl& pool;
    runtime::EventLoop& loop;
    asio::signal_set& signals;
    Ended(Impl& of, runtime::EventLoop& on, asio::signal_set& with)
        : pool(of), loop(on), signals(with) {
      const std::lock_guard lock(pool.mutex_);
      pool.interrupted_ = false;
    }
    Ended(const Ended&) = delete;
    Ended& operator=(const Ended&) = delete;
    ~Ended() {
      pool.stop();
      loop.call([this] { signals.cancel(); });
    }
  };

  static Instance::Leave stopping() {
    return [](runtime::ServerRuntime& runtime, auto done) { runtime.stop(std::move(done)); };
  }

  static Instance::Leave draining(std::chrono::milliseconds timeout) {
    return [timeout](runtime::ServerRuntime& runtime, auto done) {
      runtime.drain(timeout, std::move(done));
    };
  }

  ServerOptions instance_options(std::size_t number) const {
    ServerOptions options = options_;
    options.server_id = options_.server_id.empty()
                            ? face::make_client_id(options_.name)
                            : options_.server_id + "-" + std::to_string(number);
    return options;
  }

  /// With the lock.
  std::shared_ptr<Instance> make_instance() {
    auto instance = std::make_shared<Instance>(instance_options(++last_number_));
    instance->callbacks = callbacks;
    instance->callbacks.connection = [this, id = instance->instance().server_id](
                                         ConnectionState state, const Error& error) {
      on_connection(id, state, error);
    };
    instance->adopt(engine::FeatureList::none, features_);
    return instance;
  }

  void on_connection(const std::string& id, ConnectionState state, const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      if (state == ConnectionState::gave_up) {
        gave_up_.insert_or_assign(id, error);
      } else {
        gave_up_.erase(id);
      }
      changed_.notify_all();
    }
    if (callbacks.pool_connection) callbacks.pool_connection(id, state, error);
  }

  /// With the lock.
  bool all_gave_up() const {
    return !instances_.empty() &&
           std::all_of(instances_.begin(), instances_.end(), [this](const auto& instance) {
             return gave_up_.contains(instance->instance().server_id);
           });
  }

  /// With the lock. It is one of those that leave from now on.
  void retire(std::shared_ptr<Instance> instance) {
    gave_up_.erase(instance->instance().server_id);
    retired_.push_back(std::move(instance));
  }

  /// With the lock.
  bool has_left() const {
    return !started_ && std::none_of(retired_.begin(), retired_.end(),
                                     [](const auto& instance) { return instance->running(); });
  }

  /// Starts what is missing. Throws the first error, when all were tried.
  void grow() {
    Instances fresh;
    std::string url;
    {
      const std::lock_guard lock(mutex_);
      url = url_;
      while (started_ && instances_.size() < wanted_) {
        fresh.push_back(make_instance());
        instances_.push_back(fresh.back());
      }
    }
    std::optional<Error> failed;
    for (const auto& instance : fresh) {
      try {
        instance->start(url);
      } catch (const McpError& error) {
        const std::lock_guard lock(mutex_);
        // Somebody may have taken it away again meanwhile; then nothing failed.
        if (std::erase(instances_, instance) != 0 && !failed) failed = error.error();
        continue;
      }
      if (!is_member(instance)) leave({instance}, stopping());
    }
    if (failed) throw McpError(*failed);
  }

  bool is_member(const std::shared_ptr<Instance>& instance) const {
    const std::lock_guard lock(mutex_);
    return std::find(instances_.begin(), instances_.end(), instance) != instances_.end();
  }

  /// Lets instances leave that were retired, all at the same time, and destroys them; in a handler
  /// or callback of the pool it does not wait for either.
  void leave(Instances leaving, const Instance::Leave& how) {
    const bool wait = !on_own_thread();
    std::vector<std::future<void>> outcomes;
    for (const auto& instance : leaving) {
      const auto left = std::make_shared<std::promise<void>>();
      outcomes.push_back(left->get_future());
      instance->leave(how, [this, left] {
        left->set_value();
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
      });
    }
    if (!wait) return;
    for (auto& outcome : outcomes) outcome.wait();
    leaving.clear();
    release_retired();
  }

  bool on_own_thread() const {
    const std::lock_guard lock(mutex_);
    const auto own = [](const auto& instance) { return instance->on_own_thread(); };
    return std::any_of(instances_.begin(), instances_.end(), own) ||
           std::any_of(retired_.begin(), retired_.end(), own);
  }

  /// Destroys the instances that have left, but none that somebody else holds, who may be one of
  /// its own handlers. Shares are only taken under the lock. Not on a thread of one of them.
  void release_retired() {
    if (on_own_thread()) return;
    Instances left;
    const std::lock_guard lock(mutex_);
    const auto first_left = std::stable_partition(
        retired_.begin(), retired_.end(),
        [](const auto& instance) { return instance->running() || instance.use_count() > 1; });
    left.assign(std::make_move_iterator(first_left), std::make_move_iterator(retired_.end()));
    retired_.erase(first_left, retired_.end());
  }

  const ServerOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;
  bool interrupted_ = false;
  std::size_t wanted_;
  std::size_t last_number_ = 0;
  std::string url_;
  engine::Features features_;
  std::map<std::string, Error> gave_up_;
  Instances instances_;
  /// They leave, or have left and wait for somebody who may destroy them.
  Instances retired_;
};

McpServerPool::McpServerPool(ServerOptions options, std::size_t size)
    : impl_(std::make_unique<Impl>(std::move(options), size)) {}
McpServerPool::~McpServerPool() = default;

void McpServerPool::on_client_connected(std::function<void(const ConnectedClient&)> callback) {
  impl_->callbacks.client_connected = std::move(callback);
}
void McpServerPool::on_client_gone(std::function<void(const ClientInfo&, const Error&)> callback) {
  impl_->callbacks.client_gone = std::move(callback);
}
void McpServerPool::on_roots_changed(std::function<void(const ConnectedClient&)> callback) {
  impl_->callbacks.roots_changed = std::move(callback);
}
void McpServerPool::on_task_status(
    std::function<void(const ConnectedClient&, const Task&)> callback) {
  impl_->callbacks.task_status = std::move(callback);
}
void McpServerPool::on_subscription(
    std::function<void(const ClientInfo&, const std::string&, bool)> callback) {
  impl_->callbacks.subscription = std::move(callback);
}
void McpServerPool::on_connection(
    std::function<void(const std::string&, ConnectionState, const Error&)> callback) {
  impl_->callbacks.pool_connection = std::move(callback);
}

void McpServerPool::start(std::string_view broker_url) { impl_->start(broker_url); }
void McpServerPool::run(std::string_view broker_url) { impl_->run(broker_url); }
void McpServerPool::stop() { impl_->stop(); }
void McpServerPool::drain(std::chrono::milliseconds timeout) { impl_->drain(timeout); }
bool McpServerPool::running() const { return impl_->running(); }
void McpServerPool::resize(std::size_t size, std::chrono::milliseconds drain_timeout) {
  impl_->resize(size, drain_timeout);
}
std::size_t McpServerPool::size() const { return impl_->size(); }

void McpServerPool::reconnect_now() {
  impl_->for_each([](McpServer::Impl& instance) { instance.reconnect_now(); });
}

std::vector<std::string> McpServerPool::instances() const {
  std::vector<std::string> ids;
  impl_->for_each(
      [&](const McpServer::Impl& instance) { ids.push_back(instance.instance().server_id); });
  return ids;
}

std::vector<ConnectedClient> McpServerPool::clients() const {
  std::vector<ConnectedClient> clients;
  impl_->for_each([&](const McpServer::Impl& instance) {
    for (auto& client : instance.clients()) clients.push_back(std::move(client));
  });
  return clients;
}

Result<void> McpServerPool::change(engine::FeatureList list, const FeatureChange& change) {
  return impl_->change(list, change);
}

void McpServerPool::tell_resource_updated(const std::string& uri) {
  impl_->for_each([&](McpServer::Impl& instance) { instance.resource_updated(uri); });
}

void McpServerPool::tell_log(const LoggingMessage& message) {
  impl_->for_each([&](McpServer::Impl& instance) { instance.log(message); });
}

}  // namespace mcp_mqtt
