#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/paho/paho_connection.hpp"
#include "mqtt/paho/task_thread.hpp"
#include "mqtt/publish_window.hpp"

namespace mcp_mqtt::mqtt::paho {

/// The bounds of what a transport keeps in memory.
struct QueueLimits {
  /// Messages that arrived and wait for the callback. Beyond it QoS 0 messages are dropped, and a
  /// QoS 1 or 2 message ends the connection: Paho has acknowledged it already.
  std::size_t inbound_messages = 200'000;
  std::size_t inbound_bytes = 128 << 20;
  /// QoS 0 messages, and bytes of any, that Paho may hold unsent. Those of QoS 1 and 2 are bounded
  /// by the receive maximum as well.
  std::size_t handed_over_messages = 1'024;
  std::size_t handed_over_bytes = 16 << 20;
  /// Calls that wait for the broker's answer, beyond which subscribing is `busy`. More than the
  /// packet identifiers of MQTT would not help.
  std::size_t calls_under_way = 65'535;
};

/// Calls what may be empty.
template <class Value>
void call(const std::function<void(Value)>& callback, Value value) {
  if (callback) callback(std::move(value));
}

/// The state of a PahoTransport: which connection is open and which calls wait for it. Calls come
/// from any thread, events from Paho's; every callback of the user is made on one thread of its
/// own. No lock is held while Paho or the user is called.
class PahoCore final : public ConnectionSink, public std::enable_shared_from_this<PahoCore> {
 public:
  explicit PahoCore(QueueLimits limits);

  void connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done);
  void disconnect(Completion done);
  void subscribe(Subscription subscription, Completion done);
  void unsubscribe(std::string filter, Completion done);
  void publish(Message message, Completion done);

  /// Ends everything without a callback. Waits for a callback that runs now, and a bounded time for
  /// the socket to be closed.
  void shut_down();

  void connected(std::uint64_t attempt, ConnectionInfo info) override;
  void connect_failed(std::uint64_t attempt, Error error) override;
  void completed(std::uint64_t attempt, std::uint64_t operation, Result<void> result) override;
  void message_arrived(std::uint64_t attempt, Message message) override;
  void lost(std::uint64_t attempt, Error error) override;
  void disconnected(std::uint64_t attempt) override;

 private:
  enum class Phase { idle, connecting, open, closing };

  struct Pending {
    Completion done;
    bool publish = false;
    bool acknowledged = false;  ///< It takes a place in the window.
    std::size_t bytes = 0;
  };

  /// What is left of a connection that ended, to be reported without the lock.
  struct Remains {
    std::shared_ptr<PahoConnection> connection;
    std::shared_ptr<const ConnectionEvents> events;
    std::map<std::uint64_t, Pending> pending;
    std::vector<PublishWindow::Entry> unsent;
    std::vector<Completion> disconnects;
  };

  // On the dispatcher.
  void addresses_found(std::uint64_t attempt, Result<std::vector<TcpEndpoint>> addresses);
  void handle_connected(std::uint64_t attempt, const ConnectionInfo& info);
  void handle_connect_failed(std::uint64_t attempt, const Error& error);
  void handle_completed(std::uint64_t attempt, std::uint64_t operation, const Result<void>& result);
  void handle_message(std::uint64_t attempt, Message message);
  void handle_lost(std::uint64_t attempt, const Error& error);
  void finish_disconnect(std::uint64_t attempt);
  void report(const Remains& remains, const Error& error);

  using Handler = std::function<void(PahoCore&)>;
  void dispatch(Handler handler);
  void dispatch_at(TaskThread::Clock::time_point time, Handler handler);
  void fail_later(Completion done, Error error);
  template <class Submit>
  void submit(Completion done, Submit submit);

  // With the lock held.
  void try_next_address();
  void hand_over();
  void expect_loss();
  void disconnect_when_flushed();
  Remains end_connection();

  void close(const std::shared_ptr<PahoConnection>& connection, bool drop_will);

  const QueueLimits limits_;
  TaskThread dispatcher_;

  std::shared_ptr<const ConnectionInfo> broker() const;

  mutable std::mutex mutex_;
  Phase phase_ = Phase::idle;
  std::uint64_t attempt_ = 0;
  std::uint64_t last_operation_ = 0;
  ConnectOptions options_;
  std::shared_ptr<const ConnectionEvents> events_;
  ConnectCompletion connect_done_;
  std::vector<Completion> disconnects_;
  bool disconnect_sent_ = false;
  bool breaking_ = false;               ///< A call failed because the connection broke.
  std::vector<ConnectTarget> targets_;  ///< Not tried yet, the next one last.
  std::shared_ptr<PahoConnection> connection_;
  std::shared_ptr<const ConnectionInfo> info_;
  PublishWindow window_;
  std::map<std::uint64_t, Pending> pending_;
  std::size_t handed_over_messages_ = 0;
  std::size_t handed_over_bytes_ = 0;

  std::atomic<std::size_t> inbound_messages_{0};
  std::atomic<std::size_t> inbound_bytes_{0};
  std::atomic<std::size_t> dropped_messages_{0};
};

}  // namespace mcp_mqtt::mqtt::paho
