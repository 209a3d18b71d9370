#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <mcp_mqtt/mqtt/loopback.hpp>

// The loopback broker under manual delivery, where each test decides when a packet arrives. What it
// has in common with the real transports is in tests/contract.
namespace mcp_mqtt::mqtt {
namespace {

using ::testing::ElementsAre;

/// A client and all that it was told, in one order.
struct Client {
  explicit Client(LoopbackBroker& the_broker) : broker(the_broker) {}

  ConnectionEvents events() {
    return {[this](Message message) {
              told.push_back("message " + message.topic + "=" + message.payload +
                             (message.retain ? " retained" : ""));
              messages.push_back(std::move(message));
            },
            [this](Error error) {
              told.push_back("lost " + std::string(to_string(error.kind)) + " " +
                             std::to_string(error.code));
            }};
  }

  Completion note(const std::string& what) {
    return [this, what](Result<void> outcome) {
      told.push_back(what + " " +
                     (outcome ? "done" : std::string(to_string(outcome.error().kind))));
      if (!outcome) last_error = outcome.error();
    };
  }

  void start_connect(const std::string& id, std::optional<Message> will = std::nullopt) {
    ConnectOptions options;
    options.client_id = id;
    options.will = std::move(will);
    transport->connect(std::move(options), events(), [this](Result<ConnectionInfo> outcome) {
      told.push_back("connect " +
                     (outcome ? "done" : std::string(to_string(outcome.error().kind))));
      if (outcome) {
        info = *outcome;
      } else {
        last_error = outcome.error();
      }
    });
  }

  void connect(const std::string& id, std::optional<Message> will = std::nullopt) {
    start_connect(id, std::move(will));
    broker.poll();
    ASSERT_THAT(std::exchange(told, {}), ElementsAre("connect done"));
  }

  void subscribe(const std::string& filter, bool no_local = false) {
    transport->subscribe({filter, Qos::at_least_once, no_local}, note("subscribe"));
    broker.poll();
  }

  void publish(const std::string& topic, const std::string& payload, bool retain = false) {
    transport->publish({topic, payload, Qos::at_least_once, retain, {}}, note("publish"));
  }

  std::vector<std::string> take() { return std::exchange(told, {}); }

  LoopbackBroker& broker;
  std::shared_ptr<Transport> transport = broker.make_transport();
  std::vector<std::string> told;
  std::vector<Message> messages;
  ConnectionInfo info;
  std::optional<Error> last_error;
};

class Loopback : public ::testing::Test {
 protected:
  LoopbackBroker broker{LoopbackBroker::Delivery::manual};
  Client one{broker};
  Client two{broker};
};

TEST_F(Loopback, NothingHappensBeforePoll) {
  one.start_connect("one");
  EXPECT_TRUE(one.told.empty());
  EXPECT_EQ(broker.pending(), 1U);
  EXPECT_EQ(broker.poll(1), 1U);
  EXPECT_TRUE(one.told.empty()) << "CONNECT arrived, CONNACK did not";
  EXPECT_EQ(broker.connections(), 1U);
  EXPECT_EQ(broker.poll(1), 1U);
  EXPECT_THAT(one.told, ElementsAre("connect done"));
  EXPECT_EQ(broker.poll(), 0U);
}

TEST_F(Loopback, ReportsCallsThatCannotBeServed) {
  one.publish("a", "x");
  one.transport->subscribe({"a", {}, {}}, one.note("subscribe"));
  one.transport->unsubscribe("a", one.note("unsubscribe"));
  one.transport->disconnect(one.note("disconnect"));
  EXPECT_TRUE(one.told.empty());
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish not connected", "subscribe not connected",
                                      "unsubscribe not connected", "disconnect done"));

  one.connect("one");
  one.publish("a/+", "x");
  one.transport->subscribe({"a/#/b", {}, {}}, one.note("subscribe"));
  one.transport->unsubscribe("", one.note("unsubscribe"));
  one.start_connect("again");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish invalid argument", "subscribe invalid argument",
                                      "unsubscribe invalid argument", "connect invalid argument"));
  EXPECT_EQ(broker.connections(), 1U);
}

TEST_F(Loopback, RefusesAConnectThatNoBrokerCouldRead) {
  one.start_connect(std::string("nul\0", 4));
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("connect invalid argument"));
  one.connect("one");
}

