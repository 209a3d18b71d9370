#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include <mcp_mqtt/mqtt/broker_url.hpp>

namespace mcp_mqtt::mqtt {
namespace {

using Scheme = BrokerUrl::Scheme;
using testing::HasSubstr;
using testing::Not;

BrokerUrl parsed(std::string_view text) {
  auto url = parse_broker_url(text);
  if (!url) {
    ADD_FAILURE() << text << ": " << url.error().message;
    return {};
  }
  return *url;
}

std::string refusal(std::string_view text) {
  const auto url = parse_broker_url(text);
  if (url) {
    ADD_FAILURE() << text << " was taken as " << url->to_string();
    return {};
  }
  EXPECT_EQ(url.error().kind, ErrorKind::invalid_argument);
  return url.error().message;
}

TEST(BrokerUrlTest, EachSchemeHasItsPort) {
  EXPECT_EQ(parsed("mqtt://localhost").port, 1883);
  EXPECT_EQ(parsed("mqtts://localhost").port, 8883);
  EXPECT_EQ(parsed("ws://localhost").port, 80);
  EXPECT_EQ(parsed("wss://localhost").port, 443);
  EXPECT_EQ(parsed("mqtt://localhost").scheme, Scheme::mqtt);
  EXPECT_EQ(parsed("mqtts://localhost").scheme, Scheme::mqtts);
  EXPECT_EQ(parsed("ws://localhost").scheme, Scheme::ws);
  EXPECT_EQ(parsed("wss://localhost").scheme, Scheme::wss);
}

TEST(BrokerUrlTest, SchemesSayWhatTheyUse) {
  EXPECT_FALSE(parsed("mqtt://h").uses_tls());
  EXPECT_TRUE(parsed("mqtts://h").uses_tls());
  EXPECT_TRUE(parsed("wss://h").uses_tls());
  EXPECT_FALSE(parsed("mqtts://h").uses_websocket());
  EXPECT_TRUE(parsed("ws://h").uses_websocket());
}

TEST(BrokerUrlTest, SchemesAreCaseInsensitive) {
  EXPECT_EQ(parsed("MQTTS://Broker.Example").to_string(), "mqtts://Broker.Example");
}

TEST(BrokerUrlTest, ReadsHostPortAndCredentials) {
  const BrokerUrl url = parsed("mqtt://alice:s3cret@broker.example:21883");
  EXPECT_EQ(url.host, "broker.example");
  EXPECT_EQ(url.port, 21883);
  EXPECT_EQ(url.username, "alice");
  EXPECT_EQ(url.password, "s3cret");
  EXPECT_EQ(url.path, "");
}

TEST(BrokerUrlTest, DecodesCredentials) {
  const BrokerUrl url = parsed("mqtt://al%40home:p%3Aw%2f%25%C3%A4@h");
  EXPECT_EQ(url.username, "al@home");
  EXPECT_EQ(url.password, "p:w/%ä");
}

TEST(BrokerUrlTest, CredentialsMayLackOnePart) {
  EXPECT_EQ(parsed("mqtt://alice@h").username, "alice");
  EXPECT_EQ(parsed("mqtt://alice@h").password, "");
  EXPECT_EQ(parsed("mqtt://:token@h").username, "");
  EXPECT_EQ(parsed("mqtt://:token@h").password, "token");
  EXPECT_EQ(parsed("mqtt://@h").host, "h");
}

TEST(BrokerUrlTest, AColonOrAnAtInThePasswordStaysInIt) {
  EXPECT_EQ(parsed("mqtt://alice:a:b@h").password, "a:b");
  EXPECT_EQ(parsed("mqtt://alice:a@b@h:1").password, "a@b");
  EXPECT_EQ(parsed("mqtt://alice:a@b@h:1").host, "h");
}

TEST(BrokerUrlTest, ReadsIpv6InBrackets) {
  EXPECT_EQ(parsed("mqtt://[::1]").host, "::1");
  EXPECT_EQ(parsed("mqtt://[::1]").port, 1883);
  const BrokerUrl url = parsed("wss://u:p@[2001:db8::7]:8443/broker");
  EXPECT_EQ(url.host, "2001:db8::7");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/broker");
  EXPECT_EQ(url.to_string(), "wss://[2001:db8::7]:8443/broker");
}

TEST(BrokerUrlTest, ReadsAnIpv6Zone) {
  const BrokerUrl url = parsed("mqtt://[fe80::1%25eth0]:1883");
  EXPECT_EQ(url.host, "fe80::1%eth0");
  EXPECT_EQ(url.to_string(), "mqtt://[fe80::1%25eth0]");
  EXPECT_THAT(refusal("mqtt://[fe80::1%eth0]"), HasSubstr("zone"));
  EXPECT_THAT(refusal("mqtt://[fe80::1%25]"), HasSubstr("zone"));
  EXPECT_THAT(refusal("mqtt://[fe80::1%25a%2Fb]"), HasSubstr("zone"));
}

TEST(BrokerUrlTest, WebSocketsHaveAPath) {
  EXPECT_EQ(parsed("ws://h").path, "/mqtt");
  EXPECT_EQ(parsed("ws://h/").path, "/");
  EXPECT_EQ(parsed("ws://h:9001/a/b%20c").path, "/a/b%20c");
}

TEST(BrokerUrlTest, MqttHasNoPath) {
  EXPECT_EQ(parsed("mqtt://h/").path, "");
  EXPECT_THAT(refusal("mqtt://h/mqtt"), HasSubstr("only ws:// and wss:// can have"));
  EXPECT_THAT(refusal("mqtts://h//"), HasSubstr("path"));
}

TEST(BrokerUrlTest, RefusesQueryAndFragment) {
  EXPECT_THAT(refusal("mqtt://h?clientid=a"), HasSubstr("query or a fragment"));
  EXPECT_THAT(refusal("ws://h/mqtt?x=1"), HasSubstr("query or a fragment"));
  EXPECT_THAT(refusal("ws://h/mqtt#x"), HasSubstr("query or a fragment"));
}

TEST(BrokerUrlTest, ForeignSchemesAreToldTheRightOne) {
  EXPECT_THAT(refusal("tcp://h:1883"), HasSubstr("use mqtt://"));
  EXPECT_THAT(refusal("ssl://h"), HasSubstr("use mqtts://"));
  EXPECT_THAT(refusal("TLS://h"), HasSubstr("use mqtts://"));
  EXPECT_THAT(refusal("http://h"), HasSubstr("use ws://"));
  EXPECT_THAT(refusal("https://h"), HasSubstr("use wss://"));
  EXPECT_THAT(refusal("amqp://h"), HasSubstr("use mqtt://, mqtts://, ws:// or wss://"));
  EXPECT_THAT(refusal("amqp://h"), HasSubstr("amqp://"));
}

TEST(BrokerUrlTest, AMissingSchemeIsNamed) {
  EXPECT_THAT(refusal("localhost:1883"), HasSubstr("no scheme"));
  EXPECT_THAT(refusal("mqtt:localhost"), HasSubstr("no scheme"));
  EXPECT_THAT(refusal("://localhost"), HasSubstr("does not begin with"));
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
}

TEST(BrokerUrlTest, AnEmptyHostIsNamed) {
  EXPECT_THAT(refusal("mqtt://"), HasSubstr("no host"));
  EXPECT_THAT(refusal("mqtt://:1883"), HasSubstr("no host"));
  EXPECT_THAT(refusal("mqtt://u:p@"), HasSubstr("no host"));
  EXPECT_THAT(refusal("ws:///mqtt"), HasSubstr("no host"));
  EXPECT_THAT(refusal("mqtt://[]"), HasSubstr("IPv6"));
}

TEST(BrokerUrlTest, RefusesHostsThatAreNone) {
  EXPECT_THAT(refusal("mqtt://ho*st"), HasSubstr("host with a character"));
  EXPECT_THAT(refusal("mqtt://münchen"), HasSubstr("host with a character"));
  EXPECT_THAT(refusal("mqtt://::1"), HasSubstr("brackets"));
  EXPECT_THAT(refusal("mqtt://[::1"), HasSubstr("']'"));
  EXPECT_THAT(refusal("mqtt://[1.2.3.4]"), HasSubstr("IPv6"));
  EXPECT_THAT(refusal("mqtt://[::1]1883"), HasSubstr("port behind"));
  EXPECT_THAT(refusal("mqtt://" + std::string(254, 'a')), HasSubstr("at most 253"));
  EXPECT_EQ(parsed("mqtt://" + std::string(253, 'a')).host.size(), 253U);
}

TEST(BrokerUrlTest, PortsRunFrom1To65535) {
  EXPECT_EQ(parsed("mqtt://h:1").port, 1);
  EXPECT_EQ(parsed("mqtt://h:65535").port, 65535);
  for (const char* port : {"0", "65536", "99999999999", "-1", "+1", "18x", "x", "", "1883 "}) {
    EXPECT_FALSE(parse_broker_url(std::string("mqtt://h:") + port)) << port;
  }
  EXPECT_THAT(refusal("mqtt://h:65536"), HasSubstr("1 to 65535"));
  EXPECT_THAT(refusal("mqtt://[::1]:0"), HasSubstr("1 to 65535"));
}

TEST(BrokerUrlTest, WhitespaceAndControlCharactersAreNamed) {
  EXPECT_THAT(refusal(" mqtt://h"), HasSubstr("a space at byte 0"));
  EXPECT_THAT(refusal("mqtt://h\n"), HasSubstr("a control character at byte 8"));
  EXPECT_THAT(refusal(std::string_view("mqtt://h\0x", 10)), HasSubstr("control character"));
}

TEST(BrokerUrlTest, BadPercentEncodingIsNamed) {
  EXPECT_THAT(refusal("mqtt://a%zz:b@h"), HasSubstr("'%' in its user name"));
  EXPECT_THAT(refusal("mqtt://a:b%4@h"), HasSubstr("'%' in its password"));
  EXPECT_THAT(refusal("mqtt://a:b%@h"), HasSubstr("'%' in its password"));
  EXPECT_THAT(refusal("mqtt://a%0A:b@h"), HasSubstr("user name that holds the control character"));
  EXPECT_THAT(refusal("mqtt://a:b%00c@h"), HasSubstr("NUL"));
  EXPECT_THAT(refusal("ws://h/a%"), HasSubstr("percent-encoded"));
  EXPECT_THAT(refusal("ws://h/ä"), HasSubstr("percent-encoded"));
}

TEST(BrokerUrlTest, LongCredentialsAreRefused) {
  EXPECT_EQ(parsed("mqtt://u:" + std::string(65'535, 'p') + "@h").password.size(), 65'535U);
  EXPECT_THAT(refusal("mqtt://u:" + std::string(65'536, 'p') + "@h"), HasSubstr("65535"));
  EXPECT_THAT(refusal("mqtt://" + std::string(65'536, 'u') + "@h"), HasSubstr("65535"));
}

TEST(BrokerUrlTest, NoErrorRepeatsThePassword) {
  const std::string secret = "hunter2";
  for (const std::string& text :
       std::vector<std::string>{"tcp://u:hunter2@h",     "mqtt://u:hunter2",
                                "mqtt://u:hunter2@",     "mqtt://u:hunter2@h:0",
                                "mqtt://u:hunter2@h:x",  "mqtt://u:hunter2@ho*st",
                                "mqtt://u:hunter2@[::1", "mqtt://u:hunter2@h/path",
                                "mqtt://u:hunter2@h?q",  "mqtt://u:hunter2%zz@h",
                                "mqtt://u:%zzhunter2@h", "mqtt://u:hunter2 x@h",
                                "mqtt://u:x/hunter2@h",  "mqtt://u:x#hunter2@h",
                                "mqtt://u:x?hunter2@h",  "ws://u:80/hunter2@h",
                                "ws://u:x/hunter2@h",    "u:hunter2@h",
                                "u:hunter2://h",         "hunter2@h://",
                                "mqtt:/hunter2@h",       "mqtt://u:[hunter2]@h:0",
                                "mqtt://[u:hunter2@h:0", "mqtt://[hunter2]",
                                "mqtt://h:hunter2",      "mqtt://u%0a:hunter2@h",
                                "mqtt://[::1%hunter2]",  "mqtt://[::1]hunter2@h:x"}) {
    EXPECT_THAT(refusal(text), Not(HasSubstr(secret)));
  }
}

TEST(BrokerUrlTest, ToStringLeavesCredentialsAndTheUsualPortOut) {
  EXPECT_EQ(parsed("mqtt://u:p@h:1883").to_string(), "mqtt://h");
  EXPECT_EQ(parsed("mqtts://u:p@h:1883").to_string(), "mqtts://h:1883");
  EXPECT_EQ(parsed("ws://u:p@h").to_string(), "ws://h/mqtt");
  EXPECT_EQ(BrokerUrl{}.to_string(), "mqtt://");
}

TEST(BrokerUrlTest, ToStringIsTheInverseOfParse) {
  constexpr unsigned seed = 20'250'326;
  std::mt19937 random(seed);
  const auto pick = [&](const std::vector<std::string>& from) {
    return from[random() % from.size()];
  };
  for (int round = 0; round < 2'000; ++round) {
    const std::string scheme = pick({"mqtt", "mqtts", "ws", "wss"});
    const std::string port =
        pick({"", ":1883", ":80", ":" + std::to_string(1 + random() % 65'535)});
    const std::string path =
        scheme[0] == 'w' ? pick({"", "/", "/mqtt", "/a/b%20c"}) : pick({"", "/"});
    const std::string text = scheme + "://" + pick({"", "u@", "u:p%40@", ":p@"}) +
                             pick({"h", "10.0.0.1", "[::1]", "[fe80::1%25eth0]", "a-b_c.example"}) +
                             port + path;
    const BrokerUrl first = parsed(text);
    const BrokerUrl again = parsed(first.to_string());
    ASSERT_EQ(again.scheme, first.scheme) << text << ", seed " << seed;
    ASSERT_EQ(again.host, first.host) << text << ", seed " << seed;
    ASSERT_EQ(again.port, first.port) << text << ", seed " << seed;
    ASSERT_EQ(again.path, first.path) << text << ", seed " << seed;
  }
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
