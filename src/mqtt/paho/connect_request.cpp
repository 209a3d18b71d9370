#include "mqtt/paho/connect_request.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>

#include "ground/logging.hpp"
#include "mqtt/paho/paho_values.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

const char* scheme_of(const BrokerUrl& broker) {
  switch (broker.scheme) {
    case BrokerUrl::Scheme::mqtt:
      return "tcp";
    case BrokerUrl::Scheme::mqtts:
      return "ssl";
    case BrokerUrl::Scheme::ws:
      return "ws";
    case BrokerUrl::Scheme::wss:
      return "wss";
  }
  return "tcp";
}

/// Paho counts in whole seconds and notices late. Our own deadline comes first; this one only keeps
/// an attempt that nobody waits for any more from going on for ever.
int whole_seconds_beyond(std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count() + 1;
  return static_cast<int>(std::min<std::int64_t>(seconds, 86'400));
}

}  // namespace

std::string uri_of(const BrokerUrl& broker, const std::string& host) {
  const bool brackets = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}{}", scheme_of(broker), brackets ? "[" : "", host,
                     brackets ? "]" : "", broker.port, broker.uses_websocket() ? broker.path : "");
}

ConnectRequest::ConnectRequest(const ConnectOptions& options, const Callbacks& callbacks) {
  connect_.onSuccess5 = callbacks.connected;
  connect_.onFailure5 = callbacks.failed;
  connect_.context = callbacks.context;
  connect_.cleanstart = 1;
  connect_.automaticReconnect = 0;
  connect_.keepAliveInterval = static_cast<int>(options.keep_alive.count());
  connect_.connectTimeout = whole_seconds_beyond(options.connect_timeout);
  connect_.username = or_null(options.broker.username);
  if (!options.broker.password.empty()) {
    connect_.binarypwd.data = options.broker.password.data();
    connect_.binarypwd.len = static_cast<int>(options.broker.password.size());
  }

  connect_values_ = to_properties(options.user_properties);
  connect_values_.add({::mqtt::property::SESSION_EXPIRY_INTERVAL, 0});
  connect_values_.add({::mqtt::property::RECEIVE_MAXIMUM, options.receive_maximum});
  connect_properties_ = connect_values_.c_struct();
  connect_.connectProperties = &connect_properties_;

  if (options.will) add_will(*options.will);
  if (options.broker.uses_tls()) add_tls(options.tls, callbacks);
}

void ConnectRequest::add_will(const Message& will) {
  will_.topicName = will.topic.c_str();
  // Never null, also where it is empty: an empty will clears a retained message.
  will_.payload.data = will.payload.c_str();
  will_.payload.len = static_cast<int>(will.payload.size());
  will_.qos = static_cast<int>(will.qos);
  will_.retained = will.retain ? 1 : 0;
  connect_.will = &will_;
  will_values_ = to_properties(will.user_properties);
  will_properties_ = will_values_.c_struct();
  connect_.willProperties = &will_properties_;
}

void ConnectRequest::add_tls(const TlsOptions& tls, const Callbacks& callbacks) {
  tls_.trustStore = or_null(tls.ca_file);
  tls_.keyStore = or_null(tls.certificate_file);
  tls_.privateKey = or_null(tls.key_file);
  // Never null: OpenSSL would ask for the password of an encrypted key at the terminal.
  tls_.privateKeyPassword = tls.key_password.c_str();
  tls_.enableServerCertAuth = tls.verify ? 1 : 0;
  tls_.verify = tls.verify ? 1 : 0;
  tls_.ssl_error_cb = callbacks.tls_error;
  tls_.ssl_error_context = callbacks.context;
  connect_.ssl = &tls_;
}

Result<void> check_files(const TlsOptions& tls) {
  for (const std::string* file : {&tls.ca_file, &tls.certificate_file, &tls.key_file}) {
    if (file->empty() || std::ifstream(*file).is_open()) continue;
    return Error{ErrorKind::tls, 0,
                 fmt::format("the TLS file \"{}\" cannot be read", log::printable(*file)), nullptr};
  }
  return {};
}

}  // namespace mcp_mqtt::mqtt::paho
