#include "mqtt/paho/paho_core.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/paho/connect_request.hpp"
#include "mqtt/paho/name_lookup.hpp"
#include "mqtt/paho/paho_runtime.hpp"
#include "mqtt/publish_check.hpp"

// The life of a connection: how it is made, how it ends, and who is told.
namespace mcp_mqtt::mqtt::paho {
namespace {

using namespace std::chrono_literals;

/// What transport.hpp promises of disconnect().
constexpr auto disconnect_patience = 2s;

/// How long shut_down() waits for the socket to be closed.
constexpr auto shut_down_patience = 1s;

/// Plain MQTT goes to each address in turn. Where the host's name is part of what is said (TLS,
/// HTTP) Paho gets the name, and takes an IPv4 address if there is one.
std::vector<ConnectTarget> targets_of(const BrokerUrl& broker, std::vector<TcpEndpoint> addresses) {
  std::vector<ConnectTarget> targets;
  if (broker.scheme != BrokerUrl::Scheme::mqtt) {
    targets.push_back({uri_of(broker, broker.host), std::move(addresses)});
    return targets;
  }
  for (const TcpEndpoint& address : addresses) {
    targets.push_back({uri_of(broker, address.host()), {address}});
  }
  std::reverse(targets.begin(), targets.end());
  return targets;
}

}  // namespace

PahoCore::PahoCore(QueueLimits limits) : limits_(limits) {}

void PahoCore::dispatch(Handler handler) {
  dispatcher_.post([weak = weak_from_this(), handler = std::move(handler)] {
    if (const auto self = weak.lock()) handler(*self);
  });
}

void PahoCore::dispatch_at(TaskThread::Clock::time_point time, Handler handler) {
  dispatcher_.post_at(time, [weak = weak_from_this(), handler = std::move(handler)] {
    if (const auto self = weak.lock()) handler(*self);
  });
}

void PahoCore::connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done) {
  auto fail = [&](Error error) {
    dispatcher_.post([done = std::move(done), error = std::move(error)] {
      call<Result<ConnectionInfo>>(done, error);
    });
  };
  if (auto checked = check_connect(options); !checked) return fail(std::move(checked).error());

  const auto deadline = TaskThread::Clock::now() + options.connect_timeout;
  const std::string host = options.broker.host;
  const std::uint16_t port = options.broker.port;
  std::uint64_t attempt = 0;
  {
    std::unique_lock lock(mutex_);
    if (phase_ != Phase::idle) {
      lock.unlock();
      return fail(Error{ErrorKind::invalid_argument, 0,
                        "connect() was called while the last connection is open or in the making",
                        nullptr});
    }
    phase_ = Phase::connecting;
    attempt = ++attempt_;
    options_ = std::move(options);
    events_ = std::make_shared<const ConnectionEvents>(std::move(events));
    connect_done_ = std::move(done);
  }
  dispatch_at(deadline, [attempt](PahoCore& self) {
    const std::string broker = [&] {
      const std::lock_guard lock(self.mutex_);
      return self.options_.broker.to_string();
    }();
    self.handle_connect_failed(
        attempt,
        Error{ErrorKind::timeout, 0,
              fmt::format("{} did not answer within the connect timeout", broker), nullptr});
  });
  look_up(host, port, [weak = weak_from_this(), attempt](auto addresses) {
    const auto self = weak.lock();
    if (!self) return;
    self->dispatch([attempt, addresses = std::move(addresses)](PahoCore& core) {
      core.addresses_found(attempt, addresses);
    });
  });
}

void PahoCore::disconnect(Completion done) {
  std::unique_lock lock(mutex_);
  if (phase_ == Phase::idle) {
    lock.unlock();
    dispatcher_.post([done = std::move(done)] { call<Result<void>>(done, {}); });
    return;
  }
  if (phase_ == Phase::connecting) {
    const std::uint64_t attempt = attempt_;
    lock.unlock();
    dispatch([attempt, done = std::move(done)](PahoCore& self) {
      self.handle_connect_failed(
          attempt, Error{ErrorKind::cancelled, 0,
                         "disconnect() was called before the broker answered", nullptr});
      // It may have succeeded meanwhile.
      self.disconnect(done);
    });
    return;
  }
  disconnects_.push_back(std::move(done));
  if (phase_ == Phase::closing) return;
  phase_ = Phase::closing;
  const std::uint64_t attempt = attempt_;
  disconnect_when_flushed();
  lock.unlock();
  dispatch_at(TaskThread::Clock::now() + disconnect_patience,
              [attempt](PahoCore& self) { self.finish_disconnect(attempt); });
}

void PahoCore::disconnect_when_flushed() {
  if (phase_ != Phase::closing || disconnect_sent_) return;
  if (!pending_.empty() || !window_.idle()) return;
  disconnect_sent_ = true;
  PahoRuntime::instance().lane().post([connection = connection_] { connection->disconnect(); });
}

void PahoCore::shut_down() {
  std::shared_ptr<PahoConnection> connection;
  {
    const std::lock_guard lock(mutex_);
    connection = end_connection().connection;
  }
  dispatcher_.stop();
  if (!connection) return;
  auto closed = std::make_shared<std::promise<void>>();
  auto done = closed->get_future();
  PahoRuntime::instance().lane().post([connection = std::move(connection), closed] {
    connection->close(false, [closed] { closed->set_value(); });
  });
  if (done.wait_for(shut_down_patience) != std::future_status::ready) {
    log::debug("a Paho connection is being closed in the background");
  }
}

