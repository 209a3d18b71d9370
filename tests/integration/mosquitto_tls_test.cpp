#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include <mcp_mqtt/log.hpp>

#include "mqtt/mosquitto/mosquitto_transport.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

// TLS of the transport on libmosquitto: who is trusted, who is asked, and what a failure says.
namespace mcp_mqtt::mqtt {
namespace {

using test::CertificateAuthority;
using test::EventLog;
using test::failed_with;
using test::MosquittoBroker;
using test::MosquittoOptions;
using test::outcome_of;
using test::succeeded;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class MosquittoTls : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }

  MosquittoOptions server(const std::vector<std::string>& hosts) {
    MosquittoOptions options;
    options.certificate = authority.server(hosts);
    return options;
  }
  ConnectOptions trusting(const std::string& url) const {
    ConnectOptions options;
    options.broker = parse_broker_url(url).value();
    options.client_id = "tls-test";
    options.tls.ca_file = authority.ca_file();
    return options;
  }
  Result<ConnectionInfo> connect(const ConnectOptions& options) {
    ConnectionEvents events;
    events.on_message = [log = messages](Message message) { log.push(std::move(message)); };
    events.on_connection_lost = [log = lost](Error error) { log.push(std::move(error)); };
    return outcome_of<ConnectionInfo>(
        [&](auto done) { transport->connect(options, events, done); });
  }

  CertificateAuthority authority;
  std::shared_ptr<Transport> transport = make_mosquitto_transport();
  EventLog<Message> messages;
  EventLog<Error> lost;
};

TEST_F(MosquittoTls, CarriesMessagesBothWaysLargeOnesToo) {
  MosquittoBroker broker(server({"localhost"}));
  ASSERT_TRUE(succeeded(connect(trusting(broker.tls_url()))));
  ASSERT_TRUE(succeeded(outcome_of<void>([&](auto done) {
    transport->subscribe({"tls/#", Qos::at_least_once, false}, done);
  })));
  // Many TLS records, more than OpenSSL hands out at once.
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 3; ++i) {
    transport->publish({"tls/large", large, Qos::at_least_once, false, {{"a", "1"}}}, nullptr);
    for (int j = 0; j < 20; ++j) {
      transport->publish({"tls/small", "y", Qos::at_most_once, false, {}}, nullptr);
    }
  }
  ASSERT_TRUE(messages.wait_for_count(63));
  const auto received = messages.all();
  EXPECT_EQ(received.front().payload, large);
  EXPECT_EQ(received.front().user_properties, (UserProperties{{"a", "1"}}));
  EXPECT_TRUE(succeeded(outcome_of<void>([&](auto done) { transport->disconnect(done); })));
}

TEST_F(MosquittoTls, AnAddressInTheCertificateIsAcceptedAsTheHost) {
  MosquittoBroker broker(server({"127.0.0.1"}));
  EXPECT_TRUE(succeeded(connect(trusting(broker.tls_url("127.0.0.1")))));
}

TEST_F(MosquittoTls, ACertificateOfAnotherAuthorityIsNotTrusted) {
  MosquittoBroker broker(server({"localhost"}));
  CertificateAuthority other;
  auto options = trusting(broker.tls_url());
  options.tls.ca_file = other.ca_file();
  const auto result = connect(options);
  ASSERT_TRUE(failed_with(result, ErrorKind::tls));
  EXPECT_THAT(result.error().message, HasSubstr("certificate"));
}

TEST_F(MosquittoTls, TheSystemsAuthoritiesAreTheDefaultAndDoNotKnowOurs) {
  MosquittoBroker broker(server({"localhost"}));
  auto options = trusting(broker.tls_url());
  options.tls.ca_file.clear();
  EXPECT_TRUE(failed_with(connect(options), ErrorKind::tls));
}

TEST_F(MosquittoTls, ACertificateForAnotherHostIsRefusedByName) {
  MosquittoBroker broker(server({"elsewhere.example"}));
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    const auto result = connect(trusting(broker.tls_url(host)));
    ASSERT_TRUE(failed_with(result, ErrorKind::tls));
    EXPECT_THAT(result.error().message, HasSubstr("mismatch"));
  }
}

