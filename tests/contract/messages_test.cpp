#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/rig.hpp"

// What happens to messages on their way.
namespace mcp_mqtt::test {
namespace {

using mqtt::Message;
using mqtt::Qos;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr Qos all_qos[] = {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once};

std::vector<std::string> payloads(const Peer& peer, const std::string& topic) {
  std::vector<std::string> out;
  for (const Message& message : peer.messages().all()) {
    if (message.topic == topic) out.push_back(message.payload);
  }
  return out;
}

class Messages : public TransportContract {};

TEST_P(Messages, ArriveAtEveryQos) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("a/+", Qos::exactly_once)));
  for (Qos qos : all_qos) {
    const std::string topic = "a/" + std::to_string(static_cast<int>(qos));
    ASSERT_TRUE(succeeded(peer->publish(topic, "payload", qos)));
    const auto message =
        peer->messages().wait_for([&](const Message& m) { return m.topic == topic; });
    ASSERT_TRUE(message) << topic;
    EXPECT_EQ(message->payload, "payload");
    EXPECT_EQ(message->qos, qos);
    EXPECT_FALSE(message->retain);
  }
  EXPECT_TRUE(peer->still_works());
}

TEST_P(Messages, CarryAnyBytesAndNone) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("a")));
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i);
  ASSERT_TRUE(succeeded(peer->publish("a", bytes)));
  ASSERT_TRUE(succeeded(peer->publish("a", "")));
  ASSERT_TRUE(peer->messages().wait_for_count(2));
  EXPECT_THAT(payloads(*peer, "a"), ElementsAre(bytes, ""));
}

TEST_P(Messages, UserPropertiesKeepOrderAndDuplicatesBothWays) {
  const mqtt::UserProperties properties{{"MCP-COMPONENT-TYPE", "mcp-client"},
                                        {"MCP-MQTT-CLIENT-ID", "one"},
                                        {"b", "2"},
                                        {"a", "1"},
                                        {"b", "1"},
                                        {"b", "2"},
                                        {"", ""},
                                        {"long", std::string(65'535, 'l')},
                                        {"text", "Grüße \xF0\x9F\x8C\xB1"}};
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("a")));
  for (Qos qos : all_qos) {
    ASSERT_TRUE(succeeded(peer->start_publish({"a", "x", qos, false, properties}).wait()));
  }
  ASSERT_TRUE(peer->messages().wait_for_count(3));
  for (const Message& message : peer->messages().all()) {
    EXPECT_EQ(message.user_properties, properties);
  }
}

TEST_P(Messages, NoLocalHidesOnlyOwnOnes) {
  Rig& rig = start();
  const auto one = rig.peer("one");
  const auto two = rig.peer("two");
  connect({one.get(), two.get()});
  ASSERT_TRUE(succeeded(one->subscribe("a", Qos::at_least_once, true)));
  ASSERT_TRUE(succeeded(one->publish("a", "mine")));
  ASSERT_TRUE(succeeded(two->publish("a", "yours")));
  ASSERT_TRUE(one->messages().wait_for_count(1));
  EXPECT_TRUE(one->still_works());
  EXPECT_THAT(payloads(*one, "a"), ElementsAre("yours"));
}

TEST_P(Messages, RetainedOnesReachNewSubscriptionsUntilCleared) {
  Rig& rig = start();
  const auto one = rig.peer("one");
  const auto two = rig.peer("two");
  connect({one.get(), two.get()});
  const std::string presence = "$mcp-server/presence/";
  const mqtt::UserProperties properties{{"k", "1"}, {"k", "2"}};
  for (const char* name : {"id1/a/b", "id2/a/c", "id3/x"}) {
    const Message message{presence + name, name, Qos::at_least_once, true, properties};
    ASSERT_TRUE(succeeded(one->start_publish(message).wait()));
  }
  ASSERT_TRUE(succeeded(two->subscribe("$mcp-server/presence/+/a/#")));
  ASSERT_TRUE(two->messages().wait_for_count(2));
  for (const Message& message : two->messages().all()) {
    EXPECT_TRUE(message.retain) << "a kept one for a new subscription";
    EXPECT_EQ(message.user_properties, properties);
  }

  ASSERT_TRUE(succeeded(one->publish(presence + "id1/a/b", "again", Qos::at_least_once, true)));
  ASSERT_TRUE(two->messages().wait_for_count(3));
  EXPECT_FALSE(two->messages().all().back().retain) << "a live one";
  ASSERT_TRUE(succeeded(one->publish(presence + "id1/a/b", "", Qos::at_least_once, true)));
  ASSERT_TRUE(two->messages().wait_for_count(4));
  EXPECT_EQ(two->messages().all().back().payload, "");

  two->messages().clear();
  ASSERT_TRUE(succeeded(two->start_unsubscribe("$mcp-server/presence/+/a/#").wait()));
  ASSERT_TRUE(succeeded(two->subscribe("$mcp-server/presence/#")));
  EXPECT_TRUE(two->still_works());
  EXPECT_THAT(payloads(*two, presence + "id1/a/b"), ElementsAre());
  EXPECT_THAT(payloads(*two, presence + "id2/a/c"), ElementsAre("id2/a/c"));
  EXPECT_THAT(payloads(*two, presence + "id3/x"), ElementsAre("id3/x"));
}

