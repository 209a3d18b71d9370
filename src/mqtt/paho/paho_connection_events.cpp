#include <bit>
#include <exception>
#include <fmt/format.h>
#include <mqtt/async_client.h>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/paho/paho_connection.hpp"
#include "mqtt/paho/paho_values.hpp"

// The half of PahoConnection that runs on Paho's threads, inside its lock: everything here only
// passes an event on.
namespace mcp_mqtt::mqtt::paho {
namespace {

/// Paho C 1.3.12 looks up whose socket failed after it has let go of its lock. If another
/// connection has failed and the system has given its descriptor to this one in between, this one
/// is closed with these words; a socket of its own that fails while connecting has others.
constexpr std::string_view mistaken_failure = "socket error";

/// More than this of TLS's own words in an error would help nobody.
constexpr std::size_t tls_text_limit = 500;

std::uint64_t operation_of(const ::mqtt::token& token) noexcept {
  return std::bit_cast<std::uintptr_t>(token.get_user_context());
}

Message to_message(std::string_view topic, const MQTTAsync_message& message) {
  Message out;
  out.topic = topic;
  if (message.payloadlen > 0) {
    out.payload.assign(static_cast<const char*>(message.payload),
                       static_cast<std::size_t>(message.payloadlen));
  }
  out.qos = static_cast<Qos>(message.qos);
  out.retain = message.retained != 0;
  out.user_properties = user_properties_of(message.properties);
  return out;
}

const char* packet_of(const ::mqtt::token& token) noexcept {
  switch (token.get_type()) {
    case ::mqtt::token::SUBSCRIBE:
      return "the broker refused to subscribe";
    case ::mqtt::token::UNSUBSCRIBE:
      return "the broker refused to unsubscribe";
    case ::mqtt::token::PUBLISH:
      return "the broker refused the message";
    default:
      return "the broker refused";
  }
}

bool is_refusal(int reason_code) noexcept { return reason_code >= 0x80; }

}  // namespace

void PahoConnection::closed_callback(void* context) {
  auto& connection = *static_cast<PahoConnection*>(context);
  try {
    connection.on_lane([](PahoConnection& self) {
      if (self.closing_) return self.destroy_client();
      self.tell_sink([&](ConnectionSink& sink) { sink.disconnected(self.attempt_); });
    });
  } catch (const std::exception& fault) {
    log::error("an event of a Paho connection is lost: {}", fault.what());
  }
}

void PahoConnection::connected_callback(void* context, MQTTAsync_successData5* answer) {
  static_cast<PahoConnection*>(context)->on_connected(answer);
}

void PahoConnection::connect_failed_callback(void* context, MQTTAsync_failureData5* answer) {
  static_cast<PahoConnection*>(context)->on_connect_failed(answer);
}

int PahoConnection::tls_error_callback(const char* text, std::size_t length, void* context) {
  static_cast<PahoConnection*>(context)->on_tls_error({text, length});
  return 1;
}

void PahoConnection::on_connected(const MQTTAsync_successData5* answer) noexcept {
  finished_connecting_ = true;
  try {
    auto info = connection_info_of(answer->properties);
    on_lane([info = std::move(info)](PahoConnection& self) { self.settle(info); });
  } catch (const std::exception& fault) {
    log::error("an event of a Paho connection is lost: {}", fault.what());
  }
}

void PahoConnection::on_connect_failed(const MQTTAsync_failureData5* answer) noexcept {
  finished_connecting_ = true;
  try {
    const int code = answer != nullptr ? answer->code : MQTTASYNC_FAILURE;
    const char* const words = answer != nullptr ? answer->message : nullptr;
    if (words != nullptr && std::string_view(words) == mistaken_failure) {
      return on_lane([](PahoConnection& self) { self.connect_again(); });
    }
    auto error = connect_error(code, words);
    on_lane([error = std::move(error)](PahoConnection& self) { self.fail_to_connect(error); });
  } catch (const std::exception& fault) {
    log::error("an event of a Paho connection is lost: {}", fault.what());
  }
}

void PahoConnection::on_tls_error(std::string_view text) noexcept {
  try {
    std::string line = log::printable(text.substr(0, text.find('\n')), tls_text_limit);
    const std::lock_guard lock(mutex_);
    if (tls_errors_.size() + line.size() > tls_text_limit) return;
    if (!tls_errors_.empty()) tls_errors_ += "; ";
    tls_errors_ += line;
  } catch (const std::exception&) {
    // The connection fails all the same, with less to say about it.
  }
}

void PahoConnection::on_disconnected_by_broker(const MQTTProperties& properties,
                                               int reason_code) noexcept {
  tell_sink([&](ConnectionSink& sink) {
    sink.lost(attempt_, refused("the broker closed the connection", reason_code,
                                reason_string_of(properties)));
  });
}

void PahoConnection::on_connection_lost() noexcept {
  tell_sink([&](ConnectionSink& sink) {
    sink.lost(
        attempt_,
        Error{ErrorKind::connection_lost, 0,
              fmt::format("the connection to {} broke", options_.broker.to_string()), nullptr});
  });
}

int PahoConnection::message_callback(void* context, char* topic, int topic_length,
                                     MQTTAsync_message* message) {
  // A length of 0 says that no NUL is part of the topic.
  const std::string_view name =
      topic_length > 0 ? std::string_view(topic, static_cast<std::size_t>(topic_length)) : topic;
  static_cast<PahoConnection*>(context)->on_message(name, message);
  MQTTAsync_free(topic);
  return 1;
}

void PahoConnection::on_message(std::string_view topic, MQTTAsync_message* message) noexcept {
  acknowledge_quickly();
  tell_sink([&](ConnectionSink& sink) {
    Message own = to_message(topic, *message);
    // Before it is handed over: it may be large.
    MQTTAsync_freeMessage(&message);
    sink.message_arrived(attempt_, std::move(own));
  });
  if (message != nullptr) MQTTAsync_freeMessage(&message);
}

void PahoConnection::on_success(const ::mqtt::token& token) noexcept {
  acknowledge_quickly();
  const std::uint64_t operation = operation_of(token);
  if (operation == exchange_operation) {
    exchange_pending_ = false;
    return;
  }
  tell_sink([&](ConnectionSink& sink) {
    // An UNSUBACK with an error comes as a success.
    const int reason_code = static_cast<int>(token.get_reason_code());
    if (token.get_type() == ::mqtt::token::UNSUBSCRIBE && is_refusal(reason_code)) {
      sink.completed(attempt_, operation, refused(packet_of(token), reason_code));
    } else {
      sink.completed(attempt_, operation, {});
    }
  });
}

void PahoConnection::on_failure(const ::mqtt::token& token) noexcept {
  acknowledge_quickly();
  const std::uint64_t operation = operation_of(token);
  if (operation == exchange_operation) {
    exchange_pending_ = false;
    return;
  }
  tell_sink([&](ConnectionSink& sink) {
    const int reason_code = static_cast<int>(token.get_reason_code());
    // With an error of Paho's own the reason code holds whatever was in memory.
    if (token.get_return_code() == MQTTASYNC_SUCCESS && is_refusal(reason_code)) {
      sink.completed(attempt_, operation, refused(packet_of(token), reason_code));
    } else {
      sink.completed(attempt_, operation,
                     Error{ErrorKind::connection_lost, 0,
                           fmt::format("the connection to {} broke before the broker answered",
                                       options_.broker.to_string()),
                           nullptr});
    }
  });
}

}  // namespace mcp_mqtt::mqtt::paho
