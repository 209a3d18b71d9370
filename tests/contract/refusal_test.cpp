#include <gtest/gtest.h>

#include "contract/rig.hpp"

// What is refused, by the transport or by the broker, and that the connection survives it.
namespace mcp_mqtt::test {
namespace {

using mqtt::Message;
using mqtt::Qos;

class Refusals : public TransportContract {};

TEST_P(Refusals, BadTopicsNeverReachTheBroker) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  const std::vector<std::string> bad{"",
                                     "a/+",
                                     "+",
                                     "a/#",
                                     "#",
                                     "a#b",
                                     std::string("a\0b", 3),
                                     "a\nb",
                                     "a\x01"
                                     "b",
                                     "a\x7F",
                                     "a\xC2\x85",
                                     "\xFF\xFE",
                                     "\xC0\x80",
                                     "\xED\xA0\x80",
                                     std::string(65'536, 'a'),
                                     std::string(400, '/')};
  for (const std::string& topic : bad) {
    for (Qos qos : {Qos::at_most_once, Qos::at_least_once}) {
      const auto result = peer->publish(topic, "x", qos);
      EXPECT_TRUE(failed_with(result, ErrorKind::invalid_argument)) << topic.substr(0, 20);
    }
  }
  for (const std::string& filter :
       {std::string(), std::string("a/#/b"), std::string("a+"), std::string("#a"),
        std::string("a\0", 2), std::string("a\n"), std::string(65'536, 'a')}) {
    EXPECT_TRUE(failed_with(peer->subscribe(filter), ErrorKind::invalid_argument))
        << filter.substr(0, 20);
    EXPECT_TRUE(failed_with(peer->start_unsubscribe(filter).wait(), ErrorKind::invalid_argument));
  }
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Refusals, BadUserPropertiesNeverReachTheBroker) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  const std::vector<std::pair<std::string, std::string>> bad{{"k", std::string("a\0b", 3)},
                                                             {std::string("k\0", 2), "v"},
                                                             {"k", std::string(65'536, 'v')},
                                                             {"k", "\xFF"}};
  for (const auto& property : bad) {
    const Message message{"a", "x", Qos::at_least_once, false, {property}};
    EXPECT_TRUE(failed_with(peer->start_publish(message).wait(), ErrorKind::invalid_argument));
  }
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Refusals, BadConnectOptionsAreNamedAtOnce) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  const mqtt::ConnectOptions good = peer->options();
  peer->options().client_id = std::string("a\0b", 3);
  EXPECT_TRUE(failed_with(peer->connect(), ErrorKind::invalid_argument));
  peer->options() = good;
  peer->options().client_id = std::string(65'536, 'a');
  EXPECT_TRUE(failed_with(peer->connect(), ErrorKind::invalid_argument));
  peer->options() = good;
  peer->options().will = Message{"a/#", "", Qos::at_least_once, false, {}};
  EXPECT_TRUE(failed_with(peer->connect(), ErrorKind::invalid_argument));
  peer->options() = good;
  peer->options().user_properties = {{"k", std::string(70'000, 'v')}};
  EXPECT_TRUE(failed_with(peer->connect(), ErrorKind::invalid_argument));
  peer->options() = good;
  ASSERT_TRUE(succeeded(peer->connect()));
  EXPECT_TRUE(peer->still_works());
}

// A denied SUBSCRIBE is answered by mosquitto 2.0.11 as if it were granted, so the proxy has to
// put the refusal in.
TEST_P(Refusals, ARefusedSubscriptionNamesItsReason) {
  BrokerRules rules;
  rules.refuse_subscriptions = 0x87;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  const auto refused = peer->subscribe("a");
  ASSERT_TRUE(failed_with(refused, ErrorKind::refused));
  EXPECT_EQ(refused.error().code, 0x87);
  EXPECT_TRUE(succeeded(peer->publish("a", "x"))) << "the connection stays";
  EXPECT_EQ(peer->lost().size(), 0U);
}

TEST_P(Refusals, ARefusedPublishNamesItsReason) {
  BrokerRules rules;
  rules.unwritable = "denied";
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  for (Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
    const auto refused = peer->publish("denied/topic", "x", qos);
    ASSERT_TRUE(failed_with(refused, ErrorKind::refused)) << static_cast<int>(qos);
    EXPECT_EQ(refused.error().code, 0x87);
  }
  EXPECT_TRUE(succeeded(peer->publish("denied/topic", "x", Qos::at_most_once)))
      << "at QoS 0 nobody can tell";
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Refusals, RefusedPublishesFreeTheirPlaceInTheWindow) {
  BrokerRules rules;
  rules.unwritable = "denied";
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  for (Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
    std::vector<Outcome<void>> outcomes;
    for (int i = 0; i < 60; ++i) {
      outcomes.push_back(
          peer->start_publish({i % 2 == 0 ? "denied/a" : "granted/a", "x", qos, false, {}}));
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      EXPECT_EQ(outcomes[i].wait().has_value(), i % 2 == 1) << i;
    }
  }
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Refusals, APacketBeyondTheBrokersMaximumIsNotSent) {
  BrokerRules rules;
  rules.maximum_packet_size = 2'000;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  const auto info = peer->connect();
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->maximum_packet_size, 2'000U);
  for (Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
    EXPECT_TRUE(
        failed_with(peer->publish("a", std::string(2'000, 'x'), qos), ErrorKind::too_large));
  }
  EXPECT_TRUE(peer->still_works());
  ASSERT_TRUE(succeeded(peer->subscribe("exact")));
  // Topic 2 + 5, packet id 2, properties 1, fixed header 3: the largest that fits.
  EXPECT_TRUE(succeeded(peer->publish("exact", std::string(2'000 - 13, 'x'))));
  EXPECT_TRUE(
      failed_with(peer->publish("exact", std::string(2'000 - 12, 'x')), ErrorKind::too_large));
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Refusals, AMessageBeyondAnUnnamedLimitIsRefusedByTheBroker) {
  BrokerRules rules;
  rules.message_size_limit = 2'000;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  const auto info = peer->connect();
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->maximum_packet_size, 0U);
  for (Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
    const auto refused = peer->publish("a", std::string(3'000, 'x'), qos);
    ASSERT_TRUE(failed_with(refused, ErrorKind::refused)) << static_cast<int>(qos);
    EXPECT_EQ(refused.error().code, 0x95);
  }
  EXPECT_TRUE(peer->still_works());
}

INSTANTIATE_TEST_SUITE_P(Transports, Refusals,
                         ::testing::Values(Kind::loopback, Kind::paho, Kind::mosquitto), kind_name);

}  // namespace
}  // namespace mcp_mqtt::test
