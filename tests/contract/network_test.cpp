#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>

#include "contract/rig.hpp"
#include "support/loopback_ports.hpp"

// What only a network does: silence, half-open connections, packets in pieces.
namespace mcp_mqtt::test {
namespace {

using mqtt::Message;
using mqtt::Qos;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

class RealConnection : public TransportContract {};

TEST_P(RealConnection, TheConnectTimeoutHoldsAgainstASilentPeer) {
  const SilentPort silent;
  Rig& rig = start();
  const auto peer = rig.peer("one");
  const std::uint16_t port = std::exchange(peer->options().broker.port, silent.port());
  peer->options().connect_timeout = milliseconds(1'000);
  const auto before = Clock::now();
  const auto result = peer->connect();
  const auto took = Clock::now() - before;
  EXPECT_TRUE(failed_with(result, ErrorKind::timeout));
  EXPECT_GE(took, milliseconds(900));
  EXPECT_LE(took, milliseconds(1'500));
  peer->options().broker.port = port;
  peer->options().connect_timeout = seconds(10);
  ASSERT_TRUE(succeeded(peer->connect()));
}

TEST_P(RealConnection, DestroyingWhileConnectingToASilentPeerIsBounded) {
  const SilentPort silent;
  Rig& rig = start();
  const auto peer = rig.peer("one");
  peer->options().broker.port = silent.port();
  const auto outcome = peer->start_connect();
  const auto before = Clock::now();
  peer->destroy();
  EXPECT_LT(Clock::now() - before, seconds(2));
  EXPECT_FALSE(outcome.called());
}

TEST_P(RealConnection, DisconnectWhileConnectingToASilentPeerEndsTheAttempt) {
  const SilentPort silent;
  Rig& rig = start();
  const auto peer = rig.peer("one");
  peer->options().broker.port = silent.port();
  const auto connecting = peer->start_connect();
  const auto before = Clock::now();
  EXPECT_TRUE(succeeded(peer->disconnect()));
  EXPECT_FALSE(connecting.wait());
  EXPECT_LT(Clock::now() - before, seconds(3)) << "disconnect() is bounded by two seconds";
  EXPECT_EQ(connecting.times_called(), 1U);
}

TEST_P(RealConnection, AnUnknownHostNameIsAnErrorInTime) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  peer->options().broker.host = "no-such-host.invalid";
  peer->options().connect_timeout = milliseconds(3'000);
  const auto before = Clock::now();
  const auto result = peer->connect();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().kind == ErrorKind::not_connected ||
              result.error().kind == ErrorKind::timeout)
      << to_string(result.error().kind);
  EXPECT_LE(Clock::now() - before, milliseconds(4'500));
}

TEST_P(RealConnection, AHalfOpenConnectionIsNoticedByTheKeepAlive) {
  BrokerRules rules;
  rules.proxy = true;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  const char* wanted = std::getenv("MCP_MQTT_KEEP_ALIVE");
  const seconds keep_alive(wanted == nullptr ? 1 : std::atoi(wanted));
  peer->options().keep_alive = keep_alive;
  ASSERT_TRUE(succeeded(peer->connect()));
  rig.hold_links();
  const auto frozen = Clock::now();
  const auto publish = peer->start_publish({"a", "x", Qos::at_least_once, false, {}});
  // One and a half keep-alives; of short ones, what the libraries need at least.
  const seconds limit = std::max<seconds>(keep_alive + keep_alive / 2, seconds(9));
  EXPECT_TRUE(failed_with(publish.wait(limit + patience), ErrorKind::connection_lost));
  ASSERT_TRUE(peer->lost().wait_for_count(1));
  const auto noticed = std::chrono::duration_cast<milliseconds>(Clock::now() - frozen);
  EXPECT_EQ(peer->lost().all().front().kind, ErrorKind::connection_lost);
  EXPECT_LT(noticed, limit + seconds(5)) << "a busy machine may take its time, but not that much";
  std::cout << "reliability: half_open keep_alive_s=" << keep_alive.count()
            << " noticed_ms=" << noticed.count() << "\n";
}

TEST_P(RealConnection, DisconnectOnAHalfOpenConnectionIsBounded) {
  BrokerRules rules;
  rules.proxy = true;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  rig.hold_links();
  const auto publish = peer->start_publish({"a", "x", Qos::at_least_once, false, {}});
  const auto before = Clock::now();
  EXPECT_TRUE(succeeded(peer->disconnect()));
  EXPECT_LT(Clock::now() - before, seconds(4));
  EXPECT_FALSE(publish.wait());
  EXPECT_EQ(peer->lost().size(), 0U) << "the caller asked for it";
}

TEST_P(RealConnection, PacketsMayArriveByteByByte) {
  BrokerRules rules;
  rules.connack = {{"k", "v"}};
  Rig& rig = start(rules);
  rig.proxy().set_chunk_size(1);
  const auto peer = rig.peer("one");
  const auto info = peer->connect();
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->user_properties, rules.connack);
  EXPECT_TRUE(peer->still_works());
}

TEST_P(RealConnection, ConnectSaysWhatTheOptionsSay) {
  BrokerRules rules;
  rules.proxy = true;
  Rig& rig = start(rules);
  const auto peer = rig.peer("the-client");
  mqtt::ConnectOptions& options = peer->options();
  options.user_properties = {
      {"MCP-COMPONENT-TYPE", "mcp-server"}, {"MCP-META", "{}"}, {"x", "1"}, {"x", "2"}};
  options.will = Message{"$mcp-server/presence/a/b",
                         "",
                         Qos::at_least_once,
                         true,
                         {{"MCP-MQTT-CLIENT-ID", "the-client"}, {"y", "2"}, {"y", "1"}}};
  options.keep_alive = seconds(77);
  options.receive_maximum = 123;
  options.broker.username = "somebody";
  options.broker.password = "secret";
  ASSERT_TRUE(succeeded(peer->connect()));
  const auto seen = rig.proxy().connects().take();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->client_id, "the-client");
  EXPECT_TRUE(seen->clean_start) << "T2";
  EXPECT_EQ(seen->session_expiry_interval, 0U) << "T2";
  EXPECT_EQ(seen->keep_alive, 77);
  EXPECT_EQ(seen->receive_maximum, 123);
  EXPECT_EQ(seen->user_properties, options.user_properties);
  EXPECT_EQ(seen->username, "somebody");
  EXPECT_TRUE(seen->has_password);
  ASSERT_TRUE(seen->will);
  EXPECT_EQ(seen->will->topic, options.will->topic);
  EXPECT_EQ(seen->will->payload, "");
  EXPECT_EQ(seen->will->qos, Qos::at_least_once);
  EXPECT_TRUE(seen->will->retain);
  EXPECT_EQ(seen->will->user_properties, options.will->user_properties);
}

INSTANTIATE_TEST_SUITE_P(Transports, RealConnection, ::testing::Values(Kind::paho, Kind::mosquitto),
                         kind_name);

}  // namespace
}  // namespace mcp_mqtt::test
