#include "mqtt/paho/paho_connection.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <mqtt/async_client.h>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/paho/client_handle.hpp"
#include "mqtt/paho/connect_request.hpp"
#include "mqtt/paho/paho_runtime.hpp"
#include "mqtt/paho/paho_values.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

using namespace std::chrono_literals;

/// A filter that nobody subscribes to: to unsubscribe it changes nothing (MQTT 5, 3.11.3).
constexpr const char* exchange_filter = "mcp-mqtt/exchange";

/// How long Paho's receiving thread is left alone with a socket that is being connected: it has to
/// be woken twice after the socket is ready, and this bounds what that adds.
constexpr auto first_look = 1ms;
constexpr std::chrono::milliseconds longest_look = 32ms;

/// A socket that was not found by then is not going to be, or does not open.
constexpr auto patience_without_socket = 16ms;

/// Paho answers a DISCONNECT when it is written; behind a blocked socket it never does.
constexpr auto close_patience = 500ms;

/// Reason codes of DISCONNECT (MQTT 5, 3.14.2.1): the broker drops the will, or publishes it.
constexpr int normal_disconnection = 0x00;
constexpr int disconnect_with_will_message = 0x04;

/// What Paho says when a connection could not be made ready for CONNECT.
constexpr std::string_view handshake_failure = "TCP/TLS connect failure";

/// Between two looks at how long the broker has been silent.
constexpr std::chrono::milliseconds shortest_watch{100};

/// One and a half keep-alives; of short ones, what Paho's rounds and an answer take.
std::chrono::seconds longest_silence(std::chrono::seconds keep_alive) {
  return keep_alive + std::max<std::chrono::seconds>(keep_alive / 2, 4s);
}

void* context_of(std::uint64_t operation) noexcept {
  return std::bit_cast<void*>(static_cast<std::uintptr_t>(operation));
}

}  // namespace

PahoConnection::PahoConnection(PahoRuntime& runtime, std::weak_ptr<ConnectionSink> sink,
                               std::uint64_t attempt, ConnectOptions options, ConnectTarget target)
    : runtime_(runtime),
      sink_(std::move(sink)),
      attempt_(attempt),
      options_(std::move(options)),
      target_(std::move(target)) {}

PahoConnection::~PahoConnection() = default;

void PahoConnection::on_lane(std::function<void(PahoConnection&)> action) {
  runtime_.lane().post([self = shared_from_this(), action = std::move(action)] { action(*self); });
}

void PahoConnection::tell_sink(const std::function<void(ConnectionSink&)>& action) noexcept {
  // An exception that leaves a callback ends the process, and what is thrown here is bad_alloc.
  try {
    if (const auto sink = sink_.lock()) action(*sink);
  } catch (const std::exception& fault) {
    log::error("an event of a Paho connection is lost: {}", fault.what());
  }
}

void PahoConnection::open() {
  self_ = shared_from_this();
  if (options_.broker.uses_tls()) {
    if (auto readable = check_files(options_.tls); !readable) {
      return fail_to_connect(std::move(readable).error());
    }
    if (!options_.tls.verify) {
      log::warning("the certificate of {} is not verified: anybody may pose as this broker",
                   options_.broker.to_string());
    }
  }
  runtime_.prepare();
  try_to_connect();
}

void PahoConnection::try_to_connect() {
  try {
    make_client();
    start_connecting();
  } catch (const ::mqtt::exception& fault) {
    fail_to_connect(Error{
        ErrorKind::not_connected, 0,
        fmt::format("Paho cannot connect to {}: {}", options_.broker.to_string(), fault.what()),
        nullptr});
  }
}

