#pragma once

#include <MQTTAsync.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mqtt/iaction_listener.h>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/paho/proxy_environment.hpp"
#include "mqtt/socket_latency.hpp"

namespace mqtt {
class async_client;
}  // namespace mqtt

namespace mcp_mqtt::mqtt::paho {

class PahoRuntime;

/// Receives what happens to a connection. The calls come from Paho's threads and from the lane,
/// several at once, and must only pass the event on.
class ConnectionSink {
 public:
  ConnectionSink() = default;
  ConnectionSink(const ConnectionSink&) = delete;
  ConnectionSink& operator=(const ConnectionSink&) = delete;
  virtual ~ConnectionSink() = default;

  // `attempt` is the number with which the connection was made, `operation` the one of the call.
  virtual void connected(std::uint64_t attempt, ConnectionInfo info) = 0;
  virtual void connect_failed(std::uint64_t attempt, Error error) = 0;
  virtual void completed(std::uint64_t attempt, std::uint64_t operation, Result<void> result) = 0;
  virtual void message_arrived(std::uint64_t attempt, Message message) = 0;
  virtual void lost(std::uint64_t attempt, Error error) = 0;
  /// DISCONNECT was sent, or could not be.
  virtual void disconnected(std::uint64_t attempt) = 0;
};

/// Where to connect to.
struct ConnectTarget {
  std::string uri;                 ///< In Paho's words.
  std::vector<TcpEndpoint> peers;  ///< The addresses that this may mean.
};

struct OutgoingMessage {
  std::uint64_t operation = 0;
  Message message;
};

/// One Paho client for one connection: an object for each, since a Paho client that connects again
/// brings along what the old session left in its queues. It keeps itself alive from open() until
/// close(), which must follow. Everything is called on the runtime's lane unless it says otherwise.
class PahoConnection : public std::enable_shared_from_this<PahoConnection>,
                       private ::mqtt::iaction_listener {
 public:
  PahoConnection(PahoRuntime& runtime, std::weak_ptr<ConnectionSink> sink, std::uint64_t attempt,
                 ConnectOptions options, ConnectTarget target);
  ~PahoConnection() override;

  void open();
  void subscribe(std::uint64_t operation, const Subscription& subscription);
  void unsubscribe(std::uint64_t operation, const std::string& filter);
  void publish(std::vector<OutgoingMessage> messages);
  /// Sends DISCONNECT, with which the broker drops the will.
  void disconnect();
  /// Ends the connection whatever its state, and calls `done` on the lane once its socket is closed
  /// and no callback of Paho can come any more. `drop_will` says whether the broker is to drop it.
  void close(bool drop_will, std::function<void()> done);

  /// The sockets of which one is this connection's; almost always that one alone. Any thread.
  std::vector<TcpSocket> sockets() const;

 private:
  // From Paho's threads.
  void on_success(const ::mqtt::token& token) noexcept override;
  void on_failure(const ::mqtt::token& token) noexcept override;
  /// Frees the message.
  void on_message(std::string_view topic, MQTTAsync_message* message) noexcept;
  void on_connected(const MQTTAsync_successData5* answer) noexcept;
  void on_connect_failed(const MQTTAsync_failureData5* answer) noexcept;
  void on_disconnected_by_broker(const MQTTProperties& properties, int reason_code) noexcept;
  void on_connection_lost() noexcept;
  void on_tls_error(std::string_view text) noexcept;

  // The C library's forms of them; `context` is this.
  static void connected_callback(void* context, MQTTAsync_successData5* answer);
  static void connect_failed_callback(void* context, MQTTAsync_failureData5* answer);
  static int tls_error_callback(const char* text, std::size_t length, void* context);
  static void closed_callback(void* context);
  static int message_callback(void* context, char* topic, int topic_length,
                              MQTTAsync_message* message);

  void try_to_connect();
  void connect_again();
  void make_client();
  void start_connecting();
  void attend_to_connecting(std::chrono::milliseconds pause);
  void exchange_packets();
  void settle(ConnectionInfo info);
  void fail_to_connect(Error error);
  Error connect_error(int code, const char* message);
  void watch();
  int send_disconnect(int reason_code);
  void destroy_client();
  void acknowledge_quickly() noexcept;
  void report_lost(Error error);
  template <class Action>
  void submit(std::uint64_t operation, Action action);
  void on_lane(std::function<void(PahoConnection&)> action);
  void tell_sink(const std::function<void(ConnectionSink&)>& action) noexcept;

  /// The number of what exchange_packets() sends to keep the connection alive; calls begin at 1.
  static constexpr std::uint64_t exchange_operation = 0;

  PahoRuntime& runtime_;
  const std::weak_ptr<ConnectionSink> sink_;
  const std::uint64_t attempt_;
  const ConnectOptions options_;
  const ConnectTarget target_;

  // On the lane.
  std::shared_ptr<PahoConnection> self_;
  std::unique_ptr<::mqtt::async_client> client_;
  std::optional<HiddenProxyEnvironment> hidden_proxy_;
  std::vector<TcpSocket> known_sockets_;
  std::chrono::seconds silence_limit_{0};
  std::chrono::seconds probe_interval_{0};
  std::function<void()> closed_;
  bool open_ = false;
  bool closing_ = false;
  int attempts_left_ = 3;

  std::atomic<bool> exchange_pending_{false};
  std::atomic<bool> finished_connecting_{false};
  std::atomic<bool> reached_broker_{false};
  mutable std::mutex mutex_;
  std::vector<TcpSocket> sockets_;
  std::string tls_errors_;
};

}  // namespace mcp_mqtt::mqtt::paho