TEST_F(Loopback, ConnectPolicyGivesConnackAndRefusals) {
  broker.on_connect([](const ConnectOptions& options) -> Result<ConnectionInfo> {
    if (options.client_id == "two") return Error{ErrorKind::rpc, 0x8C, "bad method", nullptr};
    ConnectionInfo info;
    info.user_properties = {{"MCP-SERVER-NAME", "given"}, {"x", "1"}, {"x", "2"}};
    info.maximum_packet_size = 20;
    return info;
  });
  one.connect("one");
  EXPECT_EQ(one.info.user_properties,
            (UserProperties{{"MCP-SERVER-NAME", "given"}, {"x", "1"}, {"x", "2"}}));
  one.publish("a", std::string(30, 'x'));
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish too large"));

  two.start_connect("two");
  broker.poll();
  EXPECT_THAT(two.take(), ElementsAre("connect refused"));
  EXPECT_EQ(two.last_error->code, 0x8C);
  EXPECT_EQ(broker.connections(), 1U);
}

TEST_F(Loopback, AssignsAnIdToAClientWithout) {
  one.connect("");
  two.connect("");
  EXPECT_FALSE(one.info.assigned_client_id.empty());
  EXPECT_NE(one.info.assigned_client_id, two.info.assigned_client_id);
  EXPECT_EQ(broker.connections(), 2U);
}

TEST_F(Loopback, MarksRetainedMessagesForNewSubscriptionsOnly) {
  one.connect("one");
  two.connect("two");
  two.subscribe("a/#");
  one.publish("a/b", "kept", true);
  broker.poll();
  EXPECT_THAT(two.take(), ElementsAre("subscribe done", "message a/b=kept"));
  two.subscribe("+/b");
  EXPECT_THAT(two.take(), ElementsAre("subscribe done", "message a/b=kept retained"));
  ASSERT_TRUE(broker.retained("a/b"));
  EXPECT_EQ(broker.retained("a/b")->payload, "kept");

  one.publish("a/b", "", true);
  broker.poll();
  EXPECT_THAT(two.take(), ElementsAre("message a/b=", "message a/b=")) << "one per subscription";
  EXPECT_FALSE(broker.retained("a/b"));
}

TEST_F(Loopback, LeadingWildcardsSkipDollarTopics) {
  one.connect("one");
  two.connect("two");
  two.subscribe("#");
  two.subscribe("+/x");
  two.subscribe("$mcp/#");
  one.publish("$mcp/x", "1");
  broker.poll();
  EXPECT_THAT(two.take(), ElementsAre("subscribe done", "subscribe done", "subscribe done",
                                      "message $mcp/x=1"));
}

TEST_F(Loopback, NoLocalHidesOwnMessagesOnly) {
  one.connect("one");
  two.connect("two");
  one.subscribe("a", true);
  one.publish("a", "mine");
  two.publish("a", "yours");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("subscribe done", "publish done", "message a=yours"));
}

TEST_F(Loopback, GivesTheLowerQos) {
  one.connect("one");
  one.transport->subscribe({"a", Qos::at_most_once, false}, one.note("subscribe"));
  one.transport->subscribe({"b", Qos::exactly_once, false}, one.note("subscribe"));
  one.publish("a", "");
  one.publish("b", "");
  broker.poll();
  ASSERT_EQ(one.messages.size(), 2U);
  EXPECT_EQ(one.messages[0].qos, Qos::at_most_once);
  EXPECT_EQ(one.messages[1].qos, Qos::at_least_once);
}

TEST_F(Loopback, UnsubscribesAndReplacesSubscriptions) {
  one.connect("one");
  one.subscribe("a");
  one.subscribe("a", true);
  one.publish("a", "hidden by No Local");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("subscribe done", "subscribe done", "publish done"));
  one.subscribe("a/#");
  one.transport->unsubscribe("a/#", one.note("unsubscribe"));
  one.transport->unsubscribe("never/there", one.note("unsubscribe"));
  one.publish("a/b", "");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("subscribe done", "unsubscribe done", "unsubscribe done",
                                      "publish done"));
}