void PahoConnection::make_client() {
  // Beyond the default of 100 a publish fails even while connected. What is handed over is bounded
  // by the window in front.
  ::mqtt::create_options create(MQTTVERSION_5, 200'000);
  create.set_send_while_disconnected(false);
  client_ =
      std::make_unique<::mqtt::async_client>(target_.uri, options_.client_id, create, nullptr);
  // The C++ library would copy each message, and hold Paho's until this has a copy of that.
  MQTTAsync_setMessageArrivedCallback(handle_of(*client_), this, &message_callback);
  client_->set_connection_lost_handler([this](const std::string&) { on_connection_lost(); });
  // A DISCONNECT from the broker is reported here and nowhere else (paho.mqtt.c #1619).
  client_->set_disconnected_handler(
      [this](const ::mqtt::properties& properties, ::mqtt::ReasonCode code) {
        on_disconnected_by_broker(properties.c_struct(), static_cast<int>(code));
      });
}

void PahoConnection::start_connecting() {
  known_sockets_ = open_tcp_sockets();
  if (HiddenProxyEnvironment::needed()) hidden_proxy_.emplace();
  const ConnectRequest request(
      options_, {&connected_callback, &connect_failed_callback, &tls_error_callback, this});
  if (const int code = MQTTAsync_connect(handle_of(*client_), request.get());
      code != MQTTASYNC_SUCCESS) {
    return fail_to_connect(connect_error(code, nullptr));
  }
  attend_to_connecting(first_look);
}

void PahoConnection::connect_again() {
  if (!client_ || closing_) return;
  if (attempts_left_-- <= 0) {
    return fail_to_connect(connect_error(MQTTASYNC_FAILURE, "the socket failed again and again"));
  }
  log::debug("Paho mistook the socket to {} for another: connecting again",
             options_.broker.to_string());
  client_.reset();
  finished_connecting_ = false;
  try_to_connect();
}

void PahoConnection::attend_to_connecting(std::chrono::milliseconds pause) {
  if (finished_connecting_ || !client_) return;
  // Already now: a TLS handshake has small packets that wait for each other, too.
  const auto sockets = tcp_sockets_to(target_.peers, known_sockets_);
  if (!sockets.empty() && !reached_broker_.exchange(true)) pause = first_look;
  send_without_delay(sockets);
  acknowledge_without_delay(sockets);
  // With a socket on its way to the broker Paho has read the environment.
  if (hidden_proxy_ &&
      (!sockets.empty() || !tcp_sockets_to(target_.peers, known_sockets_, true).empty())) {
    hidden_proxy_.reset();
  }
  // Not before the socket was seen: what goes wrong from then on is the handshake's fault, and an
  // awake receiver may be through with the handshake before the next look.
  if (reached_broker_ || pause >= patience_without_socket) runtime_.wake_receiver();
  runtime_.lane().post_at(TaskThread::Clock::now() + pause, [weak = weak_from_this(), pause] {
    if (const auto self = weak.lock()) {
      self->attend_to_connecting(std::min<std::chrono::milliseconds>(2 * pause, longest_look));
    }
  });
}

void PahoConnection::subscribe(std::uint64_t operation, const Subscription& subscription) {
  submit(operation, [&] {
    // One filter for each packet: the form for several filters crashes (paho.mqtt.cpp #524).
    client_->subscribe(subscription.filter, static_cast<int>(subscription.qos),
                       context_of(operation), *this,
                       ::mqtt::subscribe_options(subscription.no_local));
  });
}

void PahoConnection::unsubscribe(std::uint64_t operation, const std::string& filter) {
  submit(operation, [&] { client_->unsubscribe(filter, context_of(operation), *this); });
}

void PahoConnection::publish(std::vector<OutgoingMessage> messages) {
  for (OutgoingMessage& outgoing : messages) {
    submit(outgoing.operation, [&] {
      Message& message = outgoing.message;
      client_->publish(::mqtt::message::create(std::move(message.topic), std::move(message.payload),
                                               static_cast<int>(message.qos), message.retain,
                                               to_properties(message.user_properties)),
                       context_of(outgoing.operation), *this);
    });
  }
}

template <class Action>
void PahoConnection::submit(std::uint64_t operation, Action action) {
  Error error{ErrorKind::connection_lost, 0, "the connection to the broker is closed", nullptr};
  if (client_) {
    try {
      return action();
    } catch (const ::mqtt::exception& fault) {
      error.message = fmt::format("the connection to the broker cannot be used: {}", fault.what());
    }
  }
  error.kind = ErrorKind::not_connected;
  tell_sink([&](ConnectionSink& sink) { sink.completed(attempt_, operation, std::move(error)); });
}

void PahoConnection::exchange_packets() {
  if (exchange_pending_.exchange(true)) return;
  try {
    client_->unsubscribe(exchange_filter, context_of(exchange_operation), *this);
  } catch (const ::mqtt::exception&) {
    exchange_pending_ = false;
  }
}

void PahoConnection::disconnect() {
  if (!client_ || send_disconnect(normal_disconnection) != MQTTASYNC_SUCCESS) {
    tell_sink([&](ConnectionSink& sink) { sink.disconnected(attempt_); });
  }
}

int PahoConnection::send_disconnect(int reason_code) {
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
  options.reasonCode = static_cast<MQTTReasonCodes>(reason_code);
  options.context = this;
  options.onSuccess5 = [](void* context, MQTTAsync_successData5*) { closed_callback(context); };
  options.onFailure5 = [](void* context, MQTTAsync_failureData5*) { closed_callback(context); };
  return MQTTAsync_disconnect(handle_of(*client_), &options);
}

void PahoConnection::close(bool drop_will, std::function<void()> done) {
  hidden_proxy_.reset();
  closing_ = true;
  closed_ = std::move(done);
  // Destroying a connected client makes Paho send a DISCONNECT of its own, which drops the will.
  if (!client_ || send_disconnect(drop_will ? normal_disconnection
                                            : disconnect_with_will_message) != MQTTASYNC_SUCCESS) {
    return destroy_client();
  }
  runtime_.lane().post_at(TaskThread::Clock::now() + close_patience, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->destroy_client();
  });
}

