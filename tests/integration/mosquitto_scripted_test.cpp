#include <chrono>
#include <gtest/gtest.h>
#include <string>

#include "integration/scripted_broker.hpp"
#include "mqtt/mosquitto/mosquitto_transport.hpp"
#include "support/waiting.hpp"

// What the transport makes of packets that a stock broker does not send on demand.
namespace mcp_mqtt::mqtt {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using test::EventLog;
using test::failed_with;
using test::Outcome;
using test::outcome_of;
using test::succeeded;

std::string packet(char type, const std::string& body) {
  EXPECT_LT(body.size(), 128u);
  return std::string(1, type) + static_cast<char>(body.size()) + body;
}

std::string properties(const std::string& bytes) { return static_cast<char>(bytes.size()) + bytes; }

std::string text(const std::string& value) {
  return std::string{'\0', static_cast<char>(value.size())} + value;
}

const std::string plain_connack = packet('\x20', "\x00\x00"s + properties(""));

class MosquittoScripted : public ::testing::Test {
 protected:
  ConnectOptions options() const {
    ConnectOptions made;
    made.broker = parse_broker_url(broker.url()).value();
    made.client_id = "scripted";
    return made;
  }
  void start_connect(const ConnectOptions& wanted) {
    ConnectionEvents events;
    events.on_message = [log = messages](Message message) { log.push(std::move(message)); };
    events.on_connection_lost = [log = lost](Error error) { log.push(std::move(error)); };
    transport->connect(wanted, events, connected.callback());
    broker.accept();
  }
  void open() {
    start_connect(options());
    broker.send(plain_connack);
    ASSERT_TRUE(succeeded(connected.wait()));
  }

