#include <chrono>
#include <gtest/gtest.h>

#include "contract/rig.hpp"
#include "support/loopback_ports.hpp"

// How connections begin, end and fail.
namespace mcp_mqtt::test {
namespace {

using mqtt::Message;
using mqtt::Qos;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

class Connection : public TransportContract {};

TEST_P(Connection, ConnectsAndDisconnectsAgainAndAgain) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(succeeded(peer->connect()));
    EXPECT_TRUE(peer->still_works());
    ASSERT_TRUE(succeeded(peer->disconnect()));
  }
  EXPECT_EQ(peer->lost().size(), 0U);
}

TEST_P(Connection, DisconnectWithoutAConnectionSucceeds) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  EXPECT_TRUE(succeeded(peer->disconnect()));
  ASSERT_TRUE(succeeded(peer->connect()));
  const auto first = peer->start_disconnect();
  const auto second = peer->start_disconnect();
  EXPECT_TRUE(succeeded(first.wait()));
  EXPECT_TRUE(succeeded(second.wait()));
}

TEST_P(Connection, CallsWithoutAConnectionFail) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(failed_with(peer->publish("a", "x"), ErrorKind::not_connected));
    EXPECT_TRUE(failed_with(peer->publish("a", "x", Qos::at_most_once), ErrorKind::not_connected));
    EXPECT_TRUE(failed_with(peer->subscribe("a"), ErrorKind::not_connected));
    EXPECT_TRUE(failed_with(peer->start_unsubscribe("a").wait(), ErrorKind::not_connected));
    ASSERT_TRUE(succeeded(peer->connect()));
    ASSERT_TRUE(succeeded(peer->disconnect()));
  }
}

TEST_P(Connection, ASecondConnectIsRefusedAndHarmsNothing) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  EXPECT_FALSE(peer->connect());
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Connection, ConnectToAClosedPortFailsInTime) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  const ClosedPort nobody;
  if (real()) {
    peer->options().broker.port = nobody.port();
  } else {
    rig_ = nullptr;
  }
  peer->options().connect_timeout = seconds(5);
  const auto before = Clock::now();
  const auto result = peer->connect();
  ASSERT_FALSE(result);
  EXPECT_TRUE(failed_with(result, ErrorKind::not_connected));
  EXPECT_FALSE(result.error().message.empty());
  EXPECT_LT(Clock::now() - before, seconds(5)) << "a refusal is known at once";
  EXPECT_EQ(peer->lost().size(), 0U);
}

TEST_P(Connection, WrongPasswordIsRefusedWithItsReason) {
  BrokerRules rules;
  rules.passwords = {{"user", "right"}};
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  peer->options().broker.username = "user";
  peer->options().broker.password = "wrong-secret";
  const auto refused = peer->connect();
  ASSERT_TRUE(failed_with(refused, ErrorKind::refused));
  EXPECT_EQ(refused.error().code, 0x87);
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
  peer->options().broker.password = "right";
  ASSERT_TRUE(succeeded(peer->connect()));
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Connection, ConnackUserPropertiesKeepOrderAndDuplicates) {
  BrokerRules rules;
  rules.connack = {{"MCP-SERVER-NAME", "given/name"},
                   {"MCP-SERVER-NAME-FILTERS", R"(["a/#","b/+"])"},
                   {"x", "1"},
                   {"x", ""},
                   {"x", "1"},
                   {"", "Grüße"}};
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  const auto info = peer->connect();
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->user_properties, rules.connack);
}

TEST_P(Connection, AKilledBrokerFailsWhatIsUnderWayThenReportsOnce) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  std::atomic<int> completed{0};
  std::atomic<int> completed_before_lost{-1};
  peer->on_lost([&] { completed_before_lost = completed.load(); });
  constexpr int count = 50;
  EventLog<Result<void>> results;
  for (int i = 0; i < count / 2; ++i) {
    peer->transport().publish({"a", std::string(1'000, 'x'), Qos::exactly_once, false, {}},
                              [&](Result<void> result) {
                                ++completed;
                                results.push(std::move(result));
                              });
  }
  rig.kill_broker();
  ASSERT_TRUE(peer->lost().wait_for_count(1));
  EXPECT_EQ(completed, count / 2);
  EXPECT_EQ(completed_before_lost, count / 2);
  for (const Result<void>& result : results.all()) {
    if (result) continue;
    EXPECT_TRUE(result.error().kind == ErrorKind::connection_lost ||
                result.error().kind == ErrorKind::not_connected)
        << to_string(result.error().kind);
  }
  EXPECT_EQ(peer->lost().all().front().kind, ErrorKind::connection_lost);
  EXPECT_TRUE(failed_with(peer->publish("a", "x"), ErrorKind::not_connected));

  rig.restart_broker();
  ASSERT_TRUE(succeeded(peer->connect()));
  EXPECT_TRUE(succeeded(peer->publish("a", "x")));
  EXPECT_EQ(peer->lost().size(), 1U);
}

TEST_P(Connection, NothingOfTheOldSessionReachesTheNewOne) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  const auto witness = rig.peer("witness");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("topic")));
  std::vector<Outcome<void>> outcomes;
  rig.kill_broker();
  for (int i = 0; i < 30; ++i) {
    outcomes.push_back(
        peer->start_publish({"stale", std::to_string(i), Qos::at_least_once, false, {}}));
  }
  ASSERT_TRUE(peer->lost().wait_for_count(1));
  for (const auto& outcome : outcomes) EXPECT_FALSE(outcome.wait());

  rig.restart_broker();
  connect({witness.get()});
  ASSERT_TRUE(succeeded(witness->subscribe("stale")));
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->publish("topic", "not subscribed any more")));
  EXPECT_TRUE(peer->still_works());
  EXPECT_TRUE(witness->still_works());
  for (const Message& message : witness->messages().all()) EXPECT_NE(message.topic, "stale");
  for (const Message& message : peer->messages().all()) EXPECT_NE(message.topic, "topic");
}

