#include "mqtt/mosquitto/connection.hpp"

#include <algorithm>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <utility>

#include "mqtt/message_bytes.hpp"
#include "mqtt/publish_check.hpp"

// The calls of the transport and the callbacks of its user.
namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

/// Callbacks in one turn; then the loop's other work has its turn.
constexpr std::size_t deliveries_per_turn = 256;
/// Subscriptions and their like that may wait for the broker. They share the 65,535 packet ids
/// with the publishes in flight.
constexpr std::size_t most_pending = 30'000;
/// Far beyond any use, and far from where time points overflow.
constexpr std::chrono::hours longest_timeout{24};

}  // namespace

thread_local const Connection* Connection::Turn::current_ = nullptr;

Connection::Connection(asio::any_io_executor loop, OnLoop on_loop)
    : loop_(std::move(loop)),
      on_loop_(std::move(on_loop)),
      socket_(loop_),
      deadline_(loop_),
      tick_(loop_) {}

void Connection::connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done) {
  const auto timeout =
      std::min<std::chrono::milliseconds>(options.connect_timeout, longest_timeout);
  const auto deadline = Clock::now() + timeout;
  inbox_.push_always([this, deadline, options = std::move(options), events = std::move(events),
                      done = std::move(done)]() mutable {
    do_connect(deadline, std::move(options), std::move(events), std::move(done));
  });
  dispatch_calls();
}

void Connection::disconnect(Completion done) {
  inbox_.push_always([this, done = std::move(done)]() mutable { do_disconnect(std::move(done)); });
  dispatch_calls();
}

void Connection::subscribe(Subscription subscription, Completion done) {
  enqueue(
      subscription.filter.size(),
      [this, subscription = std::move(subscription), done] { do_subscribe(subscription, done); },
      done);
}

void Connection::unsubscribe(std::string filter, Completion done) {
  const std::size_t bytes = filter.size();
  enqueue(
      bytes, [this, filter = std::move(filter), done] { do_unsubscribe(filter, done); }, done);
}

template <class Call>
void Connection::act(Call call) {
  const Turn taken(*this);
  if (state_ == State::closed) return;
  take_calls();
  call();
  // The caller may be on this thread's stack: completions have to wait for a turn of their own.
  if (!deliveries_.running()) post_deliveries();
  say_goodbye_when_drained();
  arm();
}

void Connection::publish(Message message, Completion done) {
  if (on_loop_ && on_loop_() && !Turn::is_of_another(this)) {
    return act([&] { do_publish(std::move(message), std::move(done)); });
  }
  const std::size_t bytes = bytes_of(message);
  enqueue(
      bytes,
      [this, message = std::move(message), done]() mutable {
        do_publish(std::move(message), std::move(done));
      },
      done);
}

void Connection::enqueue(std::size_t bytes, CallInbox::Call call, Completion done) {
  if (!inbox_.push(bytes, std::move(call))) {
    inbox_.push_always([this, done = std::move(done)]() mutable {
      complete(std::move(done),
               Error{ErrorKind::busy, 0, "too many calls wait for the transport's loop"});
    });
  }
  dispatch_calls();
}

void Connection::dispatch_calls() {
  auto turn = [self = shared_from_this()] { self->act([] {}); };
  if (Turn::is_of_another(this)) {
    asio::post(loop_, std::move(turn));
  } else {
    asio::dispatch(loop_, std::move(turn));
  }
}

void Connection::take_calls() {
  for (auto& call : inbox_.take()) calls_.push_back(std::move(call));
  // A call can end the connection, which takes the rest before it tells of its end.
  while (!calls_.empty()) {
    const auto call = std::move(calls_.front());
    calls_.pop_front();
    call();
  }
}

void Connection::close() {
  // What users gave is destroyed after the lock is released: it may be anything.
  std::deque<CallInbox::Call> calls;
  std::vector<CallInbox::Call> inbox;
  std::deque<DeliveryQueue::Delivery> deliveries;
  std::vector<PublishWindow::Entry> unsent;
  std::vector<Completion> pending;
  std::vector<Completion> disconnect_done;
  ConnectCompletion connect_done;
  std::shared_ptr<const ConnectionEvents> events;

  const std::lock_guard lock(turn_);
  if (state_ == State::closed) return;
  state_ = State::closed;
  drop_link();
  calls = std::exchange(calls_, {});
  inbox = inbox_.take();
  deliveries = deliveries_.take();
  unsent = window_.close();
  pending = pending_.take_all();
  disconnect_done = std::exchange(disconnect_done_, {});
  connect_done = std::exchange(connect_done_, nullptr);
  events = std::exchange(events_, nullptr);
}