void PahoCore::connected(std::uint64_t attempt, ConnectionInfo info) {
  dispatch(
      [attempt, info = std::move(info)](PahoCore& self) { self.handle_connected(attempt, info); });
}

void PahoCore::connect_failed(std::uint64_t attempt, Error error) {
  dispatch([attempt, error = std::move(error)](PahoCore& self) {
    const bool again = error.kind == ErrorKind::not_connected && [&] {
      const std::lock_guard lock(self.mutex_);
      if (self.phase_ != Phase::connecting || self.attempt_ != attempt) return false;
      if (self.targets_.empty()) return false;
      self.close(std::exchange(self.connection_, nullptr), true);
      self.try_next_address();
      return true;
    }();
    if (!again) self.handle_connect_failed(attempt, error);
  });
}

void PahoCore::lost(std::uint64_t attempt, Error error) {
  dispatch(
      [attempt, error = std::move(error)](PahoCore& self) { self.handle_lost(attempt, error); });
}

void PahoCore::disconnected(std::uint64_t attempt) {
  dispatch([attempt](PahoCore& self) { self.finish_disconnect(attempt); });
}

void PahoCore::addresses_found(std::uint64_t attempt, Result<std::vector<TcpEndpoint>> addresses) {
  if (!addresses) return handle_connect_failed(attempt, addresses.error());
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::connecting || attempt_ != attempt) return;
  targets_ = targets_of(options_.broker, *std::move(addresses));
  try_next_address();
}

void PahoCore::try_next_address() {
  ConnectTarget target = std::move(targets_.back());
  targets_.pop_back();
  auto& runtime = PahoRuntime::instance();
  connection_ = std::make_shared<PahoConnection>(runtime, weak_from_this(), attempt_, options_,
                                                 std::move(target));
  runtime.lane().post([connection = connection_] { connection->open(); });
}

void PahoCore::handle_connected(std::uint64_t attempt, const ConnectionInfo& info) {
  ConnectCompletion done;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::connecting || attempt_ != attempt) return;
    phase_ = Phase::open;
    info_ = std::make_shared<const ConnectionInfo>(info);
    window_.limit(options_.max_queued_messages, options_.max_queued_bytes);
    window_.open(info.receive_maximum);
    done = std::exchange(connect_done_, nullptr);
  }
  call<Result<ConnectionInfo>>(done, info);
}

void PahoCore::handle_connect_failed(std::uint64_t attempt, const Error& error) {
  ConnectCompletion done;
  Remains remains;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::connecting || attempt_ != attempt) return;
    done = std::exchange(connect_done_, nullptr);
    remains = end_connection();
  }
  close(remains.connection, true);
  call<Result<ConnectionInfo>>(done, error);
}

void PahoCore::handle_lost(std::uint64_t attempt, const Error& error) {
  Remains remains;
  {
    const std::lock_guard lock(mutex_);
    if (attempt_ != attempt || phase_ == Phase::idle) return;
    if (phase_ != Phase::connecting) remains = end_connection();
  }
  if (!remains.connection) return handle_connect_failed(attempt, error);
  close(remains.connection, false);
  report(remains, error);
}

void PahoCore::finish_disconnect(std::uint64_t attempt) {
  Remains remains;
  {
    const std::lock_guard lock(mutex_);
    if (attempt_ != attempt || phase_ != Phase::closing) return;
    remains = end_connection();
  }
  close(remains.connection, true);
  report(remains, Error{ErrorKind::connection_lost, 0,
                        "the connection was closed before the broker answered", nullptr});
}

PahoCore::Remains PahoCore::end_connection() {
  Remains remains;
  remains.connection = std::exchange(connection_, nullptr);
  remains.events = std::exchange(events_, nullptr);
  remains.pending = std::exchange(pending_, {});
  remains.unsent = window_.close();
  remains.disconnects = std::exchange(disconnects_, {});
  targets_.clear();
  info_ = nullptr;
  handed_over_messages_ = 0;
  handed_over_bytes_ = 0;
  disconnect_sent_ = false;
  breaking_ = false;
  phase_ = Phase::idle;
  // What the old connection still reports is of no concern any more.
  ++attempt_;
  return remains;
}

void PahoCore::report(const Remains& remains, const Error& error) {
  for (const auto& [operation, pending] : remains.pending) {
    Error own = error;
    own.kind = ErrorKind::connection_lost;
    call<Result<void>>(pending.done, own);
  }
  for (const PublishWindow::Entry& entry : remains.unsent) {
    Error own = error;
    own.kind = ErrorKind::not_connected;
    call<Result<void>>(entry.done, own);
  }
  if (remains.disconnects.empty()) {
    call(remains.events->on_connection_lost, error);
  } else {
    for (const Completion& done : remains.disconnects) call<Result<void>>(done, {});
  }
}

void PahoCore::close(const std::shared_ptr<PahoConnection>& connection, bool drop_will) {
  if (!connection) return;
  PahoRuntime::instance().lane().post(
      [connection, drop_will] { connection->close(drop_will, nullptr); });
}

}  // namespace mcp_mqtt::mqtt::paho
