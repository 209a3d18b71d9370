#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

#include "integration/scripted_broker.hpp"
#include "mqtt/paho/paho_transport.hpp"
#include "support/waiting.hpp"

// Answers that no broker at hand gives on demand.
namespace mcp_mqtt::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using mqtt::ConnectionInfo;
using mqtt::Message;
using mqtt::Qos;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

const std::string plain_connack = "\x20\x03\x00\x00\x00"s;

class PahoScript : public ::testing::Test {
 protected:
  void start_connecting() {
    mqtt::ConnectOptions options;
    options.broker = mqtt::parse_broker_url(broker_.url()).value();
    options.client_id = "scripted";
    options.connect_timeout = 10s;
    mqtt::ConnectionEvents events;
    events.on_message = [log = messages_](Message message) { log.push(std::move(message)); };
    events.on_connection_lost = [log = lost_](Error error) { log.push(std::move(error)); };
    transport_->connect(std::move(options), std::move(events), connected_.callback());
    broker_.accept();
  }
  void connect() {
    start_connecting();
    broker_.send(plain_connack);
    ASSERT_TRUE(succeeded(connected_.wait()));
  }
  /// The identifier of a SUBSCRIBE, UNSUBSCRIBE or (QoS 1, topic of one byte) PUBLISH.
  std::string identifier_in(const std::string& packet) const {
    const bool publish = (static_cast<unsigned char>(packet.at(0)) & 0xf0) == 0x30;
    return packet.substr(publish ? 4 : 1, 2);
  }

  ScriptedBroker broker_;
  EventLog<Message> messages_;
  EventLog<Error> lost_;
  Outcome<ConnectionInfo> connected_;
  std::unique_ptr<mqtt::PahoTransport> transport_ = std::make_unique<mqtt::PahoTransport>();
};

TEST_F(PahoScript, ReadsEveryPropertyOfConnack) {
  start_connecting();
  const std::string properties =
      "\x21\x00\x07"s + "\x24\x01"s + "\x25\x00"s + "\x27\x00\x00\x10\x00"s + "\x28\x00"s +
      "\x13\x00\x63"s + "\x12\x00\x05"s + "given" + "\x26\x00\x01"s + "k" + "\x00\x01"s + "v";
  broker_.send("\x20"s + static_cast<char>(3 + properties.size()) + "\x00\x00"s +
               static_cast<char>(properties.size()) + properties);
  const auto info = connected_.wait();
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->receive_maximum, 7);
  EXPECT_EQ(info->maximum_qos, Qos::at_least_once);
  EXPECT_FALSE(info->retain_available);
  EXPECT_EQ(info->maximum_packet_size, 4096U);
  EXPECT_FALSE(info->wildcard_subscription_available);
  EXPECT_EQ(info->server_keep_alive, 99s);
  EXPECT_EQ(info->assigned_client_id, "given");
  EXPECT_EQ(info->user_properties, (mqtt::UserProperties{{"k", "v"}}));
}

// Paho itself keeps to the interval that was asked for, and the broker would hang up.
TEST_F(PahoScript, KeepsAShorterKeepAliveOfTheBroker) {
  start_connecting();
  broker_.send("\x20\x06\x00\x00\x03\x13\x00\x01"s);
  ASSERT_TRUE(succeeded(connected_.wait()));
  for (int i = 0; i < 2; ++i) {
    const auto before = Clock::now();
    const std::string packet = broker_.receive();
    EXPECT_LT(Clock::now() - before, 1'500ms) << "one and a half times the interval";
    ASSERT_EQ(packet.at(0), '\xa2') << "an UNSUBSCRIBE of what nobody subscribed to";
    broker_.send("\xb0\x04"s + identifier_in(packet) + "\x00\x11"s);
  }
  EXPECT_EQ(lost_.size(), 0U);
}

TEST_F(PahoScript, ADisconnectSaysItsReasonInWords) {
  connect();
  broker_.send("\xe0\x0b\x8b\x09\x1f\x00\x06"s + "moving");
  ASSERT_TRUE(lost_.wait_for_count(1));
  EXPECT_EQ(lost_.all().front().kind, ErrorKind::refused);
  EXPECT_EQ(lost_.all().front().code, 0x8b);
  EXPECT_THAT(lost_.all().front().message, HasSubstr("moving"));
}

TEST_F(PahoScript, ARefusingConnackFailsTheConnect) {
  start_connecting();
  broker_.send("\x20\x03\x00\x89\x00"s);
  const auto result = connected_.wait();
  ASSERT_TRUE(failed_with(result, ErrorKind::refused));
  EXPECT_EQ(result.error().code, 0x89);
}

TEST_F(PahoScript, ARefusedUnsubscribeIsNoSuccess) {
  connect();
  Outcome<void> outcome;
  transport_->unsubscribe("a", outcome.callback());
  broker_.send("\xb0\x04"s + identifier_in(broker_.receive()) + "\x00\x87"s);
  const auto result = outcome.wait();
  ASSERT_TRUE(failed_with(result, ErrorKind::refused));
  EXPECT_EQ(result.error().code, 0x87);
}

// Trap 6: what Paho holds cannot be taken back.
TEST_F(PahoScript, NeverMoreInFlightThanTheReceiveMaximum) {
  start_connecting();
  broker_.send("\x20\x06\x00\x00\x03\x21\x00\x02"s);
  ASSERT_TRUE(succeeded(connected_.wait()));
  std::vector<Outcome<void>> outcomes(4);
  for (auto& outcome : outcomes) {
    transport_->publish({"t", "x", Qos::at_least_once, false, {}}, outcome.callback());
  }
  const std::string first = broker_.receive();
  const std::string second = broker_.receive();
  EXPECT_FALSE(outcomes[0].called());
  broker_.send("\x40\x02"s + identifier_in(first));
  EXPECT_TRUE(succeeded(outcomes[0].wait()));
  const std::string third = broker_.receive();
  EXPECT_EQ(identifier_in(second) == identifier_in(third), false);
  broker_.close();
  ASSERT_TRUE(lost_.wait_for_count(1));
  EXPECT_TRUE(failed_with(outcomes[1].wait(), ErrorKind::connection_lost)) << "sent";
  EXPECT_TRUE(failed_with(outcomes[2].wait(), ErrorKind::connection_lost)) << "sent";
  EXPECT_TRUE(failed_with(outcomes[3].wait(), ErrorKind::not_connected)) << "not sent";
}

// Trap 7: without the will's reason code Paho's own DISCONNECT would drop the will.
TEST_F(PahoScript, DestroyingAsksForTheWill) {
  connect();
  transport_.reset();
  EXPECT_EQ(broker_.receive().substr(0, 2), "\xe0\x04"s) << "with a reason of 0x04";
}

TEST_F(PahoScript, DisconnectingDoesNot) {
  connect();
  Outcome<void> closed;
  transport_->disconnect(closed.callback());
  const std::string packet = broker_.receive();
  EXPECT_EQ(packet.at(0), '\xe0');
  EXPECT_TRUE(packet.size() == 1 || packet.at(1) == '\0') << "normal disconnection";
  EXPECT_TRUE(succeeded(closed.wait()));
}

}  // namespace
}  // namespace mcp_mqtt::test