void Connection::complete(Completion done, Result<void> result) {
  if (!done) return;
  deliveries_.push(
      [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void Connection::post_deliveries() {
  if (delivery_posted_ || deliveries_.empty()) return;
  delivery_posted_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    const Turn taken(*self);
    self->delivery_posted_ = false;
    if (self->state_ != State::closed) self->settle();
  });
}

void Connection::settle() {
  deliveries_.run(deliveries_per_turn);
  if (state_ == State::closed) return;
  say_goodbye_when_drained();
  post_deliveries();
  arm();
}

void Connection::arm() {
  if (!client_) return;
  // Callbacks that are behind hold the broker back, instead of messages piling up here.
  if (deliveries_.empty()) arm_read();
  arm_write();
}

Result<void> Connection::may_send() const {
  switch (state_) {
    case State::open:
      return {};
    case State::draining:
    case State::lingering:
      return Error{ErrorKind::not_connected, 0, "the connection is being closed"};
    default:
      return Error{ErrorKind::not_connected, 0, "there is no connection to a broker"};
  }
}

Result<void> Connection::may_ask() const {
  if (auto open = may_send(); !open) return open;
  if (pending_.size() >= most_pending) {
    return Error{ErrorKind::busy, 0, "too many calls wait for the broker's answer"};
  }
  return {};
}

void Connection::do_connect(Clock::time_point deadline, ConnectOptions options,
                            ConnectionEvents events, ConnectCompletion done) {
  const auto refuse = [&](Error error) {
    if (!done) return;
    deliveries_.push([done = std::move(done), error = std::move(error)] { done(error); });
  };
  if (state_ != State::idle) {
    return refuse(Error{ErrorKind::invalid_argument, 0,
                        "the transport has a connection, or is opening or closing one"});
  }
  if (options.broker.uses_websocket()) {
    return refuse(Error{ErrorKind::unsupported, 0,
                        "libmosquitto does not speak WebSocket: " + options.broker.to_string()});
  }
  if (auto checked = check_connect(options); !checked) return refuse(checked.error());
  window_.limit(options.max_queued_messages, options.max_queued_bytes);
  events_ = std::make_shared<const ConnectionEvents>(std::move(events));
  connect_done_ = std::move(done);
  dial(deadline, std::move(options));
}

void Connection::do_disconnect(Completion done) {
  switch (state_) {
    case State::dialing:
    case State::connecting:
      fail_connect(Error{ErrorKind::cancelled, 0, "disconnect() was called before CONNACK"});
      [[fallthrough]];
    case State::idle:
    case State::closed:
      return complete(std::move(done), {});
    case State::open:
      disconnect_done_.push_back(std::move(done));
      return start_draining();
    case State::draining:
    case State::lingering:
      disconnect_done_.push_back(std::move(done));
  }
}

void Connection::do_subscribe(const Subscription& subscription, Completion done) {
  if (auto ready = may_ask(); !ready) return complete(std::move(done), ready);
  if (auto checked = check_subscribe(subscription.filter, broker_); !checked) {
    return complete(std::move(done), checked);
  }
  await_answer(client_->subscribe(subscription), std::move(done));
}

void Connection::do_unsubscribe(const std::string& filter, Completion done) {
  if (auto ready = may_ask(); !ready) return complete(std::move(done), ready);
  if (auto checked = check_subscribe(filter, broker_); !checked)
    return complete(std::move(done), checked);
  await_answer(client_->unsubscribe(filter), std::move(done));
}

void Connection::await_answer(const Result<int>& packet_id, Completion done) {
  if (packet_id) {
    if (!pending_.add(*packet_id, {done, false})) end_for_lack_of_ids(std::move(done));
    return;
  }
  const Error& error = packet_id.error();
  complete(std::move(done), error);
  if (error.kind == ErrorKind::connection_lost) end_after_failed_send(error);
}

void Connection::do_publish(Message message, Completion done) {
  if (auto open = may_send(); !open) return complete(std::move(done), open);
  if (auto checked = check_publish(message, broker_); !checked) {
    return complete(std::move(done), checked);
  }
  if (auto queued = window_.push(std::move(message), std::move(done)); !queued) {
    return complete(std::move(done), queued);
  }
  flush();
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
