#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <mcp_mqtt/mqtt/loopback.hpp>
#include <mcp_mqtt/mqtt/transport.hpp>

#include "contract/peer.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mqtt_proxy.hpp"

namespace mcp_mqtt::test {

/// The transports that the contract binds.
enum class Kind { loopback, paho, mosquitto };

std::string to_string(Kind kind);
inline void PrintTo(Kind kind, std::ostream* out) { *out << to_string(kind); }

/// The part of a test's name that tells the transports apart.
inline std::string kind_name(const ::testing::TestParamInfo<Kind>& info) {
  return to_string(info.param);
}

mqtt::TransportKind transport_kind(Kind kind);

/// What a test wants of its broker, whichever broker that is.
struct BrokerRules {
  /// User to password; with any, nobody else is let in.
  std::map<std::string, std::string> passwords;
  /// Nobody may publish to topics that begin with this level.
  std::string unwritable;
  /// SUBSCRIBE is answered with this reason code.
  std::optional<std::uint8_t> refuse_subscriptions;
  /// Added to CONNACK.
  mqtt::UserProperties connack;
  /// Named in CONNACK.
  std::optional<std::uint32_t> maximum_packet_size;
  /// Not named; larger messages are refused one by one.
  std::optional<std::size_t> message_size_limit;
  /// Where the broker is a real one, its clients come through a proxy.
  bool proxy = false;
};

/// A broker of the kind that a transport needs: mosquitto, or one inside the process.
class Rig {
 public:
  explicit Rig(Kind kind, BrokerRules rules = {});

  /// A client that has not connected yet.
  std::unique_ptr<Peer> peer(const std::string& client_id);

  /// The broker dies without a word to anybody.
  void kill_broker();
  /// Afterwards clients can connect again.
  void restart_broker();
  /// The broker tells each client, in a DISCONNECT, that it ends the connection. A real one: with
  /// `proxy` only.
  void disconnect_clients(std::uint8_t reason_code);
  /// Cuts every connection while the broker stays. A real one: with `proxy` only.
  void cut_links();
  /// From now on nothing arrives in either direction. With `proxy` only.
  void hold_links();

  /// Real brokers only.
  MqttProxy& proxy() { return *proxy_; }
  std::string url() const;

 private:
  void start_loopback();
  void start_mosquitto();

  Kind kind_;
  BrokerRules rules_;
  std::set<std::string> client_ids_;
  std::unique_ptr<mqtt::LoopbackBroker> loopback_;
  std::unique_ptr<MosquittoBroker> mosquitto_;
  std::unique_ptr<MqttProxy> proxy_;
};

/// The fixture of every contract test; the parameter is the transport.
class TransportContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override;
  bool real() const { return GetParam() != Kind::loopback; }
  /// Starts the broker of this test.
  Rig& start(BrokerRules rules = {});
  /// Connects clients at the same time: some libraries are slow to connect a second one while the
  /// first is idle.
  void connect(std::initializer_list<Peer*> peers);

  std::unique_ptr<Rig> rig_;
};

}  // namespace mcp_mqtt::test
