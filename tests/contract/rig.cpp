#include "contract/rig.hpp"

#include <stdexcept>

namespace mcp_mqtt::test {

std::string to_string(Kind kind) {
  switch (kind) {
    case Kind::loopback:
      return "loopback";
    case Kind::paho:
      return "paho";
    case Kind::mosquitto:
      return "mosquitto";
  }
  return "?";
}

mqtt::TransportKind transport_kind(Kind kind) {
  return kind == Kind::paho ? mqtt::TransportKind::paho : mqtt::TransportKind::mosquitto;
}

Rig::Rig(Kind kind, BrokerRules rules) : kind_(kind), rules_(std::move(rules)) {
  if (kind_ == Kind::loopback) {
    start_loopback();
  } else {
    start_mosquitto();
  }
}

void Rig::start_loopback() {
  loopback_ = std::make_unique<mqtt::LoopbackBroker>();
  const BrokerRules rules = rules_;
  loopback_->on_connect(
      [rules](const mqtt::ConnectOptions& options) -> Result<mqtt::ConnectionInfo> {
        if (!rules.passwords.empty()) {
          const auto user = rules.passwords.find(options.broker.username);
          if (user == rules.passwords.end() || user->second != options.broker.password) {
            return Error{ErrorKind::refused, 0x87, "not authorized"};
          }
        }
        mqtt::ConnectionInfo info;
        info.user_properties = rules.connack;
        info.maximum_packet_size = rules.maximum_packet_size.value_or(0);
        return info;
      });
  if (rules.refuse_subscriptions) {
    loopback_->on_subscribe([code = *rules.refuse_subscriptions](const auto&, const auto&) {
      return Result<void>(Error{ErrorKind::refused, code, "refused by the test"});
    });
  }
  loopback_->on_publish([rules](const std::string&, const mqtt::Message& message) -> Result<void> {
    if (!rules.unwritable.empty() && message.topic.starts_with(rules.unwritable)) {
      return Error{ErrorKind::refused, 0x87, "not authorized"};
    }
    if (rules.message_size_limit && message.payload.size() > *rules.message_size_limit) {
      return Error{ErrorKind::refused, 0x95, "packet too large"};
    }
    return {};
  });
}

void Rig::start_mosquitto() {
  MosquittoOptions options;
  options.passwords = rules_.passwords;
  options.max_packet_size = rules_.maximum_packet_size;
  options.message_size_limit = rules_.message_size_limit;
  if (!rules_.unwritable.empty()) {
    // mosquitto 2.0.11 has no way to take a part out of what it grants before "deny".
    options.acl = "topic deny " + rules_.unwritable + "/#\ntopic readwrite #\n";
  }
  mosquitto_ = std::make_unique<MosquittoBroker>(options);
  if (!rules_.proxy && rules_.connack.empty() && !rules_.refuse_subscriptions) return;
  proxy_ = std::make_unique<MqttProxy>(mosquitto_->port());
  if (!rules_.connack.empty()) proxy_->add_connack_properties(rules_.connack);
  if (rules_.refuse_subscriptions) proxy_->refuse_subscriptions(*rules_.refuse_subscriptions);
}

std::string Rig::url() const { return proxy_ ? proxy_->url() : mosquitto_->url(); }

std::unique_ptr<Peer> Rig::peer(const std::string& client_id) {
  client_ids_.insert(client_id);
  mqtt::ConnectOptions options;
  options.client_id = client_id;
  if (loopback_) return std::make_unique<Peer>(loopback_->make_transport(), std::move(options));
  options.broker = mqtt::parse_broker_url(url()).value();
  auto transport = mqtt::make_transport(transport_kind(kind_), options.broker).value();
  return std::make_unique<Peer>(std::move(transport), std::move(options));
}

void Rig::kill_broker() {
  if (mosquitto_) return mosquitto_->kill();
  for (const std::string& id : client_ids_) loopback_->cut(id);
}

void Rig::restart_broker() {
  if (mosquitto_) mosquitto_->restart();
}

void Rig::disconnect_clients(std::uint8_t reason_code) {
  if (proxy_) return proxy_->send_to_clients(disconnect_packet(reason_code));
  for (const std::string& id : client_ids_) loopback_->kick(id, reason_code);
}

void Rig::cut_links() {
  if (proxy_) return proxy_->cut();
  for (const std::string& id : client_ids_) loopback_->cut(id);
}

void Rig::hold_links() { proxy_->hold(); }

void TransportContract::SetUp() {
  if (real() && !MosquittoBroker::available()) {
    GTEST_SKIP() << "the program mosquitto is not installed";
  }
}

Rig& TransportContract::start(BrokerRules rules) {
  rig_ = std::make_unique<Rig>(GetParam(), std::move(rules));
  return *rig_;
}

void TransportContract::connect(std::initializer_list<Peer*> peers) {
  std::vector<Outcome<mqtt::ConnectionInfo>> outcomes;
  for (Peer* peer : peers) outcomes.push_back(peer->start_connect());
  for (const auto& outcome : outcomes) ASSERT_TRUE(succeeded(outcome.wait()));
}

}  // namespace mcp_mqtt::test