  test::ScriptedBroker broker;
  std::shared_ptr<Transport> transport = make_mosquitto_transport();
  Outcome<ConnectionInfo> connected;
  EventLog<Message> messages;
  EventLog<Error> lost;
};

TEST_F(MosquittoScripted, ReadsEveryPropertyOfConnack) {
  auto wanted = options();
  wanted.client_id.clear();
  start_connect(wanted);
  broker.send(packet(
      '\x20', "\x00\x00"s + properties("\x26"s + text("b") + text("2") + "\x12"s + text("given") +
                                       "\x27\x00\x01\x00\x00"s + "\x21\x00\x07"s + "\x24\x01"s +
                                       "\x25\x00"s + "\x28\x00"s + "\x13\x00\x0a"s + "\x26"s +
                                       text("a") + text("1") + "\x26"s + text("b") + text("2"))));
  const auto info = connected.wait();
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->user_properties, (UserProperties{{"b", "2"}, {"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(info->assigned_client_id, "given");
  EXPECT_EQ(info->maximum_packet_size, 65'536u);
  EXPECT_EQ(info->receive_maximum, 7);
  EXPECT_EQ(info->maximum_qos, Qos::at_least_once);
  EXPECT_FALSE(info->retain_available);
  EXPECT_FALSE(info->wildcard_subscription_available);
  EXPECT_EQ(info->server_keep_alive, 10s);
}

TEST_F(MosquittoScripted, WhatConnackLeavesOutHasItsDefault) {
  start_connect(options());
  broker.send(plain_connack);
  const auto info = connected.wait();
  ASSERT_TRUE(succeeded(info));
  EXPECT_TRUE(info->user_properties.empty());
  EXPECT_EQ(info->assigned_client_id, "");
  EXPECT_EQ(info->maximum_packet_size, 0u);
  EXPECT_EQ(info->receive_maximum, 65'535);
  EXPECT_EQ(info->maximum_qos, Qos::exactly_once);
  EXPECT_TRUE(info->retain_available);
  EXPECT_TRUE(info->wildcard_subscription_available);
  EXPECT_FALSE(info->server_keep_alive);
}

TEST_F(MosquittoScripted, ARefusedConnectHasTheReasonCode) {
  start_connect(options());
  broker.send(packet('\x20', "\x00\x8a"s + properties("")));
  const auto info = connected.wait();
  ASSERT_TRUE(failed_with(info, ErrorKind::refused));
  EXPECT_EQ(info.error().code, 0x8a) << "banned";
}

TEST_F(MosquittoScripted, ABrokerThatClosesInsteadOfConnackIsNoConnection) {
  start_connect(options());
  broker.close();
  EXPECT_TRUE(failed_with(connected.wait(), ErrorKind::connection_lost));
  EXPECT_EQ(lost.size(), 0u) << "there was no connection to lose";
}

TEST_F(MosquittoScripted, WhoSpeaksNoMqttIsNamedSo) {
  start_connect(options());
  broker.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  broker.close();
  const auto info = connected.wait();
  ASSERT_TRUE(failed_with(info, ErrorKind::connection_lost));
  EXPECT_NE(info.error().message.find("may not speak MQTT"), std::string::npos)
      << info.error().message;
}

TEST_F(MosquittoScripted, NoConnackInTimeIsATimeout) {
  auto wanted = options();
  wanted.connect_timeout = 100ms;
  start_connect(wanted);
  EXPECT_TRUE(failed_with(connected.wait(), ErrorKind::timeout));
}

TEST_F(MosquittoScripted, ADisconnectOfTheBrokerIsARefusalWithItsCodeAfterTheCallsFailed) {
  open();
  EventLog<std::string> order;
  transport->subscribe({"a", Qos::at_least_once, false}, [order](Result<void> result) {
    EXPECT_TRUE(failed_with(result, ErrorKind::connection_lost));
    order.push("subscribe");
  });
  transport->publish({"t", "x", Qos::at_least_once, false, {}}, [order](Result<void> result) {
    EXPECT_TRUE(failed_with(result, ErrorKind::connection_lost));
    order.push("publish");
  });
  broker.receive();
  broker.receive();
  broker.send(packet('\xe0', "\x8e"s + properties("")));
  const auto error = lost.take();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::refused);
  EXPECT_EQ(error->code, 0x8e) << "session taken over";
  EXPECT_EQ(order.all(), (std::vector<std::string>{"subscribe", "publish"}));
}

TEST_F(MosquittoScripted, ANormalDisconnectOfTheBrokerIsStillTheEnd) {
  open();
  broker.send("\xe0\x01\x00"s);
  const auto error = lost.take();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::refused) << error->message;
  EXPECT_EQ(error->code, 0);
}

TEST_F(MosquittoScripted, KeepsToTheBrokersReceiveMaximumAndFailsTheRestAsNotSent) {
  start_connect(options());
  broker.send(packet('\x20', "\x00\x00"s + properties("\x21\x00\x02"s)));
  ASSERT_TRUE(succeeded(connected.wait()));
  EventLog<ErrorKind> failures;
  for (int i = 0; i < 4; ++i) {
    transport->publish({"t", std::to_string(i), Qos::at_least_once, false, {}},
                       [failures](Result<void> result) {
                         ASSERT_FALSE(result);
                         failures.push(result.error().kind);
                       });
  }
  EXPECT_EQ(broker.receive().back(), '0');
  EXPECT_EQ(broker.receive().back(), '1');
  // The next packet is what comes after the window, not the third message.
  transport->subscribe({"s", Qos::at_least_once, false}, nullptr);
  EXPECT_EQ(static_cast<unsigned char>(broker.receive()[0]), 0x82) << "SUBSCRIBE";
  broker.close();
  ASSERT_TRUE(lost.take());
  EXPECT_EQ(failures.all(),
            (std::vector<ErrorKind>{ErrorKind::connection_lost, ErrorKind::connection_lost,
                                    ErrorKind::not_connected, ErrorKind::not_connected}));
}

TEST_F(MosquittoScripted, ASilentBrokerIsNoticed) {
  start_connect(options());
  broker.send(packet('\x20', "\x00\x00"s + properties("\x13\x00\x01"s)));
  ASSERT_TRUE(succeeded(connected.wait()));
  EXPECT_EQ(broker.receive(), "\xc0"s) << "PINGREQ";
  const auto start = std::chrono::steady_clock::now();
  const auto error = lost.take();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::connection_lost);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST_F(MosquittoScripted, DisconnectDoesNotWaitLongForABrokerThatNeverAcknowledges) {
  open();
  Outcome<void> published;
  transport->publish({"t", "x", Qos::at_least_once, false, {}}, published.callback());
  broker.receive();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(succeeded(outcome_of<void>([&](auto done) { transport->disconnect(done); })));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, 1s) << "it gave the acknowledgement time";
  EXPECT_LT(took, 5s);
  ASSERT_TRUE(published.called()) << "before disconnect() completed";
  EXPECT_TRUE(failed_with(published.wait(), ErrorKind::connection_lost));
  EXPECT_EQ(broker.receive(), "\xe0"s) << "DISCONNECT";
  EXPECT_EQ(lost.size(), 0u);
}

TEST_F(MosquittoScripted, ACallDuringDisconnectIsNotConnected) {
  open();
  Outcome<void> published;
  transport->publish({"t", "x", Qos::at_least_once, false, {}}, published.callback());
  broker.receive();
  Outcome<void> closed;
  Outcome<void> closed_too;
  transport->disconnect(closed.callback());
  transport->disconnect(closed_too.callback());
  EXPECT_TRUE(failed_with(outcome_of<void>([&](auto done) {
                            transport->publish({"t", "y", Qos::at_most_once, false, {}}, done);
                          }),
                          ErrorKind::not_connected));
  broker.send(packet('\x40', "\x00\x01"s));
  EXPECT_TRUE(succeeded(published.wait()));
  EXPECT_EQ(broker.receive(), "\xe0"s) << "DISCONNECT";
  broker.close();
  EXPECT_TRUE(succeeded(closed.wait()));
  EXPECT_TRUE(succeeded(closed_too.wait()));
}

TEST_F(MosquittoScripted, ConnectIsForATransportWithoutAConnection) {
  open();
  EXPECT_TRUE(failed_with(
      outcome_of<ConnectionInfo>([&](auto done) { transport->connect(options(), {}, done); }),
      ErrorKind::invalid_argument));
  // And the connection is none the worse for it.
  transport->publish({"t", "x", Qos::at_most_once, false, {}}, nullptr);
  EXPECT_EQ(broker.receive().back(), 'x');
}

TEST_F(MosquittoScripted, AMessageInManyPiecesArrivesWhole) {
  open();
  const std::string publish = packet('\x30', text("topic") + properties("") + "payload");
  for (const char byte : publish) broker.send(std::string(1, byte));
  const auto message = messages.take();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->topic, "topic");
  EXPECT_EQ(message->payload, "payload");
}

TEST_F(MosquittoScripted, APacketThatNoBrokerSendsEndsTheConnection) {
  open();
  // A SUBSCRIBE, which only clients send.
  broker.send(packet('\x82', "\x00\x01"s + properties("") + text("t") + "\x00"s));
  const auto error = lost.take();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::connection_lost);
}

// The library takes any packet length; here the packet ids run out instead.
TEST_F(MosquittoScripted, APacketIdThatIsStillInUseEndsTheConnectionInsteadOfAMixUp) {
  open();
  Outcome<void> forgotten;
  transport->publish({"t", "x", Qos::at_least_once, false, {}}, forgotten.callback());
  broker.receive();
  EventLog<int> written;
  constexpr std::size_t batch = 5'000;
  std::size_t sent = 0;
  // The ids of QoS 0 messages are not on the wire, but the library takes them from the same store.
  while (sent < 65'534) {
    const std::size_t now = std::min<std::size_t>(batch, 65'534 - sent);
    for (std::size_t i = 0; i < now; ++i) {
      transport->publish({"t", "", Qos::at_most_once, false, {}},
                         [written](Result<void>) { written.push(1); });
    }
    for (std::size_t i = 0; i < now; ++i) broker.receive();
    sent += now;
    ASSERT_TRUE(written.wait_for_count(sent));
  }
  Outcome<void> second;
  transport->publish({"t", "y", Qos::at_least_once, false, {}}, second.callback());
  EXPECT_TRUE(failed_with(second.wait(), ErrorKind::connection_lost));
  EXPECT_TRUE(failed_with(forgotten.wait(), ErrorKind::connection_lost));
  ASSERT_TRUE(lost.take());
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
