#include <algorithm>
#include <array>
#include <asio/post.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <sys/socket.h>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/mosquitto/connection.hpp"

// The life of one connection, from dialing to its end.
namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

/// disconnect() is bounded by two seconds: most of them for what is under way, the rest for the
/// DISCONNECT and the broker's closing.
constexpr std::chrono::milliseconds drain_time{1'500};
constexpr std::chrono::milliseconds linger_time{500};
/// Half of the packet ids: the library numbers QoS 0 and subscriptions from the same 65,535.
constexpr std::uint16_t widest_window = 30'000;
/// What a broker is given to answer a ping, beside half the keep-alive: the library counts in
/// whole seconds.
constexpr std::chrono::seconds shortest_ping_time{3};

}  // namespace

void Connection::dial(Clock::time_point deadline, ConnectOptions options) {
  state_ = State::dialing;
  broker_name_ = options.broker.to_string();
  deadline_.expires_at(deadline);
  deadline_.async_wait(turn([](Connection& self) { self.on_connect_deadline(); }));

  auto on_dialed = [weak = weak_from_this(), loop = loop_, epoch = epoch_] {
    asio::post(loop, [weak, epoch] {
      const auto self = weak.lock();
      if (!self) return;
      const Turn taken(*self);
      if (self->state_ == State::closed || self->epoch_ != epoch) return;
      self->on_dialed();
      self->settle();
    });
  };
  auto dial = Dial::start(std::move(options), std::move(on_dialed));
  if (!dial) return fail_connect(dial.error());
  dial_ = *dial;
}

void Connection::on_dialed() {
  auto client = std::exchange(dial_, nullptr)->take();
  if (!client) return fail_connect(client.error());
  client_ = *std::move(client);
  if (auto adopted = adopt_socket(); !adopted) return fail_connect(adopted.error());
  state_ = State::connecting;
}

void Connection::on_connect_deadline() {
  if (deadline_.expiry() > Clock::now()) return;
  if (state_ == State::dialing) {
    fail_connect(
        Error{ErrorKind::timeout, 0, fmt::format("{} could not be reached in time", broker_name_)});
  } else if (state_ == State::connecting) {
    fail_connect(Error{ErrorKind::timeout, 0,
                       fmt::format("{} did not answer CONNECT in time", broker_name_)});
  }
}

void Connection::on_connack(Connack connack) {
  if (state_ != State::connecting) return;
  if (connack.reason != 0) {
    refusal_ = Error{
        ErrorKind::refused, connack.reason,
        fmt::format("{} refused the connection: {}", broker_name_, reason_text(connack.reason))};
    return;
  }
  state_ = State::open;
  deadline_.cancel();
  broker_ = connack.info;
  window_.open(std::min(broker_.receive_maximum, widest_window));
  keep_alive_ = broker_.server_keep_alive.value_or(client_->keep_alive());
  last_heard_ = Clock::now();
  arm_tick();
  log::debug("connected to {}", broker_name_);
  if (auto done = std::exchange(connect_done_, nullptr)) {
    deliveries_.push([done = std::move(done), info = std::move(connack.info)] { done(info); });
  }
}

std::chrono::seconds Connection::longest_silence() const {
  return keep_alive_ + std::max(keep_alive_ / 2, shortest_ping_time);
}

void Connection::fail_connect(Error error) {
  drop_link();
  state_ = State::idle;
  log::debug("no connection to {}: {}", broker_name_, error.message);
  events_ = nullptr;
  if (auto done = std::exchange(connect_done_, nullptr)) {
    deliveries_.push([done = std::move(done), error = std::move(error)] { done(error); });
  }
}

void Connection::end(Error error) {
  if (refusal_) error = *std::exchange(refusal_, std::nullopt);
  switch (state_) {
    case State::connecting:
      error.message = fmt::format("no connection to {}: {}", broker_name_, error.message);
      return fail_connect(std::move(error));
    case State::open:
      return lose(std::move(error));
    case State::draining:
    case State::lingering:
      return finish_disconnect();
    default:
      return;
  }
}

void Connection::lose(Error error) {
  log::debug("the connection to {} is lost: {}", broker_name_, error.message);
  fail_calls(error);
  drop_link();
  state_ = State::idle;
  const auto events = std::exchange(events_, nullptr);
  // Calls on their way here were made on the connection that is lost: they fail before it is told.
  take_calls();
  if (events && events->on_connection_lost) {
    deliveries_.push([events, error = std::move(error)] { events->on_connection_lost(error); });
  }
}

void Connection::fail_calls(const Error& error) {
  const Error lost{ErrorKind::connection_lost, error.code,
                   "the connection ended before the broker answered: " + error.message};
  for (auto& done : pending_.take_all()) complete(std::move(done), lost);
  const Error unsent{ErrorKind::not_connected, 0,
                     "the connection ended before this was sent: " + error.message};
  for (auto& entry : window_.close()) complete(std::move(entry.done), unsent);
}

void Connection::start_draining() {
  state_ = State::draining;
  deadline_.expires_after(drain_time);
  deadline_.async_wait(turn([](Connection& self) {
    if (self.state_ == State::draining && self.deadline_.expiry() <= Clock::now()) {
      self.say_goodbye();
    }
  }));
}

void Connection::say_goodbye_when_drained() {
  if (state_ != State::draining) return;
  if (window_.idle() && pending_.empty() && !client_->wants_write()) say_goodbye();
}

void Connection::say_goodbye() {
  state_ = State::lingering;
  deadline_.expires_after(linger_time);
  deadline_.async_wait(turn([](Connection& self) {
    if (self.deadline_.expiry() <= Clock::now()) self.finish_disconnect();
  }));
  client_->disconnect();
  after_call(std::nullopt);
}

// Reading on until the broker closes, because closing a socket that still has something to read
// resets the connection, and the broker may then not see the DISCONNECT.
void Connection::linger() {
  if (std::exchange(lingers_, true)) return;
  ::shutdown(socket_.native_handle(), SHUT_WR);
  wait_for_the_brokers_end();
}

void Connection::wait_for_the_brokers_end() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read, turn([](Connection& self) {
                       std::array<char, 16'384> unread;
                       const auto size = ::recv(self.socket_.native_handle(), unread.data(),
                                                unread.size(), MSG_DONTWAIT);
                       if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) {
                         self.wait_for_the_brokers_end();
                       } else {
                         self.finish_disconnect();
                       }
                     }));
}

void Connection::finish_disconnect() {
  fail_calls(Error{ErrorKind::connection_lost, 0, "disconnect() was called"});
  drop_link();
  state_ = State::idle;
  events_ = nullptr;
  for (auto& done : std::exchange(disconnect_done_, {})) complete(std::move(done), {});
}

void Connection::drop_link() {
  ++epoch_;
  if (auto dial = std::exchange(dial_, nullptr)) dial->abandon();
  deadline_.cancel();
  tick_.cancel();
  asio::error_code ignored;
  socket_.close(ignored);
  client_.reset();
  refusal_.reset();
  broker_ = {};
  read_armed_ = false;
  write_armed_ = false;
  more_to_read_ = false;
  lingers_ = false;
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