TEST_F(Loopback, PoliciesRefuseSubscriptionsAndPublishes) {
  broker.on_subscribe([](const std::string& id, const Subscription& subscription) -> Result<void> {
    if (subscription.filter == "secret") return Error{ErrorKind::rpc, 0, "no, " + id, nullptr};
    return {};
  });
  broker.on_publish([](const std::string&, const Message& message) -> Result<void> {
    if (message.topic == "secret") return Error{ErrorKind::rpc, 0x99, "format", nullptr};
    return {};
  });
  broker.on_deliver(
      [](const std::string&, const Message& message) { return message.payload != "lost"; });
  one.connect("one");
  one.subscribe("secret");
  EXPECT_THAT(one.take(), ElementsAre("subscribe refused"));
  EXPECT_EQ(one.last_error->code, 0x87);
  EXPECT_EQ(one.last_error->message, "no, one");
  one.publish("secret", "");
  broker.poll();
  EXPECT_EQ(one.last_error->code, 0x99);
  one.transport->publish({"secret", "", Qos::at_most_once, false, {}}, one.note("publish 0"));
  one.subscribe("open");
  one.publish("open", "lost");
  one.publish("open", "found");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish refused", "publish 0 done", "subscribe done",
                                      "publish done", "message open=found", "publish done"));
}

TEST_F(Loopback, RefusesSharedSubscriptionsAloud) {
  one.connect("one");
  one.subscribe("$share/group/a");
  EXPECT_THAT(one.take(), ElementsAre("subscribe refused"));
  EXPECT_EQ(one.last_error->code, 0x9E);
}

TEST_F(Loopback, CutLosesAnswersAndPublishesTheWill) {
  two.connect("two");
  two.subscribe("#");
  one.connect("one", Message{"gone", "one", Qos::at_least_once, true, {{"k", "v"}, {"k", "w"}}});
  two.take();
  one.publish("a", "served");
  broker.poll(1);
  one.publish("b", "never arrives");
  broker.cut("one");
  one.publish("c", "after the cut");
  EXPECT_TRUE(one.told.empty());
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish connection lost", "publish connection lost",
                                      "lost connection lost 0", "publish not connected"));
  EXPECT_THAT(two.take(), ElementsAre("message a=served", "message gone=one"));
  EXPECT_EQ(two.messages.back().user_properties, (UserProperties{{"k", "v"}, {"k", "w"}}));
  EXPECT_TRUE(broker.retained("gone"));
  EXPECT_EQ(broker.connections(), 1U);
  one.connect("one");
}

TEST_F(Loopback, CutBetweenConnectAndConnackFailsTheConnect) {
  one.start_connect("one");
  broker.poll(1);
  broker.cut("one");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("connect connection lost"));
  one.connect("one");
}

TEST_F(Loopback, DisconnectSendsWhatIsQueuedAndDropsTheWill) {
  two.connect("two");
  two.subscribe("#");
  one.connect("one", Message{"gone", "one", Qos::at_least_once, false, {}});
  two.take();
  one.publish("a", "last");
  one.transport->disconnect(one.note("disconnect"));
  one.publish("b", "too late");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish not connected", "publish done", "disconnect done"));
  EXPECT_THAT(two.take(), ElementsAre("message a=last"));
  one.connect("one");
}

TEST_F(Loopback, TakeoverEndsTheOldConnection) {
  two.connect("two");
  two.subscribe("gone");
  two.take();
  one.connect("same", Message{"gone", "old", Qos::at_least_once, false, {}});
  Client next(broker);
  next.connect("same");
  EXPECT_THAT(one.take(), ElementsAre("lost refused 142"));
  EXPECT_THAT(two.take(), ElementsAre("message gone=old"));
  EXPECT_EQ(broker.connections(), 2U);
  next.publish("gone", "new");
  broker.poll();
  EXPECT_THAT(two.take(), ElementsAre("message gone=new"));
}

TEST_F(Loopback, KickNamesItsReason) {
  one.connect("one");
  broker.kick("one", 0x98);
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("lost refused 152"));
}

TEST_F(Loopback, ReconnectInsideTheLostCallback) {
  bool again = false;
  ConnectOptions options;
  options.client_id = "one";
  ConnectionEvents events;
  events.on_connection_lost = [&](Error) {
    one.transport->connect(options, {},
                           [&](Result<ConnectionInfo> outcome) { again = outcome.has_value(); });
  };
  one.transport->connect(options, events, {});
  broker.poll();
  broker.cut("one");
  broker.poll();
  EXPECT_TRUE(again);
  EXPECT_EQ(broker.connections(), 1U);
}

