#include "mqtt/mosquitto/mosquitto_transport.hpp"

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "integration/scripted_broker.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

// What is this transport's own: the traps of libmosquitto, the loop it shares, what a stock
// mosquitto does. What every transport must do is in tests/contract.
namespace mcp_mqtt::mqtt {
namespace {

using namespace std::chrono_literals;
using test::EventLog;
using test::failed_with;
using test::MosquittoBroker;
using test::MosquittoOptions;
using test::Outcome;
using test::outcome_of;
using test::succeeded;

std::string unique_id(const std::string& name) {
  static std::atomic<int> count{0};
  return name + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

ConnectOptions options_for(const std::string& url) {
  ConnectOptions options;
  options.broker = parse_broker_url(url).value();
  options.client_id = unique_id("mosquitto-test");
  return options;
}

Message message(std::string topic, std::string payload, Qos qos = Qos::at_least_once) {
  Message made;
  made.topic = std::move(topic);
  made.payload = std::move(payload);
  made.qos = qos;
  return made;
}

/// A transport and what it reports.
struct Peer {
  std::shared_ptr<Transport> transport = make_mosquitto_transport();
  EventLog<Message> messages;
  EventLog<Error> lost;

  ConnectionEvents events() const {
    ConnectionEvents made;
    made.on_message = [log = messages](Message received) { log.push(std::move(received)); };
    made.on_connection_lost = [log = lost](Error error) { log.push(std::move(error)); };
    return made;
  }
  Result<ConnectionInfo> connect(const ConnectOptions& options) const {
    return outcome_of<ConnectionInfo>(
        [&](auto done) { transport->connect(options, events(), done); });
  }
  Result<void> subscribe(const std::string& filter, Qos qos = Qos::at_least_once) const {
    return outcome_of<void>([&](auto done) { transport->subscribe({filter, qos, false}, done); });
  }
  Result<void> publish(const Message& sent) const {
    return outcome_of<void>([&](auto done) { transport->publish(sent, done); });
  }
  Result<void> disconnect() const {
    return outcome_of<void>([&](auto done) { transport->disconnect(done); });
  }
};

class MosquittoTransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }
};

// libmosquitto's default receive maximum of 20 is not enforced by stopping the broker but by ending
// the connection.
TEST_F(MosquittoTransportTest, TakesAWindowOfExactlyOnceMessagesFarAboveTheLibrarysDefault) {
  MosquittoOptions settings;
  settings.lines = {"max_inflight_messages 1000", "max_queued_messages 10000"};
  MosquittoBroker broker(settings);
  Peer receiver;
  ASSERT_TRUE(succeeded(receiver.connect(options_for(broker.url()))));
  ASSERT_TRUE(succeeded(receiver.subscribe("window/#", Qos::exactly_once)));
  Peer sender;
  ASSERT_TRUE(succeeded(sender.connect(options_for(broker.url()))));
  constexpr int count = 500;
  EventLog<bool> done;
  for (int i = 0; i < count; ++i) {
    sender.transport->publish(message("window/t", std::to_string(i), Qos::exactly_once),
                              [done](Result<void> result) { done.push(result.has_value()); });
  }
  ASSERT_TRUE(done.wait_for_count(count));
  EXPECT_THAT(done.all(), ::testing::Each(true));
  ASSERT_TRUE(receiver.messages.wait_for_count(count));
  const auto received = receiver.messages.all();
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(received[static_cast<std::size_t>(i)].payload, std::to_string(i));
  }
  EXPECT_EQ(receiver.lost.size(), 0u);
}

TEST_F(MosquittoTransportTest, ManyPublishesAtOnceAllReachABrokerThatTakesTwentyAtATime) {
  MosquittoBroker broker;
  Peer receiver;
  ASSERT_TRUE(succeeded(receiver.connect(options_for(broker.url()))));
  ASSERT_TRUE(succeeded(receiver.subscribe("many/#")));
  Peer sender;
  const auto info = sender.connect(options_for(broker.url()));
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->receive_maximum, 20) << "a stock mosquitto";
  // Below the thousand that a stock mosquitto queues for a receiver that is behind.
  constexpr int count = 900;
  EventLog<bool> done;
  for (int i = 0; i < count; ++i) {
    sender.transport->publish(message("many/t", std::to_string(i)),
                              [done](Result<void> result) { done.push(result.has_value()); });
  }
  ASSERT_TRUE(done.wait_for_count(count));
  EXPECT_THAT(done.all(), ::testing::Each(true));
  ASSERT_TRUE(receiver.messages.wait_for_count(count));
  EXPECT_EQ(receiver.messages.all().back().payload, std::to_string(count - 1));
}

