#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/mosquitto/mosquitto_transport.hpp"

// Which transport serves which broker.
namespace mcp_mqtt::mqtt {
namespace {

using ::testing::HasSubstr;

Result<std::shared_ptr<Transport>> make(TransportKind kind, const std::string& url) {
  return make_transport(kind, parse_broker_url(url).value());
}

bool is_mosquitto(const Result<std::shared_ptr<Transport>>& made) {
  return dynamic_cast<MosquittoTransport*>(made.value().get()) != nullptr;
}

TEST(MakeTransport, AutomaticIsMosquittoForTcpAndTlsAndPahoForWebSockets) {
  EXPECT_TRUE(is_mosquitto(make(TransportKind::automatic, "mqtt://host")));
  EXPECT_TRUE(is_mosquitto(make(TransportKind::automatic, "mqtts://host")));
  EXPECT_FALSE(is_mosquitto(make(TransportKind::automatic, "ws://host")));
  EXPECT_FALSE(is_mosquitto(make(TransportKind::automatic, "wss://host")));
}

TEST(MakeTransport, AnExplicitChoiceIsKept) {
  EXPECT_TRUE(is_mosquitto(make(TransportKind::mosquitto, "mqtt://host")));
  EXPECT_TRUE(is_mosquitto(make(TransportKind::mosquitto, "mqtts://host")));
  for (const char* url : {"mqtt://host", "mqtts://host", "ws://host", "wss://host"}) {
    EXPECT_FALSE(is_mosquitto(make(TransportKind::paho, url))) << url;
  }
}

TEST(MakeTransport, MosquittoWithWebSocketsIsUnsupportedAndSaysWhatIs) {
  for (const char* url : {"ws://user:secret@host/mqtt", "wss://user:secret@host/mqtt"}) {
    const auto made = make(TransportKind::mosquitto, url);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::unsupported);
    EXPECT_THAT(made.error().message, HasSubstr("WebSocket"));
    EXPECT_THAT(made.error().message, HasSubstr("host"));
    EXPECT_THAT(made.error().message, ::testing::Not(HasSubstr("secret")));
  }
}

TEST(MakeTransport, AKindThatDoesNotExistIsAnError) {
  const auto made = make(static_cast<TransportKind>(99), "mqtt://host");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