TEST_P(Connection, ReconnectsInsideTheLostCallback) {
  BrokerRules rules;
  rules.proxy = true;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  EventLog<Outcome<mqtt::ConnectionInfo>> again;
  peer->on_lost([&, raw = peer.get()] { again.push(raw->start_connect()); });
  ASSERT_TRUE(succeeded(peer->connect()));
  rig.cut_links();
  const auto outcome = again.take();
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(succeeded(outcome->wait()));
  EXPECT_TRUE(succeeded(peer->publish("a", "x")));
}

TEST_P(Connection, ALinkThatIsCutIsReported) {
  BrokerRules rules;
  rules.proxy = true;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  rig.cut_links();
  ASSERT_TRUE(peer->lost().wait_for_count(1));
  EXPECT_EQ(peer->lost().all().front().kind, ErrorKind::connection_lost);
  ASSERT_TRUE(succeeded(peer->connect()));
  EXPECT_TRUE(succeeded(peer->publish("a", "x")));
}

// mosquitto 2.0.11 closes the socket of the old connection without naming the reason.
TEST_P(Connection, ATakeoverOfTheClientIdIsReported) {
  Rig& rig = start();
  const auto old = rig.peer("same");
  const auto witness = rig.peer("witness");
  old->options().will = Message{"gone", "old", Qos::at_least_once, false, {}};
  connect({old.get(), witness.get()});
  ASSERT_TRUE(succeeded(witness->subscribe("gone")));
  const auto next = rig.peer("same");
  ASSERT_TRUE(succeeded(next->connect()));
  ASSERT_TRUE(old->lost().wait_for_count(1));
  const Error error = old->lost().all().front();
  if (GetParam() == Kind::loopback || error.kind == ErrorKind::refused) {
    EXPECT_EQ(error.kind, ErrorKind::refused);
    EXPECT_EQ(error.code, 0x8E);
  } else {
    EXPECT_EQ(error.kind, ErrorKind::connection_lost);
  }
  EXPECT_TRUE(witness->messages().wait_for_count(1)) << "its will";
  EXPECT_TRUE(next->still_works());
  EXPECT_EQ(old->lost().size(), 1U);
}

TEST_P(Connection, ADisconnectOfTheBrokerNamesItsReason) {
  BrokerRules rules;
  rules.proxy = true;
  Rig& rig = start(rules);
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  rig.disconnect_clients(0x98);
  ASSERT_TRUE(peer->lost().wait_for_count(1));
  const Error error = peer->lost().all().front();
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_EQ(error.code, 0x98) << error.message;
  ASSERT_TRUE(succeeded(peer->connect()));
  EXPECT_EQ(peer->lost().size(), 1U);
}

TEST_P(Connection, DestroyingWithCallsUnderWayIsCleanAndPublishesTheWill) {
  Rig& rig = start();
  const auto witness = rig.peer("witness");
  const auto peer = rig.peer("one");
  peer->options().will = Message{"gone", "one", Qos::at_least_once, false, {}};
  connect({witness.get(), peer.get()});
  ASSERT_TRUE(succeeded(witness->subscribe("gone")));
  const auto alive = std::make_shared<std::atomic<bool>>(true);
  const auto late = std::make_shared<std::atomic<int>>(0);
  for (int i = 0; i < 200; ++i) {
    peer->transport().publish({"a", std::string(1'000, 'x'), Qos::exactly_once, false, {}},
                              [alive, late](Result<void>) {
                                if (!*alive) ++*late;
                              });
  }
  const auto before = Clock::now();
  peer->destroy();
  *alive = false;
  EXPECT_LT(Clock::now() - before, seconds(2)) << "a destructor waits for no peer";
  EXPECT_TRUE(witness->messages().wait_for_count(1)) << "its will";
  EXPECT_TRUE(witness->still_works());
  EXPECT_EQ(late->load(), 0);
  EXPECT_EQ(alive.use_count(), 1) << "the callbacks are gone with the transport";
}

TEST_P(Connection, DestroyingRightAfterConnectIsBounded) {
  Rig& rig = start();
  for (int round = 0; round < 10; ++round) {
    const auto peer = rig.peer("brief" + std::to_string(round));
    const auto outcome = peer->start_connect();
    const auto before = Clock::now();
    peer->destroy();
    EXPECT_LT(Clock::now() - before, seconds(2));
    const std::size_t calls = outcome.times_called();
    EXPECT_LE(calls, 1U);
  }
}

TEST_P(Connection, TransportsHaveNoLimitOnTheirNumberButMemory) {
  Rig& rig = start();
  std::vector<std::unique_ptr<Peer>> peers;
  std::vector<Outcome<mqtt::ConnectionInfo>> outcomes;
  for (int i = 0; i < 20; ++i) {
    peers.push_back(rig.peer("client" + std::to_string(i)));
    outcomes.push_back(peers.back()->start_connect());
  }
  for (const auto& outcome : outcomes) ASSERT_TRUE(succeeded(outcome.wait()));
  for (const auto& peer : peers) EXPECT_TRUE(peer->still_works());
}

INSTANTIATE_TEST_SUITE_P(Transports, Connection,
                         ::testing::Values(Kind::loopback, Kind::paho, Kind::mosquitto), kind_name);

}  // namespace
}  // namespace mcp_mqtt::test