TEST_F(MosquittoTransportTest, ARefusedPublishHasTheBrokersCodeAtBothLevelsAndTheWindowGoesOn) {
  MosquittoOptions settings;
  settings.message_size_limit = 100;
  MosquittoBroker broker(settings);
  Peer peer;
  ASSERT_TRUE(succeeded(peer.connect(options_for(broker.url()))));
  for (const Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
    // More than the window of 20, so that one refusal that is not counted would stop it.
    for (int i = 0; i < 30; ++i) {
      const auto refused = peer.publish(message("big", std::string(200, 'x'), qos));
      ASSERT_TRUE(failed_with(refused, ErrorKind::refused));
      EXPECT_EQ(refused.error().code, 0x95);
    }
    EXPECT_TRUE(succeeded(peer.publish(message("small", "x", qos))));
  }
}

TEST_F(MosquittoTransportTest, DisconnectSendsWhatIsQueuedFirst) {
  MosquittoBroker broker;
  Peer receiver;
  ASSERT_TRUE(succeeded(receiver.connect(options_for(broker.url()))));
  ASSERT_TRUE(succeeded(receiver.subscribe("last/#")));
  Peer sender;
  auto options = options_for(broker.url());
  options.will = message("last/will", "will");
  ASSERT_TRUE(succeeded(sender.connect(options)));
  constexpr int count = 200;
  EventLog<bool> done;
  Outcome<void> closed;
  const auto record = [done](Result<void> result) { done.push(result.has_value()); };
  for (int i = 0; i < count; ++i) {
    sender.transport->publish(message("last/t", std::string(10'000, 'x')), record);
  }
  sender.transport->publish(message("last/end", "end", Qos::at_most_once), record);
  sender.transport->disconnect(closed.callback());
  ASSERT_TRUE(succeeded(closed.wait()));
  EXPECT_EQ(done.size(), static_cast<std::size_t>(count) + 1) << "before disconnect() completed";
  EXPECT_THAT(done.all(), ::testing::Each(true));
  ASSERT_TRUE(receiver.messages.wait_for([](const Message& m) { return m.topic == "last/end"; }));
  // The broker has read the DISCONNECT when disconnect() completes: the will would be here before
  // what is published now.
  ASSERT_TRUE(succeeded(receiver.publish(message("last/marker", "m"))));
  ASSERT_TRUE(
      receiver.messages.wait_for([](const Message& m) { return m.topic == "last/marker"; }));
  for (const auto& received : receiver.messages.all()) EXPECT_NE(received.topic, "last/will");
  EXPECT_EQ(sender.lost.size(), 0u);
}

TEST_F(MosquittoTransportTest, ACutConnectionFailsCallsBeforeItIsReportedAndConnectsAgain) {
  MosquittoBroker broker;
  Peer peer;
  ASSERT_TRUE(succeeded(peer.connect(options_for(broker.url()))));
  broker.kill();
  const auto lost = peer.lost.take();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::connection_lost);
  EXPECT_TRUE(failed_with(peer.publish(message("t", "x")), ErrorKind::not_connected));
  EXPECT_TRUE(failed_with(peer.subscribe("t"), ErrorKind::not_connected));
  EXPECT_TRUE(failed_with(peer.connect(options_for(broker.url())), ErrorKind::not_connected));
  broker.restart();
  ASSERT_TRUE(succeeded(peer.connect(options_for(broker.url()))));
  EXPECT_TRUE(succeeded(peer.publish(message("t", "x"))));
  EXPECT_EQ(peer.lost.size(), 0u);
}

// 40 ms when Nagle's algorithm waits for a delayed acknowledgement, 0.12 ms when it does not.
TEST_F(MosquittoTransportTest, AStockBrokerEchoesWithoutWaitingForDelayedAcknowledgements) {
  MosquittoBroker broker;
  Peer peer;
  ASSERT_TRUE(succeeded(peer.connect(options_for(broker.url()))));
  ASSERT_TRUE(succeeded(peer.subscribe("echo")));
  std::vector<std::chrono::microseconds> times;
  for (int i = 0; i < 300; ++i) {
    const auto start = std::chrono::steady_clock::now();
    peer.transport->publish(message("echo", std::string(200, 'x')), nullptr);
    ASSERT_TRUE(peer.messages.take());
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start));
  }
  std::sort(times.begin(), times.end());
  const auto median = times[times.size() / 2];
  RecordProperty("median_us", static_cast<int>(median.count()));
  RecordProperty("p99_us", static_cast<int>(times[times.size() * 99 / 100].count()));
  EXPECT_LT(median, 20ms);
}

