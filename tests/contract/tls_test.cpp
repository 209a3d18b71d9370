#include <gtest/gtest.h>

#include "contract/rig.hpp"

// TLS, and WebSockets where a transport speaks them.
namespace mcp_mqtt::test {
namespace {

using mqtt::TransportKind;

class SecureTest : public TransportContract {
 protected:
  void start(MosquittoOptions options) { broker_ = std::make_unique<MosquittoBroker>(options); }

  std::unique_ptr<Peer> peer(const std::string& url) const {
    mqtt::ConnectOptions options;
    options.client_id = "one";
    options.broker = mqtt::parse_broker_url(url).value();
    options.tls.ca_file = authority_.ca_file();
    auto transport = mqtt::make_transport(transport_kind(GetParam()), options.broker).value();
    return std::make_unique<Peer>(std::move(transport), std::move(options));
  }

  CertificateAuthority authority_;
  std::unique_ptr<MosquittoBroker> broker_;
};

class Tls : public SecureTest {};

TEST_P(Tls, CarriesMessagesToABrokerThatTheAuthorityVouchesFor) {
  MosquittoOptions options;
  options.certificate = authority_.server({"localhost", "127.0.0.1"});
  start(options);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto client = peer(broker_->tls_url(host));
    ASSERT_TRUE(succeeded(client->connect())) << host;
    ASSERT_TRUE(succeeded(client->subscribe("large")));
    ASSERT_TRUE(succeeded(client->publish("large", std::string(300'000, 'x'))));
    const auto message = client->messages().take();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->payload.size(), 300'000U);
    EXPECT_TRUE(client->still_works());
    EXPECT_TRUE(succeeded(client->disconnect()));
  }
}

TEST_P(Tls, RefusesACertificateOfAnotherAuthority) {
  MosquittoOptions options;
  options.certificate = authority_.server({"localhost"});
  start(options);
  const CertificateAuthority other;
  const auto client = peer(broker_->tls_url());
  client->options().tls.ca_file = other.ca_file();
  const auto refused = client->connect();
  EXPECT_TRUE(failed_with(refused, ErrorKind::tls));
  client->options().tls.ca_file = "";
  EXPECT_TRUE(failed_with(client->connect(), ErrorKind::tls)) << "the system trusts it no more";
  client->options().tls.ca_file = authority_.ca_file();
  EXPECT_TRUE(succeeded(client->connect()));
}

TEST_P(Tls, RefusesACertificateForAnotherHost) {
  MosquittoOptions options;
  options.certificate = authority_.server({"wrong.example"});
  start(options);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto client = peer(broker_->tls_url(host));
    EXPECT_TRUE(failed_with(client->connect(), ErrorKind::tls)) << host;
    client->options().tls.verify = false;
    ASSERT_TRUE(succeeded(client->connect())) << host;
    EXPECT_TRUE(client->still_works());
    EXPECT_TRUE(succeeded(client->disconnect()));
  }
}

TEST_P(Tls, FilesThatCannotBeReadAreNamed) {
  MosquittoOptions options;
  options.certificate = authority_.server({"localhost"});
  start(options);
  const auto client = peer(broker_->tls_url());
  client->options().tls.ca_file = "/nowhere/ca.pem";
  const auto missing = client->connect();
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().kind == ErrorKind::tls ||
              missing.error().kind == ErrorKind::invalid_argument);
  EXPECT_NE(missing.error().message.find("/nowhere/ca.pem"), std::string::npos)
      << missing.error().message;
  client->options().tls.ca_file = authority_.ca_file();
  ASSERT_TRUE(succeeded(client->connect()));
}

TEST_P(Tls, PresentsAClientCertificateWhereOneIsRequired) {
  MosquittoOptions options;
  options.certificate = authority_.server({"localhost"});
  options.client_ca_file = authority_.ca_file();
  start(options);
  const auto client = peer(broker_->tls_url());
  const auto missing = client->connect();
  ASSERT_FALSE(missing);
  // Since TLS 1.3 the client's handshake is over when the broker looks for the certificate.
  EXPECT_TRUE(missing.error().kind == ErrorKind::tls ||
              missing.error().kind == ErrorKind::not_connected)
      << to_string(missing.error().kind);

  const Certificate own = authority_.client("one");
  client->options().tls.certificate_file = own.certificate_file;
  client->options().tls.key_file = own.key_file;
  ASSERT_TRUE(succeeded(client->connect()));
  EXPECT_TRUE(client->still_works());
  ASSERT_TRUE(succeeded(client->disconnect()));

  const Certificate locked = authority_.client("one", "key-secret");
  client->options().tls.certificate_file = locked.certificate_file;
  client->options().tls.key_file = locked.key_file;
  client->options().tls.key_password = "key-secret";
  ASSERT_TRUE(succeeded(client->connect()));
  ASSERT_TRUE(succeeded(client->disconnect()));
  client->options().tls.key_password = "guessed-secret";
  const auto wrong = client->connect();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message.find("secret"), std::string::npos) << wrong.error().message;
}

TEST_P(Tls, PlainMqttToATlsListenerFailsInTime) {
  MosquittoOptions options;
  options.certificate = authority_.server({"localhost"});
  start(options);
  const auto client = peer("mqtt://127.0.0.1:" + std::to_string(broker_->tls_port()));
  client->options().connect_timeout = std::chrono::seconds(5);
  EXPECT_FALSE(client->connect());
}

TEST_P(Tls, TlsToAPlainListenerFailsInTime) {
  start({});
  const auto client = peer("mqtts://127.0.0.1:" + std::to_string(broker_->port()));
  client->options().connect_timeout = std::chrono::seconds(2);
  const auto result = client->connect();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().kind == ErrorKind::tls || result.error().kind == ErrorKind::timeout)
      << to_string(result.error().kind);
}

TEST_P(Tls, TheUrlCarriesUserAndPassword) {
  MosquittoOptions options;
  options.certificate = authority_.server({"localhost"});
  options.passwords = {{"user@site", "p:ss/w%rd"}};
  start(options);
  const std::string place = "localhost:" + std::to_string(broker_->tls_port());
  const auto client = peer("mqtts://user%40site:p%3Ass%2Fw%25rd@" + place);
  ASSERT_TRUE(succeeded(client->connect()));
  EXPECT_TRUE(client->still_works());
  const auto stranger = peer("mqtts://user%40site:wrong@" + place);
  const auto refused = stranger->connect();
  ASSERT_TRUE(failed_with(refused, ErrorKind::refused));
  EXPECT_EQ(refused.error().code, 0x87);
}

INSTANTIATE_TEST_SUITE_P(Transports, Tls, ::testing::Values(Kind::paho, Kind::mosquitto),
                         kind_name);

class WebSockets : public SecureTest {};

TEST_P(WebSockets, CarryMessages) {
  MosquittoOptions options;
  options.websockets = true;
  options.certificate = authority_.server({"localhost"});
  start(options);
  for (const std::string& url : {broker_->websocket_url(), broker_->secure_websocket_url()}) {
    const auto client = peer(url);
    client->options().user_properties = {{"k", "v"}};
    ASSERT_TRUE(succeeded(client->connect())) << url;
    ASSERT_TRUE(succeeded(client->subscribe("a")));
    ASSERT_TRUE(succeeded(client->publish("a", std::string(3'000, 'x'))));
    const auto message = client->messages().take();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->payload, std::string(3'000, 'x'));
    EXPECT_TRUE(client->still_works());
    EXPECT_TRUE(succeeded(client->disconnect()));
  }
}

TEST_P(WebSockets, CheckTheCertificateToo) {
  MosquittoOptions options;
  options.websockets = true;
  options.certificate = authority_.server({"wrong.example"});
  start(options);
  const auto client = peer(broker_->secure_websocket_url());
  EXPECT_TRUE(failed_with(client->connect(), ErrorKind::tls));
}

INSTANTIATE_TEST_SUITE_P(Transports, WebSockets, ::testing::Values(Kind::paho), kind_name);

TEST(MakeTransport, SaysWhatATransportDoesNotSpeak) {
  for (const char* url : {"ws://localhost:1/mqtt", "wss://localhost:1/mqtt"}) {
    const mqtt::BrokerUrl broker = mqtt::parse_broker_url(url).value();
    const auto refused = mqtt::make_transport(TransportKind::mosquitto, broker);
    EXPECT_TRUE(failed_with(refused, ErrorKind::unsupported)) << url;
    EXPECT_TRUE(succeeded(mqtt::make_transport(TransportKind::paho, broker))) << url;
    EXPECT_TRUE(succeeded(mqtt::make_transport(TransportKind::automatic, broker))) << url;
  }
}

}  // namespace
}  // namespace mcp_mqtt::test