TEST_P(Messages, LeadingWildcardsDoNotMatchDollarTopics) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("+/x/y")));
  ASSERT_TRUE(succeeded(peer->publish("$mcp-rpc/x/y", "hidden")));
  ASSERT_TRUE(succeeded(peer->publish("mcp-rpc/x/y", "seen")));
  EXPECT_TRUE(peer->still_works());
  EXPECT_THAT(payloads(*peer, "$mcp-rpc/x/y"), ElementsAre());
  EXPECT_THAT(payloads(*peer, "mcp-rpc/x/y"), ElementsAre("seen"));
}

TEST_P(Messages, OverlappingSubscriptionsBringACopyEach) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("a/+")));
  ASSERT_TRUE(succeeded(peer->subscribe("a/b")));
  ASSERT_TRUE(succeeded(peer->subscribe("a/b")));
  ASSERT_TRUE(succeeded(peer->publish("a/b", "x")));
  EXPECT_TRUE(peer->still_works());
  EXPECT_THAT(payloads(*peer, "a/b"), ElementsAre("x", "x"));
}

TEST_P(Messages, StopAfterUnsubscribe) {
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  ASSERT_TRUE(succeeded(peer->subscribe("a")));
  ASSERT_TRUE(succeeded(peer->start_unsubscribe("a").wait()));
  EXPECT_TRUE(succeeded(peer->start_unsubscribe("never/subscribed").wait()));
  ASSERT_TRUE(succeeded(peer->publish("a", "x")));
  EXPECT_TRUE(peer->still_works());
  EXPECT_THAT(payloads(*peer, "a"), ElementsAre());
}

TEST_P(Messages, KeepTheirOrder) {
  constexpr int count = 1'000;
  Rig& rig = start();
  const auto sender = rig.peer("sender");
  const auto receiver = rig.peer("receiver");
  connect({sender.get(), receiver.get()});
  ASSERT_TRUE(succeeded(receiver->subscribe("a")));
  EventLog<Result<void>> results;
  for (int i = 0; i < count; ++i) {
    sender->transport().publish(
        {"a", std::to_string(i), Qos::at_least_once, false, {}},
        [results](Result<void> result) { results.push(std::move(result)); });
  }
  ASSERT_TRUE(results.wait_for_count(count));
  for (const Result<void>& result : results.all()) ASSERT_TRUE(succeeded(result));
  ASSERT_TRUE(receiver->messages().wait_for_count(count)) << receiver->messages().size();
  const std::vector<Message> messages = receiver->messages().all();
  for (int i = 0; i < count; ++i) {
    ASSERT_EQ(messages[static_cast<std::size_t>(i)].payload, std::to_string(i));
  }
}

// Twenty may be under way to a stock mosquitto at once.
TEST_P(Messages, ManyAtOnceCompleteOnceEach) {
  constexpr std::size_t count = 200;
  Rig& rig = start();
  const auto peer = rig.peer("one");
  ASSERT_TRUE(succeeded(peer->connect()));
  for (Qos qos : all_qos) {
    std::vector<Outcome<void>> outcomes;
    for (std::size_t i = 0; i < count; ++i) {
      outcomes.push_back(peer->start_publish({"a", std::to_string(i), qos, false, {}}));
    }
    for (const auto& outcome : outcomes) ASSERT_TRUE(succeeded(outcome.wait()));
    EXPECT_TRUE(peer->still_works());
    for (const auto& outcome : outcomes) EXPECT_EQ(outcome.times_called(), 1U);
  }
}

TEST_P(Messages, MayBePublishedInsideCallbacks) {
  Rig& rig = start();
  const auto server = rig.peer("server");
  const auto client = rig.peer("client");
  EventLog<Outcome<void>> answers;
  server->on_message([&, raw = server.get()](const Message& message) {
    answers.push(raw->start_publish({"answer", message.payload, Qos::at_least_once, false, {}}));
  });
  connect({server.get(), client.get()});
  ASSERT_TRUE(succeeded(server->subscribe("question")));
  ASSERT_TRUE(succeeded(client->subscribe("answer")));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(succeeded(client->publish("question", std::to_string(i))));
    ASSERT_TRUE(client->messages().wait_for([&](const Message& message) {
      return message.topic == "answer" && message.payload == std::to_string(i);
    }));
    const auto answer = answers.take();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(succeeded(answer->wait()));
  }
}