TEST_F(MosquittoTransportTest, OnASharedLoopCallbacksRunInItsTurnsAndNeverInsideACall) {
  MosquittoBroker broker;
  asio::io_context loop;
  auto transport = make_mosquitto_transport(loop.get_executor());
  const auto run_until = [&](auto ready) {
    const auto deadline = std::chrono::steady_clock::now() + test::patience;
    while (!ready() && std::chrono::steady_clock::now() < deadline) loop.run_one_for(1s);
    return ready();
  };
  std::vector<std::string> seen;
  bool inside = false;
  std::thread::id callback_thread;
  const auto record = [&](const std::string& what) {
    return [&seen, &inside, &callback_thread, what](Result<void> result) {
      EXPECT_FALSE(inside) << what << " completed inside its call";
      callback_thread = std::this_thread::get_id();
      seen.push_back(what + (result ? "" : " failed"));
    };
  };
  const auto call = [&](auto make_call) {
    inside = true;
    make_call();
    inside = false;
  };

  ConnectionEvents events;
  events.on_message = [&](Message received) { seen.push_back("message " + received.payload); };
  bool connected = false;
  transport->connect(options_for(broker.url()), events, [&](Result<ConnectionInfo> result) {
    EXPECT_TRUE(succeeded(result));
    connected = true;
    // On the loop, so these act at once.
    call([&] { transport->subscribe({"shared", Qos::at_least_once, false}, record("subscribe")); });
    call([&] { transport->publish(message("else", "", Qos::at_most_once), record("qos 0")); });
    call([&] { transport->publish(message("bad/#", ""), record("bad topic")); });
  });
  ASSERT_TRUE(run_until([&] { return seen.size() == 3; }));
  EXPECT_TRUE(connected);
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre("subscribe", "qos 0", "bad topic failed"));

  seen.clear();
  std::thread elsewhere(
      [&] { transport->publish(message("shared", "1"), record("publish from elsewhere")); });
  elsewhere.join();
  EXPECT_TRUE(seen.empty());
  ASSERT_TRUE(run_until([&] { return seen.size() == 2; }));
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre("publish from elsewhere", "message 1"));
  EXPECT_EQ(callback_thread, std::this_thread::get_id());

  seen.clear();
  transport->publish(message("shared", "2"), record("dropped"));
  transport->subscribe({"shared/2", Qos::at_least_once, false}, record("dropped too"));
  transport.reset();
  loop.restart();
  loop.run();
  EXPECT_TRUE(seen.empty()) << "a callback ran after the transport's end";
}

