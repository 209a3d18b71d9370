#include "mqtt/publish_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace mcp_mqtt::mqtt {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Writes a PUBLISH packet by the letter of MQTT 5, 3.3, to compare sizes with.
std::string written(const Message& message) {
  const auto number = [](std::size_t value) {
    return std::string{static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
  };
  const auto variable = [](std::size_t value) {
    std::string out;
    do {
      const std::size_t rest = value / 128;
      out += static_cast<char>(value % 128 + (rest > 0 ? 128 : 0));
      value = rest;
    } while (value > 0);
    return out;
  };
  const auto text = [&](const std::string& value) { return number(value.size()) + value; };
  std::string properties;
  for (const auto& [name, value] : message.user_properties) {
    properties += "\x26" + text(name) + text(value);
  }
  std::string body = text(message.topic);
  if (message.qos != Qos::at_most_once) body += number(17);
  body += variable(properties.size()) + properties + message.payload;
  return "\x30" + variable(body.size()) + body;
}

Message message_of(std::size_t payload, Qos qos = Qos::at_least_once) {
  return {"a/b", std::string(payload, 'x'), qos, false, {{"MCP-COMPONENT-TYPE", "mcp-server"}}};
}

std::string refusal(const Result<void>& result, ErrorKind kind = ErrorKind::invalid_argument) {
  if (result) {
    ADD_FAILURE() << "was taken";
    return {};
  }
  EXPECT_EQ(result.error().kind, kind) << result.error().message;
  return result.error().message;
}

TEST(PublishPacketSizeTest, IsExactAroundEveryBorderOfTheLength) {
  for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
    for (const std::size_t border : {127U, 16'383U, 2'097'151U}) {
      for (std::size_t payload = border - 46; payload <= border - 30; ++payload) {
        const Message message = message_of(payload, qos);
        ASSERT_EQ(publish_packet_size(message), written(message).size()) << payload;
      }
    }
  }
}

TEST(PublishPacketSizeTest, CountsUserPropertiesAndTheirLength) {
  Message message{"t", "", Qos::at_least_once, false, {}};
  EXPECT_EQ(publish_packet_size(message), 1U + 1 + 3 + 2 + 1);
  for (std::size_t value = 0; value <= 300; ++value) {
    message.user_properties = {{"k", std::string(value, 'v')}, {"k", "again"}, {"", ""}};
    ASSERT_EQ(publish_packet_size(message), written(message).size()) << value;
  }
}

TEST(CheckPublishTest, TakesAnOrdinaryMessage) {
  EXPECT_TRUE(check_publish(message_of(10), {}));
  EXPECT_TRUE(check_publish({"$mcp-server/presence/a/b", "", Qos::at_least_once, true, {}}, {}));
}

TEST(CheckPublishTest, NamesWhatIsWrongWithATopic) {
  const auto topic = [](std::string text) {
    return check_publish({std::move(text), "", Qos::at_most_once, false, {}}, {});
  };
  EXPECT_THAT(refusal(topic("")), HasSubstr("topic is empty"));
  EXPECT_THAT(refusal(topic("a/+/b")), HasSubstr("'+' at byte 2"));
  EXPECT_THAT(refusal(topic("a/b#")), HasSubstr("'#' at byte 3"));
  EXPECT_THAT(refusal(topic("a\nb")), HasSubstr("U+000A at byte 1"));
  EXPECT_THAT(refusal(topic(std::string("a\0b", 3))), HasSubstr("U+0000"));
  EXPECT_THAT(refusal(topic("a\xff")), HasSubstr("UTF-8 at byte 1"));
  EXPECT_TRUE(topic(std::string(65'535, 'a')));
  EXPECT_THAT(refusal(topic(std::string(65'536, 'a'))), HasSubstr("65536 bytes long"));
  EXPECT_TRUE(topic(std::string(199, '/')));
  EXPECT_THAT(refusal(topic(std::string(200, '/'))), HasSubstr("201 levels"));
}

TEST(CheckPublishTest, NamesTheUserPropertyButNotItsValue) {
  Message message = message_of(1);
  message.user_properties = {{"a", "fine"}, {"token", "secret\n"}};
  EXPECT_THAT(
      refusal(check_publish(message, {})),
      testing::AllOf(HasSubstr("\"token\""), HasSubstr("U+000A"), Not(HasSubstr("secret"))));
  message.user_properties = {{"to\nken", "x"}};
  EXPECT_THAT(refusal(check_publish(message, {})), HasSubstr("name"));
  message.user_properties = {{"big", std::string(65'536, 'x')}};
  EXPECT_THAT(refusal(check_publish(message, {})), HasSubstr("65536"));
}

TEST(CheckPublishTest, MaximumPacketSizeIsExact) {
  const Message message = message_of(1'000);
  ConnectionInfo broker;
  broker.maximum_packet_size = static_cast<std::uint32_t>(written(message).size());
  EXPECT_TRUE(check_publish(message, broker));
  --broker.maximum_packet_size;
  EXPECT_THAT(refusal(check_publish(message, broker), ErrorKind::too_large),
              HasSubstr("the broker takes " + std::to_string(broker.maximum_packet_size)));
}

TEST(CheckPublishTest, NoPacketIsLargerThanMqttAllows) {
  EXPECT_THAT(refusal(check_publish(message_of(268'435'455), {}), ErrorKind::too_large),
              HasSubstr("larger than any MQTT packet"));
}

TEST(CheckPublishTest, QosAndRetainFollowTheBroker) {
  ConnectionInfo broker;
  broker.maximum_qos = Qos::at_least_once;
  EXPECT_TRUE(check_publish(message_of(1, Qos::at_least_once), broker));
  EXPECT_THAT(
      refusal(check_publish(message_of(1, Qos::exactly_once), broker), ErrorKind::unsupported),
      HasSubstr("up to QoS 1"));
  EXPECT_THAT(refusal(check_publish(message_of(1, static_cast<Qos>(3)), {})), HasSubstr("QoS 3"));
  Message kept = message_of(1);
  kept.retain = true;
  EXPECT_TRUE(check_publish(kept, broker));
  broker.retain_available = false;
  EXPECT_THAT(refusal(check_publish(kept, broker), ErrorKind::unsupported), HasSubstr("retained"));
}

TEST(CheckSubscribeTest, MaximumPacketSizeIsExact) {
  // Fixed header 2, packet id 2, properties 1, length of the filter 2, options 1.
  ConnectionInfo broker;
  const std::string filter(50, 'f');
  EXPECT_TRUE(check_subscribe(filter, broker)) << "it named no limit";
  broker.maximum_packet_size = 58;
  EXPECT_TRUE(check_subscribe(filter, broker));
  broker.maximum_packet_size = 57;
  EXPECT_THAT(refusal(check_subscribe(filter, broker), ErrorKind::too_large),
              HasSubstr("58 bytes, and the broker takes 57"));
  EXPECT_THAT(refusal(check_subscribe("a/#/b", broker)), HasSubstr("last level"));
}

TEST(CheckFilterTest, TakesWildcardsAsWholeLevels) {
  for (const char* filter :
       {"#", "+", "a/#", "+/+", "a/+/b", "/", "a//b", "$mcp-server/presence/+/#",
        "$share/group/a/#", "$share", "$sharex/+"}) {
    EXPECT_TRUE(check_filter(filter)) << filter;
  }
}

TEST(CheckFilterTest, NamesTheMisplacedWildcard) {
  EXPECT_THAT(refusal(check_filter("a+/b")), HasSubstr("'+'"));
  EXPECT_THAT(refusal(check_filter("a/b#")), HasSubstr("'#'"));
  EXPECT_THAT(refusal(check_filter("a/++")), HasSubstr("whole level"));
  EXPECT_THAT(refusal(check_filter("#/a")), HasSubstr("last level"));
  EXPECT_THAT(refusal(check_filter("#/")), HasSubstr("last level"));
}

TEST(CheckFilterTest, SharesNeedAGroupAndAFilter) {
  EXPECT_THAT(refusal(check_filter("$share/")), HasSubstr("group"));
  EXPECT_THAT(refusal(check_filter("$share//a")), HasSubstr("group"));
  EXPECT_THAT(refusal(check_filter("$share/+/a")), HasSubstr("group"));
  EXPECT_THAT(refusal(check_filter("$share/g")), HasSubstr("behind its group"));
  EXPECT_THAT(refusal(check_filter("$share/g/")), HasSubstr("behind its group"));
  EXPECT_THAT(refusal(check_filter("$share/g/#/a")), HasSubstr("last level"));
}

TEST(CheckFilterTest, HasTheCharacterRulesOfTopics) {
  EXPECT_THAT(refusal(check_filter("")), HasSubstr("empty"));
  EXPECT_THAT(refusal(check_filter("a\tb")), HasSubstr("U+0009"));
  EXPECT_THAT(refusal(check_filter("\x80")), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal(check_filter(std::string(200, '/'))), HasSubstr("levels"));
  EXPECT_THAT(refusal(check_filter(std::string(65'536, 'a'))), HasSubstr("65536"));
}

class CheckConnectTest : public testing::Test {
 protected:
  CheckConnectTest() {
    options_.broker.host = "localhost";
    options_.client_id = "server-1";
  }
  ConnectOptions options_;
};

TEST_F(CheckConnectTest, TakesOrdinaryOptions) {
  options_.will = Message{"$mcp-server/presence/server-1/a", "", Qos::at_least_once, true, {}};
  options_.user_properties = {{"MCP-COMPONENT-TYPE", "mcp-server"}, {"MCP-META", "{}"}};
  options_.broker.username = "u";
  options_.broker.password = "p\xff\n";
  EXPECT_TRUE(check_connect(options_));
  options_.client_id.clear();  // the broker chooses one
  EXPECT_TRUE(check_connect(options_));
}

// Compiled with -Wextra and -Werror: a program that names only what it means gets no warning.
TEST_F(CheckConnectTest, TakesAMessageWithoutTheRest) {
  options_.will = Message{"gone", "bye"};
  EXPECT_EQ(options_.will->qos, Qos::at_least_once);
  EXPECT_FALSE(options_.will->retain);
  EXPECT_TRUE(check_connect(options_));
  options_.will = Message{.topic = "gone"};
  EXPECT_TRUE(check_connect(options_));
  EXPECT_EQ(Subscription{.no_local = true}.qos, Qos::at_least_once);
}

TEST_F(CheckConnectTest, NamesABadClientId) {
  options_.client_id = "a\x01";
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("client id"));
  options_.client_id = std::string(65'536, 'a');
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("65536"));
}

TEST_F(CheckConnectTest, NamesABadHostOrPort) {
  options_.broker.port = 0;
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("port"));
  options_.broker.host.clear();
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("host"));
}

TEST_F(CheckConnectTest, NamesBadCredentialsWithoutShowingThem) {
  options_.broker.username = "u\n";
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("user name holds"));
  options_.broker.username = "u";
  options_.broker.password = std::string("hunter2\0", 8);
  EXPECT_THAT(refusal(check_connect(options_)),
              testing::AllOf(HasSubstr("password"), Not(HasSubstr("hunter2"))));
  options_.broker.password = std::string(65'536, 'p');
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("password is longer"));
}

TEST_F(CheckConnectTest, NamesABadWill) {
  options_.will = Message{"a/+", "", Qos::at_most_once, false, {}};
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("topic of the will"));
  options_.will = Message{"a", std::string(65'535, 'x'), Qos::at_most_once, false, {}};
  EXPECT_TRUE(check_connect(options_));
  options_.will->payload += 'x';
  EXPECT_THAT(refusal(check_connect(options_), ErrorKind::too_large),
              HasSubstr("payload of the will"));
  options_.will = Message{"a", "", static_cast<Qos>(7), false, {}};
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("the will has the QoS 7"));
  options_.will = Message{"a", "", Qos::at_most_once, false, {{"k", "\n"}}};
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("of the will"));
}

TEST_F(CheckConnectTest, NamesABadUserProperty) {
  options_.user_properties = {{"MCP-META", "{\n}"}};
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("\"MCP-META\" of CONNECT"));
}

TEST_F(CheckConnectTest, NumbersStayInTheRangeOfTheirFields) {
  options_.keep_alive = std::chrono::seconds(65'535);
  EXPECT_TRUE(check_connect(options_));
  options_.keep_alive = std::chrono::seconds(65'536);
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("keep-alive"));
  options_.keep_alive = std::chrono::seconds(-1);
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("keep-alive"));
  options_.keep_alive = std::chrono::seconds(0);
  options_.receive_maximum = 0;
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("receive maximum"));
  options_.receive_maximum = 1;
  options_.connect_timeout = std::chrono::milliseconds(0);
  EXPECT_THAT(refusal(check_connect(options_)), HasSubstr("connect timeout"));
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