TEST_P(Messages, LargeOnesArriveAlthoughDisconnectFollows) {
  Rig& rig = start();
  const auto receiver = rig.peer("receiver");
  const auto sender = rig.peer("sender");
  sender->options().will = Message{"gone", "sender", Qos::at_least_once, false, {}};
  connect({receiver.get(), sender.get()});
  ASSERT_TRUE(succeeded(receiver->subscribe("large", Qos::exactly_once)));
  ASSERT_TRUE(succeeded(receiver->subscribe("gone")));
  std::size_t expected = 0;
  for (Qos qos : all_qos) {
    if (expected != 0) {
      ASSERT_TRUE(succeeded(sender->connect()));
    }
    std::string payload(1'000'000, '0');
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 31 >> 7);
    const auto sent = sender->start_publish({"large", payload, qos, false, {}});
    const auto closed = sender->start_disconnect();
    EXPECT_TRUE(succeeded(sent.wait()));
    EXPECT_TRUE(succeeded(closed.wait()));
    ASSERT_TRUE(receiver->messages().wait_for_count(++expected)) << static_cast<int>(qos);
    EXPECT_TRUE(receiver->messages().all().back().payload == payload);
  }
  EXPECT_TRUE(receiver->still_works());
  EXPECT_THAT(payloads(*receiver, "gone"), ElementsAre()) << "a DISCONNECT drops the will";
}

TEST_P(Messages, TheWillComesWithItsPropertiesWhenAClientIsKilled) {
  Rig& rig = start();
  const auto witness = rig.peer("witness");
  ASSERT_TRUE(succeeded(witness->connect()));
  ASSERT_TRUE(succeeded(witness->subscribe("$mcp-server/presence/#")));
  const std::string topic = "$mcp-server/presence/victim/name";
  const mqtt::UserProperties properties{
      {"MCP-COMPONENT-TYPE", "mcp-server"}, {"k", "1"}, {"k", "2"}};
  std::unique_ptr<Peer> victim;
  if (real()) {
    ChildProcess process(
        {WILL_CLIENT_PROGRAM, to_string(GetParam()), rig.url(), "victim", topic, "gone"});
    ASSERT_TRUE(process.wait_for_output("connected", patience)) << process.error_output();
    process.kill();
  } else {
    victim = rig.peer("victim");
    victim->options().will = Message{topic, "gone", Qos::at_least_once, true, properties};
    ASSERT_TRUE(succeeded(victim->connect()));
    victim->destroy();
  }
  ASSERT_TRUE(witness->messages().wait_for_count(1));
  const Message will = witness->messages().all().front();
  EXPECT_EQ(will.topic, topic);
  EXPECT_EQ(will.payload, "gone");
  EXPECT_EQ(will.user_properties, properties);
  witness->messages().clear();
  ASSERT_TRUE(succeeded(witness->subscribe(topic)));
  ASSERT_TRUE(witness->messages().wait_for_count(1));
  EXPECT_TRUE(witness->messages().all().front().retain) << "the will asked to be kept";
}

// T6: what clears a server's presence when it dies.
TEST_P(Messages, AnEmptyRetainedWillClears) {
  Rig& rig = start();
  const auto witness = rig.peer("witness");
  const auto server = rig.peer("server");
  const std::string topic = "$mcp-server/presence/server/name";
  server->options().will = Message{topic, "", Qos::at_least_once, true, {}};
  connect({witness.get(), server.get()});
  ASSERT_TRUE(succeeded(server->publish(topic, "online", Qos::at_least_once, true)));
  ASSERT_TRUE(succeeded(witness->subscribe(topic)));
  ASSERT_TRUE(witness->messages().wait_for_count(1));
  server->destroy();
  ASSERT_TRUE(witness->messages().wait_for_count(2));
  EXPECT_EQ(payloads(*witness, topic), (std::vector<std::string>{"online", ""}));
  ASSERT_TRUE(succeeded(witness->start_unsubscribe(topic).wait()));
  ASSERT_TRUE(succeeded(witness->subscribe(topic)));
  EXPECT_TRUE(witness->still_works());
  EXPECT_EQ(payloads(*witness, topic).size(), 2U) << "nothing is kept any more";
}

INSTANTIATE_TEST_SUITE_P(Transports, Messages,
                         ::testing::Values(Kind::loopback, Kind::paho, Kind::mosquitto), kind_name);

}  // namespace
}  // namespace mcp_mqtt::test