void PahoConnection::destroy_client() {
  // Here and never in a callback of Paho's, where it would wait for itself.
  client_.reset();
  open_ = false;
  runtime_.closed(this);
  const auto self = std::move(self_);
  if (const auto done = std::exchange(closed_, nullptr)) done();
}

void PahoConnection::settle(ConnectionInfo info) {
  hidden_proxy_.reset();
  if (!client_ || closing_) return;
  std::vector<TcpSocket> sockets = tcp_sockets_to(target_.peers, known_sockets_);
  const auto claimed = runtime_.claimed_sockets();
  std::erase_if(sockets, [&](const TcpSocket& socket) {
    return std::find(claimed.begin(), claimed.end(), socket) != claimed.end();
  });
  if (sockets.empty()) {
    log::warning("the socket to {} was not found: messages may be delayed by 40 ms and more",
                 options_.broker.to_string());
  }
  send_without_delay(sockets);
  {
    const std::lock_guard lock(mutex_);
    sockets_ = std::move(sockets);
  }
  acknowledge_quickly();
  open_ = true;
  runtime_.opened(shared_from_this());

  const auto keep_alive = std::min(options_.keep_alive, info.server_keep_alive.value_or(24h));
  // Paho notices a silent broker after 2.6 keep-alives. Its PINGREQ comes after one, rounded up to
  // the next round of its loop, so one and a half without a byte mean the same.
  if (keep_alive > 0s) silence_limit_ = longest_silence(keep_alive);
  // Paho ignores a shorter keep-alive of the broker, which would then close the connection.
  const auto prescribed = info.server_keep_alive.value_or(0s);
  if (prescribed > 0s && (prescribed < options_.keep_alive || options_.keep_alive == 0s)) {
    probe_interval_ = std::max<std::chrono::seconds>(prescribed / 2, 1s);
    silence_limit_ = longest_silence(prescribed);
  }
  watch();
  tell_sink([&](ConnectionSink& sink) { sink.connected(attempt_, std::move(info)); });
}

void PahoConnection::watch() {
  if (!open_ || !client_ || silence_limit_ == 0s) return;
  const auto silence = since_last_receive(sockets());
  if (silence && *silence >= silence_limit_) {
    return report_lost(Error{ErrorKind::connection_lost, 0,
                             fmt::format("nothing came from {} for {} s, more than the keep-alive "
                                         "allows",
                                         options_.broker.to_string(), silence->count() / 1000),
                             nullptr});
  }
  if (probe_interval_ > 0s) exchange_packets();
  // Looks again when the silence could be too long, or to probe before that.
  std::chrono::milliseconds pause = silence_limit_ - silence.value_or(0ms);
  if (probe_interval_ > 0s) pause = std::min<std::chrono::milliseconds>(pause, probe_interval_);
  runtime_.lane().post_at(TaskThread::Clock::now() + std::max(pause, shortest_watch),
                          [weak = weak_from_this()] {
                            if (const auto self = weak.lock()) self->watch();
                          });
}

void PahoConnection::report_lost(Error error) {
  tell_sink([&](ConnectionSink& sink) { sink.lost(attempt_, std::move(error)); });
}

void PahoConnection::fail_to_connect(Error error) {
  hidden_proxy_.reset();
  tell_sink([&](ConnectionSink& sink) { sink.connect_failed(attempt_, std::move(error)); });
}

Error PahoConnection::connect_error(int code, const char* message) {
  const std::string broker = options_.broker.to_string();
  if (code > 0) return refused(fmt::format("{} refused the connection", broker), code);
  {
    const std::lock_guard lock(mutex_);
    if (!tls_errors_.empty()) {
      return Error{ErrorKind::tls, 0,
                   fmt::format("no TLS connection to {}: {}", broker, tls_errors_), nullptr};
    }
  }
  const char* words = message != nullptr ? message : MQTTAsync_strerror(code);
  // Paho reports nothing about a certificate that names another host, and says the same when TCP
  // or the WebSocket cannot be opened. Where the broker's port was reached TLS is left.
  if (options_.broker.uses_tls() && reached_broker_ && message != nullptr &&
      std::string_view(message) == handshake_failure) {
    return Error{ErrorKind::tls, 0,
                 fmt::format("no TLS connection to {}: the broker speaks no TLS there, or its "
                             "certificate does not name \"{}\"",
                             broker, options_.broker.host),
                 nullptr};
  }
  return Error{ErrorKind::not_connected, 0,
               fmt::format("no connection to {}: {}", broker,
                           words != nullptr ? words : "the network failed"),
               nullptr};
}

std::vector<TcpSocket> PahoConnection::sockets() const {
  const std::lock_guard lock(mutex_);
  return sockets_;
}

void PahoConnection::acknowledge_quickly() noexcept {
  const std::lock_guard lock(mutex_);
  acknowledge_without_delay(sockets_);
}

}  // namespace mcp_mqtt::mqtt::paho
