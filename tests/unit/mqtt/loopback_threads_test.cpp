#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <mcp_mqtt/mqtt/loopback.hpp>

#include "support/waiting.hpp"

// The loopback broker with a thread of its own: lifetimes, and calls from many threads.
namespace mcp_mqtt::mqtt {
namespace {

using test::failed_with;
using test::succeeded;

TEST(LoopbackThreaded, TransportsThatOutliveTheBrokerAnswer) {
  auto broker = std::make_unique<LoopbackBroker>();
  const std::shared_ptr<Transport> transport = broker->make_transport();
  ConnectOptions options;
  options.client_id = "client";
  test::EventLog<Error> lost;
  ConnectionEvents events;
  events.on_connection_lost = [lost](Error error) { lost.push(std::move(error)); };
  ASSERT_TRUE(succeeded(test::outcome_of<ConnectionInfo>(
      [&](auto done) { transport->connect(options, events, done); })));
  broker.reset();
  EXPECT_TRUE(lost.wait_for_count(1));
  EXPECT_TRUE(failed_with(test::outcome_of<void>([&](auto done) {
                            transport->publish({"a", "", {}, {}, {}}, done);
                          }),
                          ErrorKind::not_connected));
  EXPECT_TRUE(failed_with(
      test::outcome_of<ConnectionInfo>([&](auto done) { transport->connect(options, {}, done); }),
      ErrorKind::not_connected));
  EXPECT_EQ(lost.size(), 1U);
}

TEST(LoopbackThreaded, TheLastOwnerMayBeACallback) {
  test::Outcome<void> outcome;
  LoopbackBroker broker;
  {
    const std::shared_ptr<Transport> transport = broker.make_transport();
    transport->connect({}, {}, [transport, outcome](Result<ConnectionInfo> connected) {
      outcome.callback()(connected ? Result<void>() : Result<void>(connected.error()));
    });
  }
  EXPECT_TRUE(succeeded(outcome.wait()));
}

TEST(LoopbackThreaded, ManyThreadsMayCall) {
  constexpr int each = 500;
  LoopbackBroker broker;
  test::EventLog<Message> received;
  const std::shared_ptr<Transport> receiver = broker.make_transport();
  ConnectOptions options;
  options.client_id = "receiver";
  ConnectionEvents events;
  events.on_message = [received](Message message) { received.push(std::move(message)); };
  ASSERT_TRUE(succeeded(test::outcome_of<ConnectionInfo>(
      [&](auto done) { receiver->connect(options, events, done); })));
  ASSERT_TRUE(succeeded(test::outcome_of<void>([&](auto done) {
    receiver->subscribe({"a/#", {}, {}}, done);
  })));

  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&broker, number] {
      const std::shared_ptr<Transport> sender = broker.make_transport();
      ConnectOptions own;
      own.client_id = "sender" + std::to_string(number);
      EXPECT_TRUE(succeeded(
          test::outcome_of<ConnectionInfo>([&](auto done) { sender->connect(own, {}, done); })));
      test::Outcome<void> last;
      for (int i = 0; i < each; ++i) {
        sender->publish({"a/" + std::to_string(number), std::to_string(i), {}, {}, {}},
                        i + 1 == each ? Completion(last.callback()) : Completion());
      }
      EXPECT_TRUE(succeeded(last.wait()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(received.wait_for_count(4 * each));
  std::map<std::string, int> next;
  for (const Message& message : received.all()) {
    EXPECT_EQ(message.payload, std::to_string(next[message.topic]++));
  }
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
