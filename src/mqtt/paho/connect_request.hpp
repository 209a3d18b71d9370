#pragma once

#include <MQTTAsync.h>
#include <mqtt/properties.h>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt::paho {

/// The URI under which Paho knows a broker. `host` stands in for the URL's own.
std::string uri_of(const BrokerUrl& broker, const std::string& host);

/// The options of one CONNECT as the C library takes them, put together in place: they hold
/// pointers into this object, which must live until MQTTAsync_connect() returns.
class ConnectRequest {
 public:
  struct Callbacks {
    MQTTAsync_onSuccess5* connected;
    MQTTAsync_onFailure5* failed;
    int (*tls_error)(const char* text, std::size_t length, void* context);
    void* context;
  };

  ConnectRequest(const ConnectOptions& options, const Callbacks& callbacks);
  ConnectRequest(const ConnectRequest&) = delete;
  ConnectRequest& operator=(const ConnectRequest&) = delete;

  const MQTTAsync_connectOptions* get() const noexcept { return &connect_; }

 private:
  void add_will(const Message& will);
  void add_tls(const TlsOptions& tls, const Callbacks& callbacks);

  MQTTAsync_connectOptions connect_ = MQTTAsync_connectOptions_initializer5;
  MQTTAsync_willOptions will_ = MQTTAsync_willOptions_initializer;
  MQTTAsync_SSLOptions tls_ = MQTTAsync_SSLOptions_initializer;
  MQTTProperties connect_properties_;
  MQTTProperties will_properties_;
  ::mqtt::properties connect_values_;
  ::mqtt::properties will_values_;
};

/// Whether the files that `tls` names can be read; the error names the file.
Result<void> check_files(const TlsOptions& tls);

}  // namespace mcp_mqtt::mqtt::paho
