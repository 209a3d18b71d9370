#pragma once

#include <deque>
#include <memory>
#include <mosquitto.h>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/mosquitto/tls_context.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {

// What the library reports. `packet_id` is what the call that it answers returned; `reason` is an
// MQTT 5 reason code.
struct Connack {
  int reason = 0;
  ConnectionInfo info;
};
struct PublishDone {
  int packet_id = 0;
  int reason = 0;
};
struct SubscribeDone {
  int packet_id = 0;
  int reason = 0;
};
struct UnsubscribeDone {
  int packet_id = 0;
};
/// The library closed its socket: `code` is a reason code of a DISCONNECT (0, or 0x80 and above) or
/// an error of the library.
struct Disconnected {
  int code = 0;
};
using Event =
    std::variant<Connack, Message, PublishDone, SubscribeDone, UnsubscribeDone, Disconnected>;

/// One connection of libmosquitto, without threads of its own: nothing happens but inside calls.
/// Not thread-safe. Arguments must have passed the checks of publish_check.hpp.
///
/// The library's callbacks hold its locks, so nothing may call back into it from there: they only
/// leave an Event in `events`, which the owner takes out after each call.
class Client {
 public:
  /// Opens files, looks the host up and connects TCP: **blocks**, for minutes in the worst case.
  /// TLS and CONNECT go on with the reads and writes that follow.
  static Result<std::unique_ptr<Client>> dial(const ConnectOptions& options);

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Closes the socket without DISCONNECT.
  ~Client() = default;

  std::deque<Event> events;
  /// A CONNACK has let us in.
  bool accepted = false;

  /// The library's socket; -1 once it closed it.
  int socket() const noexcept;
  bool wants_write() const noexcept;
  /// The keep-alive that CONNECT carried; the library takes none between 1 and 4 seconds.
  std::chrono::seconds keep_alive() const noexcept { return keep_alive_; }

  // Each returns why the connection ended, or nothing while it goes on.

  /// Reads some packets. `drained`: there is no more to read for now.
  std::optional<Error> read(bool& drained);
  std::optional<Error> write();
  /// Sends a PINGREQ when it is time. At least once in an eighth of the keep-alive.
  std::optional<Error> keep_up();

  // Each returns a packet id. `connection_lost`: the connection ended with it; otherwise the call
  // failed alone and nothing was sent.

  Result<int> publish(const Message& message);
  Result<int> subscribe(const Subscription& subscription);
  Result<int> unsubscribe(const std::string& filter);

  /// Queues a DISCONNECT; the library closes its socket once it is written.
  void disconnect();

 private:
  struct Destroy {
    void operator()(mosquitto* handle) const noexcept { mosquitto_destroy(handle); }
  };

  Client() = default;
  Result<void> configure(const ConnectOptions& options);
  Result<void> set_will(const Message& will);
  Result<void> open(const ConnectOptions& options);
  Error ended(int rc, int system_error) const;
  Result<int> called(int rc, int packet_id, int system_error) const;

  // The context and its callbacks must outlive the library's handle.
  std::optional<TlsContext> tls_;
  std::unique_ptr<mosquitto, Destroy> handle_;
  std::chrono::seconds keep_alive_{0};
};

/// An MQTT 5 reason code in words, with its number.
std::string reason_text(int reason);

}  // namespace mcp_mqtt::mqtt::libmosquitto
