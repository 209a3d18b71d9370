#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include "mqtt/mosquitto/connection.hpp"

// Between the socket, the library, and what the library reports.
namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

using asio::posix::stream_descriptor;

/// Packets in one turn; then the loop's other connections have theirs.
constexpr int reads_per_turn = 64;
/// So many packets in one turn make it likely that more will come.
constexpr int reads_before_holding = 3;
constexpr std::chrono::milliseconds shortest_tick{500};
constexpr std::chrono::milliseconds longest_tick{5'000};

/// Linux falls back to delayed acknowledgements by itself, and each costs a broker that does not
/// disable Nagle up to 40 ms; so this is repeated after every read.
void acknowledge_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/// While many packets are read in one turn, what the library writes for each, an acknowledgement,
/// waits for the turn's end: one segment, and the broker wakes up once.
void hold_back(int socket, bool held) {
  const int on = held ? 1 : 0;
  ::setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

Error closed_by_broker() {
  return Error{ErrorKind::connection_lost, 0, "the broker closed the connection"};
}

}  // namespace

Result<void> Connection::adopt_socket() {
  const int library_socket = client_->socket();
  // A child process that inherited it would keep the connection open after our end.
  ::fcntl(library_socket, F_SETFD, FD_CLOEXEC);
  const int duplicate = ::fcntl(library_socket, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) {
    return Error{
        ErrorKind::not_connected, 0,
        "no file descriptor for the connection: " + std::generic_category().message(errno)};
  }
  asio::error_code error;
  socket_.assign(duplicate, error);
  if (error) {
    ::close(duplicate);
    return Error{ErrorKind::not_connected, 0,
                 "the loop does not take the connection: " + error.message()};
  }
  acknowledge_at_once(duplicate);
  last_heard_ = Clock::now();
  return {};
}

void Connection::arm_read() {
  if (read_armed_ || state_ == State::lingering) return;
  read_armed_ = true;
  auto handler = turn([](Connection& self) { self.on_readable(); });
  if (more_to_read_) {
    asio::post(loop_, std::move(handler));
  } else {
    socket_.async_wait(stream_descriptor::wait_read, std::move(handler));
  }
}

void Connection::arm_write() {
  if (write_armed_ || client_->socket() < 0 || !client_->wants_write()) return;
  write_armed_ = true;
  socket_.async_wait(stream_descriptor::wait_write,
                     turn([](Connection& self) { self.on_writable(); }));
}

void Connection::on_readable() {
  read_armed_ = false;
  // Since the turn was armed, disconnect() may have taken the reading over.
  if (state_ == State::lingering) return;
  last_heard_ = Clock::now();
  const auto epoch = epoch_;
  bool drained = false;
  bool held = false;
  for (int reads = 0; reads < reads_per_turn && !drained; ++reads) {
    if (reads == reads_before_holding) hold_back(socket_.native_handle(), held = true);
    if (!after_call(client_->read(drained))) return;
    flush();
    // Callbacks run before the next packet is read: one that is slow slows the broker down.
    if (epoch_ == epoch) deliveries_.run(static_cast<std::size_t>(reads_per_turn));
    if (epoch_ != epoch) return;
    if (state_ == State::lingering) break;
    if (!deliveries_.empty()) break;
  }
  if (held) hold_back(socket_.native_handle(), false);
  if (state_ == State::lingering) return;
  more_to_read_ = !drained;
  acknowledge_at_once(socket_.native_handle());
}

void Connection::on_writable() {
  write_armed_ = false;
  if (client_->socket() < 0) return;
  if (after_call(client_->write())) flush();
}

void Connection::arm_tick() {
  if (keep_alive_.count() == 0) return;
  const std::chrono::milliseconds interval = keep_alive_;
  const auto next = Clock::now() + std::clamp(interval / 8, shortest_tick, longest_tick);
  // Not later than the silence is too long.
  tick_.expires_at(std::min(next, std::max(last_heard_ + longest_silence(), Clock::now())));
  tick_.async_wait(turn([](Connection& self) { self.on_tick(); }));
}

void Connection::on_tick() {
  if (state_ != State::open && state_ != State::draining) return;
  if (!after_call(client_->keep_up())) return;
  const auto silence = Clock::now() - last_heard_;
  if (silence >= longest_silence()) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence);
    return end(Error{ErrorKind::connection_lost, 0,
                     fmt::format("the broker has been silent for {} seconds", seconds.count())});
  }
  arm_tick();
}