TEST_F(Loopback, HoldStopsBothDirectionsAndReleaseKeepsTheOrder) {
  one.connect("one");
  two.connect("two");
  one.subscribe("a");
  one.take();
  two.publish("a", "1");
  broker.poll(1);
  broker.hold("one");
  two.publish("a", "2");
  one.publish("a", "3");
  broker.poll();
  EXPECT_TRUE(one.told.empty());
  EXPECT_THAT(two.take(), ElementsAre("publish done", "publish done"));
  two.publish("a", "4");
  broker.release("one");
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("message a=1", "message a=2", "message a=4", "message a=3",
                                      "publish done"));
}

TEST_F(Loopback, AHeldConnectionCanStillEnd) {
  one.connect("one", Message{"gone", "", Qos::at_least_once, false, {}});
  two.connect("two");
  two.subscribe("gone");
  two.take();
  broker.hold("one");
  one.publish("a", "");
  one.transport->disconnect(one.note("disconnect"));
  broker.poll();
  EXPECT_THAT(one.take(), ElementsAre("publish connection lost", "disconnect done"));
  EXPECT_THAT(two.take(), ElementsAre("message gone="));
}

TEST_F(Loopback, DestroyingATransportDropsItsCallbacksAndPublishesTheWill) {
  two.connect("two");
  two.subscribe("gone");
  two.take();
  auto token = std::make_shared<int>(0);
  {
    Client brief(broker);
    brief.connect("brief", Message{"gone", "", Qos::at_least_once, false, {}});
    brief.transport->publish({"a", "", Qos::at_least_once, false, {}},
                             [token](Result<void>) { ++*token; });
  }
  EXPECT_EQ(token.use_count(), 1) << "the callback is gone with the transport";
  broker.poll();
  EXPECT_EQ(*token, 0);
  EXPECT_THAT(two.take(), ElementsAre("message gone="));
}

TEST_F(Loopback, ATransportMayGoInsideAnothersCallback) {
  one.connect("one");
  auto brief = std::make_unique<Client>(broker);
  brief->connect("brief");
  brief->publish("a", "");
  one.transport->publish({"b", "", {}, {}, {}}, [&](Result<void>) { brief.reset(); });
  broker.poll();
  EXPECT_EQ(broker.connections(), 1U);
}

TEST_F(Loopback, PollInsideAStepRunsNothing) {
  one.connect("one");
  std::size_t inside = 99;
  one.publish("a", "");
  one.transport->publish({"a", "", Qos::at_least_once, false, {}},
                         [&](Result<void>) { inside = broker.poll(); });
  one.publish("a", "");
  broker.poll();
  EXPECT_EQ(inside, 0U);
  EXPECT_THAT(one.take(), ElementsAre("publish done", "publish done"));
}

TEST_F(Loopback, BoundsTheCallsUnderWay) {
  one.connect("one");
  std::size_t done = 0;
  std::size_t busy = 0;
  for (int i = 0; i < 10'005; ++i) {
    one.transport->publish({"a", "", {}, {}, {}}, [&](Result<void> outcome) {
      ++done;
      if (!outcome && outcome.error().kind == ErrorKind::busy) ++busy;
    });
  }
  broker.poll();
  EXPECT_EQ(done, 10'005U);
  EXPECT_EQ(busy, 5U);
}

TEST_F(Loopback, DropsAClientThatFallsTooFarBehind) {
  one.connect("one");
  two.connect("two");
  two.subscribe("a");
  two.take();
  broker.hold("two");
  for (int round = 0; round < 101; ++round) {
    for (int i = 0; i < 1'000; ++i) one.transport->publish({"a", "", {}, {}, {}}, {});
    broker.poll();
  }
  EXPECT_THAT(two.take(), ElementsAre("lost refused 151"));
}

TEST_F(Loopback, TransportsOutliveTheBroker) {
  auto brief = std::make_unique<LoopbackBroker>(LoopbackBroker::Delivery::manual);
  Client client(*brief);
  client.connect("client");
  client.publish("a", "");
  brief.reset();
  EXPECT_THAT(client.take(), ElementsAre("publish connection lost", "lost connection lost 0"));
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
