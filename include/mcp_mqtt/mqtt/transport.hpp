#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/mqtt/broker_url.hpp>
#include <mcp_mqtt/result.hpp>

/// The MQTT 5 connection that the library stands on, as an interface: the library's own transports
/// implement it, and so may a program that already has a connection.
namespace mcp_mqtt::mqtt {

/// MQTT 5 user properties, in the order of the packet. A name may occur more than once.
using UserProperties = std::vector<std::pair<std::string, std::string>>;

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

/// A PUBLISH, in either direction; also a will.
struct Message {
  std::string topic = {};
  std::string payload = {};
  Qos qos = Qos::at_least_once;
  /// Outgoing: the broker keeps it. Incoming: it is a kept one, sent because of a new subscription.
  bool retain = false;
  UserProperties user_properties = {};
};

struct Subscription {
  std::string filter = {};
  Qos qos = Qos::at_least_once;
  /// Do not send back what this connection publishes itself (MQTT 5, 3.8.3.1).
  bool no_local = false;
};

/// For `mqtts` and `wss`. By default the system's certificate authorities are trusted and the
/// broker's certificate must be valid and name the host.
struct TlsOptions {
  std::string ca_file;           ///< PEM; empty: the system's authorities.
  std::string certificate_file;  ///< PEM: the client's own certificate, with its chain.
  std::string key_file;          ///< PEM: the key of that certificate.
  std::string key_password;      ///< Never logged.
  /// Off accepts any certificate: for experiments only, and the log warns.
  bool verify = true;
};

/// What CONNECT carries. Every connection starts clean and its session ends with it (T2).
struct ConnectOptions {
  BrokerUrl broker;
  std::string client_id;
  std::optional<Message> will;
  UserProperties user_properties;
  TlsOptions tls;
  std::chrono::seconds keep_alive{30};
  /// From the call of connect() to CONNACK: name lookup, TCP, TLS and CONNECT together.
  std::chrono::milliseconds connect_timeout{20'000};
  /// How many unacknowledged messages the broker may send us at once.
  std::uint16_t receive_maximum = 1024;
  /// Publishes, and their bytes, that may wait beyond what the broker takes at once; one more fails
  /// as `busy`. A single one may wait whatever its size.
  std::size_t max_queued_messages = 10'000;
  std::size_t max_queued_bytes = 64U << 20;
};

/// What CONNACK said.
struct ConnectionInfo {
  UserProperties user_properties;
  /// The client id in force, where it is not the one asked for; otherwise empty.
  std::string assigned_client_id;
  /// The largest packet that the broker takes, in bytes; 0: it named no limit.
  std::uint32_t maximum_packet_size = 0;
  /// How many unacknowledged messages the broker takes from us at once.
  std::uint16_t receive_maximum = 65'535;
  Qos maximum_qos = Qos::exactly_once;
  bool retain_available = true;
  bool wildcard_subscription_available = true;
  /// Where the broker prescribes another keep-alive than the one asked for.
  std::optional<std::chrono::seconds> server_keep_alive;
};

using ConnectCompletion = std::function<void(Result<ConnectionInfo>)>;
using Completion = std::function<void(Result<void>)>;

/// What a transport reports about one connection, beside the completions of the calls.
struct ConnectionEvents {
  std::function<void(Message)> on_message;
  /// The connection ended and nobody here asked for it. `kind` is `connection_lost` or `refused`
  /// (a DISCONNECT with a reason: `code` has it). Called once, after the completions of all calls
  /// under way were called with their errors. The transport does not reconnect by itself.
  std::function<void(Error)> on_connection_lost;
};

/// An MQTT 5 client connection. The rules for those who implement and those who call:
///
/// - No call blocks, and every call may be made from any thread, also from a callback.
/// - Each completion is called exactly once and never from inside the call that it belongs to.
///   Destroying the transport is the exception: it closes the socket so that the broker publishes
///   the will (no DISCONNECT, or 0x04) and drops the callbacks that have not run; none runs after.
/// - The callbacks of one transport come one at a time, in the order of what happened. They must
///   return quickly and must not throw. A transport is not destroyed inside its own callback.
/// - Messages arrive in their order. A silent broker is lost after about 1.5 keep-alives.
/// - One connection at a time: connect() again after a failure, after disconnect() completed or
///   after on_connection_lost.
/// - Errors of calls: `invalid_argument` (a topic or filter that MQTT does not allow, a string over
///   65,535 bytes), `too_large` (beyond the broker's maximum packet size), `not_connected` (nothing
///   was sent), `connection_lost` (sent, not acknowledged), `refused` (with the broker's code),
///   `unsupported` (the broker lacks it), `busy` (the queue is full), `tls`, `timeout`.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Opens the connection: a completion with the CONNACK, or with the reason why there is none.
  virtual void connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done) = 0;

  /// Sends what is queued, then DISCONNECT (the broker drops the will), and closes. Bounded by two
  /// seconds; a connection that is not open completes with success.
  virtual void disconnect(Completion done) = 0;

  /// Completes with SUBACK. A grant is no proof: some brokers grant what their ACL filters away.
  virtual void subscribe(Subscription subscription, Completion done) = 0;

  /// Completes with UNSUBACK.
  virtual void unsubscribe(std::string filter, Completion done) = 0;

  /// Completes with PUBACK or PUBCOMP; at QoS 0 when the message was handed to the network.
  virtual void publish(Message message, Completion done) = 0;
};

/// Which implementation serves a broker.
enum class TransportKind {
  automatic,  ///< The measured choice for the URL's scheme (docs/design.md says why).
  paho,       ///< Eclipse Paho MQTT C++: `mqtt`, `mqtts`, `ws`, `wss`.
  mosquitto,  ///< libmosquitto on an event loop of its own: `mqtt`, `mqtts`.
};

/// A transport that can reach `broker`, with threads of its own. `unsupported` where `kind` does
/// not speak the URL's scheme.
Result<std::shared_ptr<Transport>> make_transport(TransportKind kind, const BrokerUrl& broker);

}  // namespace mcp_mqtt::mqtt