/// After each call that may end the connection: false when it did.
bool Connection::after_call(const std::optional<Error>& error) {
  const auto epoch = epoch_;
  take_events();
  if (epoch_ != epoch) return false;
  if (!error && client_->socket() >= 0) return true;
  if (state_ == State::lingering && !error) {
    linger();
  } else {
    end(error.value_or(closed_by_broker()));
  }
  return false;
}

void Connection::take_events() {
  while (client_ && !client_->events.empty()) {
    Event event = std::move(client_->events.front());
    client_->events.pop_front();
    take_event(std::move(event));
  }
}

void Connection::take_event(Event event) {
  if (auto* message = std::get_if<Message>(&event)) {
    if (!events_ || !events_->on_message) return;
    deliveries_.push([events = events_, message = std::move(*message)]() mutable {
      events->on_message(std::move(message));
    });
  } else if (auto* connack = std::get_if<Connack>(&event)) {
    on_connack(std::move(*connack));
  } else if (const auto* done = std::get_if<PublishDone>(&event)) {
    answer(done->packet_id, done->reason, "the message");
  } else if (const auto* subscribed = std::get_if<SubscribeDone>(&event)) {
    answer(subscribed->packet_id, subscribed->reason, "the subscription");
  } else if (const auto* unsubscribed = std::get_if<UnsubscribeDone>(&event)) {
    answer(unsubscribed->packet_id, 0, "the end of the subscription");
  } else if (const auto* disconnected = std::get_if<Disconnected>(&event)) {
    const int code = disconnected->code;
    if (refusal_ || state_ == State::lingering || (code != 0 && code < 0x80)) return;
    refusal_ = Error{ErrorKind::refused, code,
                     fmt::format("{} ended the connection: {}", broker_name_, reason_text(code))};
  }
}

void Connection::answer(int packet_id, int reason, std::string_view what) {
  auto call = pending_.take(packet_id);
  if (!call) return;
  if (call->in_window) window_.acknowledged();
  if (reason < 0x80) return complete(std::move(call->done), {});
  complete(std::move(call->done),
           Error{ErrorKind::refused, reason,
                 fmt::format("the broker refused {}: {}", what, reason_text(reason))});
}

void Connection::flush() {
  // While the socket is full, messages wait in the window, which is bounded, not in the library.
  while ((state_ == State::open || state_ == State::draining) && !client_->wants_write()) {
    auto entry = window_.pop();
    if (!entry || !hand_over(*std::move(entry))) return;
  }
}

bool Connection::hand_over(PublishWindow::Entry entry) {
  const bool in_window = entry.message.qos != Qos::at_most_once;
  const auto packet_id = client_->publish(entry.message);
  if (!packet_id) {
    const Error error = packet_id.error();
    complete(std::move(entry.done), error);
    if (error.kind == ErrorKind::connection_lost) {
      end_after_failed_send(error);
      return false;
    }
    if (in_window) window_.acknowledged();
    return true;
  }
  if (!in_window) {
    pending_.add_unacknowledged(*packet_id, std::move(entry.done));
  } else if (!pending_.add(*packet_id, {entry.done, true})) {
    end_for_lack_of_ids(std::move(entry.done));
    return false;
  }
  take_events();
  return true;
}

void Connection::end_for_lack_of_ids(Completion done) {
  const Error error{ErrorKind::connection_lost, 0,
                    "the broker left a packet unacknowledged until its id was needed again"};
  complete(std::move(done), error);
  end(error);
}

/// A broker that ends a connection says why before it closes; that may still be unread.
void Connection::end_after_failed_send(Error error) {
  bool drained = false;
  for (int reads = 0; reads < reads_per_turn && !drained; ++reads) {
    if (client_->socket() < 0 || client_->read(drained)) break;
  }
  take_events();
  end(std::move(error));
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