TEST_F(MosquittoTransportTest, OnASharedLoopTheQueueIsBoundedAndFullIsBusy) {
  MosquittoBroker broker;
  asio::io_context loop;
  auto transport = make_mosquitto_transport(loop.get_executor());
  bool open = false;
  transport->connect(options_for(broker.url()), {}, [&](Result<ConnectionInfo> result) {
    EXPECT_TRUE(succeeded(result));
    open = true;
  });
  while (!open) ASSERT_NE(loop.run_one_for(test::patience), 0u);

  constexpr int count = 10'500;
  int succeeded_calls = 0;
  int busy = 0;
  // In one turn of the loop, so nothing is acknowledged meanwhile.
  asio::post(loop, [&] {
    for (int i = 0; i < count; ++i) {
      transport->publish(message("bounded", std::to_string(i)), [&](Result<void> result) {
        if (result) {
          ++succeeded_calls;
        } else {
          EXPECT_TRUE(failed_with(result, ErrorKind::busy));
          ++busy;
        }
      });
    }
  });
  while (succeeded_calls + busy < count) ASSERT_NE(loop.run_one_for(test::patience), 0u);
  EXPECT_EQ(succeeded_calls, 10'000 + 20) << "the queue and the stock broker's receive maximum";
}

TEST_F(MosquittoTransportTest, DestroyedFromAnotherThreadNoCallbackFollows) {
  MosquittoBroker broker;
  Peer sender;
  ASSERT_TRUE(succeeded(sender.connect(options_for(broker.url()))));
  for (int round = 0; round < 20; ++round) {
    asio::io_context loop;
    auto transport = make_mosquitto_transport(loop.get_executor());
    auto alive = std::make_shared<std::atomic<bool>>(true);
    EventLog<int> received;
    ConnectionEvents events;
    events.on_message = [&, alive](Message) {
      EXPECT_TRUE(alive->load()) << "a callback after the transport's end";
      received.push(1);
    };
    transport->connect(options_for(broker.url()), events, [&](Result<ConnectionInfo> result) {
      EXPECT_TRUE(succeeded(result));
      transport->subscribe({"busy/#", Qos::at_most_once, false}, [&](Result<void>) {
        for (int i = 0; i < 200; ++i) {
          transport->publish(message("busy/t", "x", Qos::at_most_once), nullptr);
        }
      });
    });
    std::thread runner([&] { loop.run(); });
    EXPECT_TRUE(received.wait_for_count(static_cast<std::size_t>(1 + round * 5)));
    transport.reset();
    alive->store(false);
    runner.join();
  }
}

// mosquitto_connect waits for DNS and TCP without a deadline.
TEST_F(MosquittoTransportTest, ABlackHoleCostsTheCallerNothingAndEndsAtOurOwnDeadline) {
  test::BlackHole hole;
  auto options = options_for("mqtt://127.0.0.1:" + std::to_string(hole.port()));
  options.connect_timeout = 200ms;
  Peer peer;
  EventLog<std::thread::id> completed;
  const auto start = std::chrono::steady_clock::now();
  const auto result = peer.connect(options);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(failed_with(result, ErrorKind::timeout));
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 10s);
  // And the transport is free for the next connection.
  MosquittoBroker broker;
  EXPECT_TRUE(succeeded(peer.connect(options_for(broker.url()))));
}

TEST_F(MosquittoTransportTest, ATransportThatDialsABlackHoleIsDestroyedAtOnceWithoutACallback) {
  test::BlackHole hole;
  auto options = options_for("mqtt://127.0.0.1:" + std::to_string(hole.port()));
  Outcome<ConnectionInfo> outcome;
  const auto start = std::chrono::steady_clock::now();
  {
    auto transport = make_mosquitto_transport();
    transport->connect(options, {}, outcome.callback());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s) << "TCP itself takes two minutes";
  EXPECT_FALSE(outcome.called());
}

TEST_F(MosquittoTransportTest, DisconnectEndsAnAttemptThatIsUnderWay) {
  test::BlackHole hole;
  auto options = options_for("mqtt://127.0.0.1:" + std::to_string(hole.port()));
  Peer peer;
  Outcome<ConnectionInfo> connected;
  peer.transport->connect(options, peer.events(), connected.callback());
  EXPECT_TRUE(succeeded(peer.disconnect()));
  ASSERT_TRUE(connected.called()) << "before disconnect() completed";
  EXPECT_TRUE(failed_with(connected.wait(), ErrorKind::cancelled));
}

TEST(MosquittoTransport, AKeepAliveBelowTheLibrarysShortestStillConnects) {
  if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  MosquittoBroker broker;
  for (const auto keep_alive : {0s, 1s, 4s}) {
    auto options = options_for(broker.url());
    options.keep_alive = keep_alive;
    Peer peer;
    EXPECT_TRUE(succeeded(peer.connect(options)));
    EXPECT_TRUE(succeeded(peer.publish(message("t", "x"))));
  }
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