TEST_F(MosquittoTls, WithoutVerificationAnyCertificateDoesAndTheLogWarns) {
  MosquittoBroker broker(server({"elsewhere.example"}));
  auto options = trusting(broker.tls_url());
  options.tls.ca_file.clear();
  options.tls.verify = false;
  EventLog<std::string> lines;
  set_log_handler([lines](LogLevel level, std::string_view line) {
    if (level == LogLevel::warning) lines.push(std::string(line));
  });
  EXPECT_TRUE(succeeded(connect(options)));
  set_log_handler({});
  EXPECT_THAT(lines.all(), ::testing::Contains(HasSubstr("not verified")));
}

TEST_F(MosquittoTls, ABrokerThatWantsAClientCertificateSaysSo) {
  auto settings = server({"localhost"});
  settings.client_ca_file = authority.ca_file();
  MosquittoBroker broker(settings);
  const auto without = connect(trusting(broker.tls_url()));
  ASSERT_TRUE(failed_with(without, ErrorKind::tls));
  EXPECT_THAT(without.error().message,
              AnyOf(HasSubstr("certificate required"), HasSubstr("client certificate")));

  auto options = trusting(broker.tls_url());
  const auto own = authority.client("device");
  options.tls.certificate_file = own.certificate_file;
  options.tls.key_file = own.key_file;
  EXPECT_TRUE(succeeded(connect(options)));
}

TEST_F(MosquittoTls, AnEncryptedKeyOpensWithItsPasswordAndFailsWithoutAskingATerminal) {
  auto settings = server({"localhost"});
  settings.client_ca_file = authority.ca_file();
  MosquittoBroker broker(settings);
  const auto own = authority.client("device", "correct horse");
  auto options = trusting(broker.tls_url());
  options.tls.certificate_file = own.certificate_file;
  options.tls.key_file = own.key_file;
  for (const std::string wrong : {"", "battery staple"}) {
    options.tls.key_password = wrong;
    const auto result = connect(options);
    ASSERT_TRUE(failed_with(result, ErrorKind::tls));
    EXPECT_THAT(result.error().message, HasSubstr(own.key_file));
    EXPECT_THAT(result.error().message, ::testing::Not(HasSubstr("battery")));
  }
  options.tls.key_password = "correct horse";
  EXPECT_TRUE(succeeded(connect(options)));
}

TEST_F(MosquittoTls, FilesThatCannotBeReadAreNamed) {
  auto options = trusting("mqtts://localhost:1");
  options.tls.ca_file = "/nonexistent/authorities.pem";
  auto result = connect(options);
  ASSERT_TRUE(failed_with(result, ErrorKind::tls));
  EXPECT_THAT(result.error().message, HasSubstr(options.tls.ca_file));

  options = trusting("mqtts://localhost:1");
  options.tls.certificate_file = "/nonexistent/own.pem";
  options.tls.key_file = "/nonexistent/own.key";
  result = connect(options);
  ASSERT_TRUE(failed_with(result, ErrorKind::tls));
  EXPECT_THAT(result.error().message, HasSubstr(options.tls.certificate_file));

  options.tls.key_file.clear();
  result = connect(options);
  ASSERT_TRUE(failed_with(result, ErrorKind::tls));
  EXPECT_THAT(result.error().message, HasSubstr("both"));
}

TEST_F(MosquittoTls, APortThatDoesNotSpeakTlsIsATlsError) {
  MosquittoBroker broker;
  auto options = trusting("mqtts://127.0.0.1:" + std::to_string(broker.port()));
  options.connect_timeout = std::chrono::seconds(5);
  const auto result = connect(options);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().kind,
              ::testing::AnyOf(ErrorKind::tls, ErrorKind::connection_lost, ErrorKind::timeout))
      << result.error().message;
}

// OpenSSL's write() to a broken connection raises SIGPIPE, which ends a program.
TEST_F(MosquittoTls, ABrokerThatDiesWhileWeWriteDoesNotEndTheProgram) {
  MosquittoBroker broker(server({"localhost"}));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(succeeded(connect(trusting(broker.tls_url()))));
    EventLog<bool> done;
    const auto publish_some = [&] {
      for (int i = 0; i < 200; ++i) {
        transport->publish({"flood", std::string(20'000, 'x'), Qos::at_most_once, false, {}},
                           [done](Result<void> result) { done.push(result.has_value()); });
      }
    };
    publish_some();
    broker.kill();
    publish_some();
    ASSERT_TRUE(lost.take());
    ASSERT_TRUE(done.wait_for_count(400));
    broker.restart();
  }
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
