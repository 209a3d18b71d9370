#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/mosquitto/call_inbox.hpp"
#include "mqtt/mosquitto/client.hpp"
#include "mqtt/mosquitto/delivery_queue.hpp"
#include "mqtt/mosquitto/dial.hpp"
#include "mqtt/mosquitto/pending_calls.hpp"
#include "mqtt/publish_window.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {

/// The loop's side of a transport: drives one Client after the other through its socket.
///
/// Calls go through the inbox to the loop; there each turn (a handler of Asio) holds `turn_`, runs
/// the library, and then the callbacks that became due. Only close() comes from other threads, and
/// `turn_` is what makes it wait for the callback that runs and keeps the next from starting.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// Whether the calling thread may act for the loop; empty: nobody knows, so each call goes
  /// through the inbox.
  using OnLoop = std::function<bool()>;

  explicit Connection(asio::any_io_executor loop, OnLoop on_loop = {});
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  // The calls of Transport. Any thread; on the loop they act at once, but for those from a callback
  // of another connection: no thread holds two turns.

  void connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done);
  void disconnect(Completion done);
  void subscribe(Subscription subscription, Completion done);
  void unsubscribe(std::string filter, Completion done);
  void publish(Message message, Completion done);

  /// Closes the socket without DISCONNECT and drops all callbacks; none runs after it. Any thread.
  void close();

 private:
  enum class State {
    idle,
    dialing,     ///< The helper thread looks up the host and connects.
    connecting,  ///< TLS and CONNECT; waits for CONNACK.
    open,
    draining,   ///< disconnect(): waits for what is under way.
    lingering,  ///< DISCONNECT is sent; waits until the broker closes.
    closed,     ///< For good.
  };
  using Clock = std::chrono::steady_clock;

  /// Holds a connection's `turn_`. Connections share a loop, and a callback of one may call
  /// another.
  class Turn {
   public:
    explicit Turn(Connection& connection)
        : lock_(connection.turn_), before_(std::exchange(current_, &connection)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { current_ = before_; }

    /// Whether this thread is in the turn of another connection.
    static bool is_of_another(const Connection* connection) {
      return current_ != nullptr && current_ != connection;
    }

   private:
    static thread_local const Connection* current_;
    std::lock_guard<std::recursive_mutex> lock_;
    const Connection* before_;
  };

  // connection.cpp: calls and callbacks.
  void enqueue(std::size_t bytes, CallInbox::Call call, Completion done);
  template <class Call>
  void act(Call call);
  void dispatch_calls();
  void take_calls();
  void complete(Completion done, Result<void> result);
  void post_deliveries();
  void settle();
  void arm();
  Result<void> may_send() const;
  Result<void> may_ask() const;
  void do_connect(Clock::time_point deadline, ConnectOptions options, ConnectionEvents events,
                  ConnectCompletion done);
  void do_disconnect(Completion done);
  void do_subscribe(const Subscription& subscription, Completion done);
  void do_unsubscribe(const std::string& filter, Completion done);
  void do_publish(Message message, Completion done);
  void await_answer(const Result<int>& packet_id, Completion done);

  // connection_life.cpp: from dialing to the end.
  void dial(Clock::time_point deadline, ConnectOptions options);
  void on_dialed();
  void on_connack(Connack connack);
  void on_connect_deadline();
  std::chrono::seconds longest_silence() const;
  void fail_connect(Error error);
  void lose(Error error);
  void end(Error error);
  void start_draining();
  void say_goodbye_when_drained();
  void say_goodbye();
  void linger();
  void wait_for_the_brokers_end();
  void finish_disconnect();
  void fail_calls(const Error& error);
  void drop_link();

  // connection_io.cpp: the socket and the library.
  Result<void> adopt_socket();
  void arm_read();
  void arm_write();
  void on_readable();
  void on_writable();
  void arm_tick();
  void on_tick();
  void take_events();
  void take_event(Event event);
  bool after_call(const std::optional<Error>& error);
  void answer(int packet_id, int reason, std::string_view what);
  void end_after_failed_send(Error error);
  void end_for_lack_of_ids(Completion done);
  void flush();
  bool hand_over(PublishWindow::Entry entry);

  /// A handler for Asio that takes a turn, unless this connection is no longer the current one.
  template <class Body>
  auto turn(Body body);

  asio::any_io_executor loop_;
  const OnLoop on_loop_;
  CallInbox inbox_;

  // Recursive, because a callback may call the transport, which then acts at once.
  std::recursive_mutex turn_;
  State state_ = State::idle;
  std::deque<CallInbox::Call> calls_;
  DeliveryQueue deliveries_;
  bool delivery_posted_ = false;

  // Of the current connection; drop_link() ends them and steps `epoch_`, so that handlers of the
  // connection before do nothing.
  std::uint64_t epoch_ = 0;
  std::shared_ptr<Dial> dial_;
  std::unique_ptr<Client> client_;
  // A duplicate of the library's socket: the library closes its own whenever it likes, and a
  // number that is closed behind the loop's back may by then be somebody else's.
  asio::posix::stream_descriptor socket_;
  asio::steady_timer deadline_;
  asio::steady_timer tick_;
  bool read_armed_ = false;
  bool write_armed_ = false;
  // The library stopped reading before the socket was empty, or holds decrypted bytes.
  bool more_to_read_ = false;
  bool lingers_ = false;
  Clock::time_point last_heard_;
  std::chrono::seconds keep_alive_{0};
  std::string broker_name_;
  ConnectionInfo broker_;
  // What the broker said of the end, in a CONNACK or a DISCONNECT: better than what ends after it.
  std::optional<Error> refusal_;
  PublishWindow window_;
  PendingCalls pending_;

  std::shared_ptr<const ConnectionEvents> events_;
  ConnectCompletion connect_done_;
  std::vector<Completion> disconnect_done_;
};

template <class Body>
auto Connection::turn(Body body) {
  return [self = shared_from_this(), epoch = epoch_, body](auto&&...) {
    const Turn taken(*self);
    if (self->state_ == State::closed || self->epoch_ != epoch) return;
    body(*self);
    self->settle();
  };
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
