#include "mqtt/mosquitto/client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <mutex>
#include <netdb.h>
#include <openssl/ssl.h>
#include <system_error>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/mosquitto/property_list.hpp"
#include "mqtt/mosquitto/tls_call_guard.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

/// libmosquitto refuses a keep-alive below this, except 0.
constexpr std::chrono::seconds shortest_keep_alive{5};
/// MQTT 5, 3.8.3.1.
constexpr int no_local_option = 0x04;

void start_library() {
  // Never cleaned up: a thread that still dials may use it while the process ends.
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

Client& client_of(void* user_data) { return *static_cast<Client*>(user_data); }

// The library is C: an exception must not pass through it. Out of memory ends the process, as it
// does in any other noexcept function.

void on_connect(mosquitto*, void* user_data, int reason, int /*flags*/,
                const mosquitto_property* properties) noexcept {
  Client& client = client_of(user_data);
  client.accepted = client.accepted || reason == 0;
  client.events.emplace_back(Connack{reason, connection_info_of(properties)});
}

void on_disconnect(mosquitto*, void* user_data, int code, const mosquitto_property*) noexcept {
  client_of(user_data).events.emplace_back(Disconnected{code});
}

void on_publish(mosquitto*, void* user_data, int packet_id, int reason,
                const mosquitto_property*) noexcept {
  client_of(user_data).events.emplace_back(PublishDone{packet_id, reason});
}

void on_subscribe(mosquitto*, void* user_data, int packet_id, int count, const int* granted,
                  const mosquitto_property*) noexcept {
  const int reason = count > 0 ? granted[0] : 0;
  client_of(user_data).events.emplace_back(SubscribeDone{packet_id, reason});
}

void on_unsubscribe(mosquitto*, void* user_data, int packet_id,
                    const mosquitto_property*) noexcept {
  client_of(user_data).events.emplace_back(UnsubscribeDone{packet_id});
}

void on_message(mosquitto*, void* user_data, const mosquitto_message* received,
                const mosquitto_property* properties) noexcept {
  Message message;
  if (received->topic != nullptr) message.topic = received->topic;
  if (received->payloadlen > 0) {
    message.payload.assign(static_cast<const char*>(received->payload),
                           static_cast<std::size_t>(received->payloadlen));
  }
  message.qos = static_cast<Qos>(std::clamp(received->qos, 0, 2));
  message.retain = received->retain;
  message.user_properties = user_properties_of(properties);
  client_of(user_data).events.emplace_back(std::move(message));
}

void on_log(mosquitto*, void*, int level, const char* text) noexcept {
  if (level == MOSQ_LOG_ERR || level == MOSQ_LOG_WARNING) {
    log::debug("libmosquitto: {}", log::printable(text));
  }
}

Error setup_error(std::string_view what, int rc) {
  return Error{ErrorKind::invalid_argument, 0,
               fmt::format("libmosquitto does not take {}: {}", what, mosquitto_strerror(rc))};
}

/// Whether the library's result of a call means that its connection is gone.
bool ends_connection(int rc) {
  switch (rc) {
    case MOSQ_ERR_NO_CONN:
    case MOSQ_ERR_CONN_LOST:
    case MOSQ_ERR_ERRNO:
    case MOSQ_ERR_TLS:
    case MOSQ_ERR_PROTOCOL:
    case MOSQ_ERR_NOMEM:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string reason_text(int reason) {
  return fmt::format("{} (reason code 0x{:02x})", mosquitto_reason_string(reason), reason);
}

Result<std::unique_ptr<Client>> Client::dial(const ConnectOptions& options) {
  start_library();
  std::unique_ptr<Client> client(new Client);
  if (auto done = client->configure(options); !done) return done.error();
  if (auto done = client->open(options); !done) return done.error();
  return client;
}

Result<void> Client::configure(const ConnectOptions& options) {
  const char* id = options.client_id.empty() ? nullptr : options.client_id.c_str();
  handle_.reset(mosquitto_new(id, true, this));
  if (!handle_) return Error{ErrorKind::not_connected, 0, "libmosquitto is out of memory"};
  mosquitto* const handle = handle_.get();

  mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, options.receive_maximum);
  // The window in front of the library decides how much is in flight, not the library's own.
  mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, 65'535);

  mosquitto_connect_v5_callback_set(handle, on_connect);
  mosquitto_disconnect_v5_callback_set(handle, on_disconnect);
  mosquitto_publish_v5_callback_set(handle, on_publish);
  mosquitto_subscribe_v5_callback_set(handle, on_subscribe);
  mosquitto_unsubscribe_v5_callback_set(handle, on_unsubscribe);
  mosquitto_message_v5_callback_set(handle, on_message);
  // The library formats a line for each packet, wanted or not.
  if (log::enabled(LogLevel::debug)) mosquitto_log_callback_set(handle, on_log);

  const std::string& username = options.broker.username;
  const std::string& password = options.broker.password;
  if (!username.empty() || !password.empty()) {
    const int rc = mosquitto_username_pw_set(handle, username.empty() ? nullptr : username.c_str(),
                                             password.empty() ? nullptr : password.c_str());
    if (rc != MOSQ_ERR_SUCCESS) return setup_error("the credentials", rc);
  }
  if (options.will) {
    if (auto done = set_will(*options.will); !done) return done;
  }
  if (options.broker.uses_tls()) {
    auto tls = TlsContext::make(options.broker.host, options.tls);
    if (!tls) return tls.error();
    tls_ = std::move(tls).value();
    mosquitto_int_option(handle, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    const int rc = mosquitto_void_option(handle, MOSQ_OPT_SSL_CTX, tls_->get());
    if (rc != MOSQ_ERR_SUCCESS) return setup_error("the TLS settings", rc);
  }
  return {};
}

Result<void> Client::set_will(const Message& will) {
  PropertyList properties = make_property_list(will.user_properties);
  const int rc = mosquitto_will_set_v5(handle_.get(), will.topic.c_str(),
                                       static_cast<int>(will.payload.size()), will.payload.data(),
                                       static_cast<int>(will.qos), will.retain, properties.get());
  if (rc != MOSQ_ERR_SUCCESS) return setup_error("the will", rc);
  // On success the list belongs to the library.
  static_cast<void>(properties.release());
  return {};
}

Result<void> Client::open(const ConnectOptions& options) {
  keep_alive_ = options.keep_alive;
  if (keep_alive_.count() > 0) keep_alive_ = std::max(keep_alive_, shortest_keep_alive);
  const PropertyList properties = make_property_list(options.user_properties);
  errno = 0;
  const int rc =
      mosquitto_connect_bind_v5(handle_.get(), options.broker.host.c_str(), options.broker.port,
                                static_cast<int>(keep_alive_.count()), nullptr, properties.get());
  const int system_error = errno;
  if (rc == MOSQ_ERR_SUCCESS) return {};

  Error error = ended(rc, system_error);
  if (rc == MOSQ_ERR_EAI) error.message = gai_strerror(system_error);
  if (error.kind == ErrorKind::connection_lost) error.kind = ErrorKind::not_connected;
  error.message =
      fmt::format("cannot connect to {}: {}", options.broker.to_string(), error.message);
  return error;
}

Error Client::ended(int rc, int system_error) const {
  if (tls_ && !tls_->failure().empty()) return Error{ErrorKind::tls, 0, tls_->failure()};
  switch (rc) {
    case MOSQ_ERR_TLS:
      return Error{ErrorKind::tls, 0,
                   "the TLS handshake failed: the broker may not speak TLS here"};
    case MOSQ_ERR_ERRNO:
      // The library's word for an error inside TLS, also for a peer that closes without goodbye.
      if (system_error == EPROTO) break;
      if (system_error == 0) {
        const std::string cut = "the broker closed the connection in the middle of a packet";
        return Error{ErrorKind::connection_lost, 0,
                     accepted ? cut : cut + "; what listens there may not speak MQTT"};
      }
      return Error{ErrorKind::connection_lost, 0, std::generic_category().message(system_error)};
    case MOSQ_ERR_KEEPALIVE:
      return Error{ErrorKind::connection_lost, 0, "the broker did not answer a ping"};
    case MOSQ_ERR_CONN_LOST:
    case MOSQ_ERR_NO_CONN:
      break;
    default:
      return Error{ErrorKind::connection_lost, 0,
                   fmt::format("libmosquitto ended the connection: {}", mosquitto_strerror(rc))};
  }
  if (tls_ && !accepted) {
    // The alert that says why can be lost when the broker closes before it has read CONNECT.
    return Error{ErrorKind::tls, 0,
                 "the broker closed the connection during the TLS handshake; it may want a client "
                 "certificate, or not speak TLS here"};
  }
  return Error{ErrorKind::connection_lost, 0, "the broker closed the connection"};
}

int Client::socket() const noexcept { return mosquitto_socket(handle_.get()); }

bool Client::wants_write() const noexcept { return mosquitto_want_write(handle_.get()); }

std::optional<Error> Client::read(bool& drained) {
  const TlsCallGuard guard(tls_.has_value());
  // The library does not say whether it read a packet or found nothing: it leaves errno alone.
  errno = 0;
  const int rc = mosquitto_loop_read(handle_.get(), 1);
  const int system_error = errno;
  if (rc != MOSQ_ERR_SUCCESS) return ended(rc, system_error);
  drained = system_error == EAGAIN || system_error == EWOULDBLOCK;
  if (drained && tls_) {
    // What OpenSSL has decrypted makes no socket readable.
    const auto* ssl = static_cast<const SSL*>(mosquitto_ssl_get(handle_.get()));
    if (ssl != nullptr && SSL_pending(ssl) > 0) drained = false;
  }
  return std::nullopt;
}

std::optional<Error> Client::write() {
  const TlsCallGuard guard(tls_.has_value());
  errno = 0;
  const int rc = mosquitto_loop_write(handle_.get(), 1);
  const int system_error = errno;
  if (rc != MOSQ_ERR_SUCCESS) return ended(rc, system_error);
  return std::nullopt;
}

std::optional<Error> Client::keep_up() {
  const TlsCallGuard guard(tls_.has_value());
  errno = 0;
  const int rc = mosquitto_loop_misc(handle_.get());
  const int system_error = errno;
  if (rc != MOSQ_ERR_SUCCESS) return ended(rc, system_error);
  return std::nullopt;
}

Result<int> Client::called(int rc, int packet_id, int system_error) const {
  if (rc == MOSQ_ERR_SUCCESS) return packet_id;
  if (ends_connection(rc)) {
    Error error = ended(rc, system_error);
    error.kind = ErrorKind::connection_lost;
    return error;
  }
  const ErrorKind kind = rc == MOSQ_ERR_OVERSIZE_PACKET || rc == MOSQ_ERR_PAYLOAD_SIZE
                             ? ErrorKind::too_large
                             : ErrorKind::invalid_argument;
  return Error{kind, 0, fmt::format("libmosquitto refused the call: {}", mosquitto_strerror(rc))};
}

Result<int> Client::publish(const Message& message) {
  const PropertyList properties = make_property_list(message.user_properties);
  const TlsCallGuard guard(tls_.has_value());
  int packet_id = 0;
  errno = 0;
  const int rc = mosquitto_publish_v5(
      handle_.get(), &packet_id, message.topic.c_str(), static_cast<int>(message.payload.size()),
      message.payload.data(), static_cast<int>(message.qos), message.retain, properties.get());
  return called(rc, packet_id, errno);
}

Result<int> Client::subscribe(const Subscription& subscription) {
  const TlsCallGuard guard(tls_.has_value());
  int packet_id = 0;
  errno = 0;
  const int rc = mosquitto_subscribe_v5(handle_.get(), &packet_id, subscription.filter.c_str(),
                                        static_cast<int>(subscription.qos),
                                        subscription.no_local ? no_local_option : 0, nullptr);
  return called(rc, packet_id, errno);
}

Result<int> Client::unsubscribe(const std::string& filter) {
  const TlsCallGuard guard(tls_.has_value());
  int packet_id = 0;
  errno = 0;
  const int rc = mosquitto_unsubscribe_v5(handle_.get(), &packet_id, filter.c_str(), nullptr);
  return called(rc, packet_id, errno);
}

void Client::disconnect() {
  const TlsCallGuard guard(tls_.has_value());
  mosquitto_disconnect_v5(handle_.get(), 0, nullptr);
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
