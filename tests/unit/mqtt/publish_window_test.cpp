#include "mqtt/publish_window.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace mcp_mqtt::mqtt {
namespace {

Message message(std::string topic, Qos qos = Qos::at_least_once, std::string payload = {}) {
  Message made;
  made.topic = std::move(topic);
  made.qos = qos;
  made.payload = std::move(payload);
  return made;
}

Result<void> push(PublishWindow& window, Message made) {
  return window.push(std::move(made), [](Result<void>) {});
}

std::string popped_topic(PublishWindow& window) {
  auto entry = window.pop();
  return entry ? entry->message.topic : "(nothing)";
}

TEST(PublishWindow, HandsOverNothingBeforeItIsOpen) {
  PublishWindow window;
  ASSERT_TRUE(push(window, message("q0", Qos::at_most_once)));
  ASSERT_TRUE(push(window, message("q1")));
  EXPECT_EQ(popped_topic(window), "(nothing)");
  EXPECT_EQ(window.queued(), 2u);
  window.open(1);
  EXPECT_EQ(popped_topic(window), "q0");
  EXPECT_EQ(popped_topic(window), "q1");
}

TEST(PublishWindow, HandsOverNoMoreThanTheReceiveMaximum) {
  PublishWindow window;
  window.open(2);
  ASSERT_TRUE(push(window, message("a")));
  ASSERT_TRUE(push(window, message("b", Qos::exactly_once)));
  ASSERT_TRUE(push(window, message("c")));
  EXPECT_EQ(popped_topic(window), "a");
  EXPECT_EQ(popped_topic(window), "b");
  EXPECT_EQ(popped_topic(window), "(nothing)");
  EXPECT_EQ(window.in_flight(), 2u);
  window.acknowledged();
  EXPECT_EQ(popped_topic(window), "c");
  EXPECT_EQ(popped_topic(window), "(nothing)");
}

TEST(PublishWindow, QosZeroNeedsNoPlaceInTheWindowButKeepsItsOrder) {
  PublishWindow window;
  window.open(1);
  ASSERT_TRUE(push(window, message("a")));
  ASSERT_TRUE(push(window, message("fast", Qos::at_most_once)));
  ASSERT_TRUE(push(window, message("b")));
  ASSERT_TRUE(push(window, message("behind", Qos::at_most_once)));
  EXPECT_EQ(popped_topic(window), "a");
  EXPECT_EQ(popped_topic(window), "fast");
  EXPECT_EQ(popped_topic(window), "(nothing)");
  EXPECT_EQ(window.in_flight(), 1u);
  window.acknowledged();
  EXPECT_EQ(popped_topic(window), "b");
  EXPECT_EQ(popped_topic(window), "behind");
}

TEST(PublishWindow, AFullQueueIsBusyAndGivesBackWhatItDidNotTake) {
  PublishWindow window(2);
  ASSERT_TRUE(push(window, message("a")));
  ASSERT_TRUE(push(window, message("b")));
  Message third = message("c", Qos::at_least_once, "payload");
  bool called = false;
  Completion done = [&](Result<void>) { called = true; };
  const auto result = window.push(std::move(third), std::move(done));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::busy);
  EXPECT_EQ(third.payload, "payload");
  ASSERT_TRUE(done);
  done({});
  EXPECT_TRUE(called);
  window.open(10);
  EXPECT_EQ(popped_topic(window), "a");
  EXPECT_TRUE(window.push(std::move(third), std::move(done)));
}

TEST(PublishWindow, OtherLimitsHoldForWhatComesNext) {
  PublishWindow window;
  ASSERT_TRUE(push(window, message("a")));
  window.limit(2, 5);
  EXPECT_TRUE(push(window, message("b")));
  EXPECT_FALSE(push(window, message("c"))) << "the number";
  window.limit(100, 5);
  EXPECT_TRUE(push(window, message("c", Qos::at_least_once, "12")));
  EXPECT_FALSE(push(window, message("d"))) << "the bytes";
  EXPECT_EQ(window.queued(), 3U);
}

TEST(PublishWindow, CountsTheBytesThatWait) {
  PublishWindow window(100, 10);
  ASSERT_TRUE(push(window, message("t", Qos::at_least_once, "12345")));
  Message with_property = message("t");
  with_property.user_properties = {{"ab", "cde"}};
  const auto result = push(window, with_property);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::busy);
  EXPECT_TRUE(push(window, message("t", Qos::at_least_once, "123")));
  EXPECT_FALSE(push(window, message("t")));
  window.open(10);
  EXPECT_TRUE(window.pop());
  EXPECT_TRUE(push(window, with_property)) << "the bytes of what left are free again";
}

TEST(PublishWindow, ASingleMessageMayWaitWhateverItsSize) {
  PublishWindow window(100, 10);
  ASSERT_TRUE(push(window, message("t", Qos::at_least_once, std::string(1000, 'x'))));
  EXPECT_FALSE(push(window, message("t"))) << "but nothing may wait beside it";
}

TEST(PublishWindow, CloseGivesBackOnlyWhatWasNotHandedOver) {
  PublishWindow window;
  window.open(1);
  ASSERT_TRUE(push(window, message("sent")));
  ASSERT_TRUE(push(window, message("b")));
  ASSERT_TRUE(push(window, message("c", Qos::at_most_once)));
  ASSERT_TRUE(window.pop());
  const auto unsent = window.close();
  ASSERT_EQ(unsent.size(), 2u);
  EXPECT_EQ(unsent[0].message.topic, "b");
  EXPECT_EQ(unsent[1].message.topic, "c");
  EXPECT_TRUE(window.idle());
  EXPECT_EQ(window.in_flight(), 0u);
}

TEST(PublishWindow, ANewConnectionStartsWithAnEmptyWindow) {
  PublishWindow window;
  window.open(1);
  ASSERT_TRUE(push(window, message("old")));
  ASSERT_TRUE(window.pop());
  window.close();
  window.open(1);
  ASSERT_TRUE(push(window, message("new")));
  EXPECT_EQ(popped_topic(window), "new");
}

TEST(PublishWindow, AStrayAcknowledgementDoesNotWidenTheWindow) {
  PublishWindow window;
  window.open(1);
  window.acknowledged();
  ASSERT_TRUE(push(window, message("a")));
  ASSERT_TRUE(push(window, message("b")));
  EXPECT_EQ(popped_topic(window), "a");
  EXPECT_EQ(popped_topic(window), "(nothing)");
}

TEST(PublishWindow, IsIdleOnlyWithNothingQueuedAndNothingInFlight) {
  PublishWindow window;
  EXPECT_TRUE(window.idle());
  window.open(1);
  ASSERT_TRUE(push(window, message("a")));
  EXPECT_FALSE(window.idle());
  ASSERT_TRUE(window.pop());
  EXPECT_FALSE(window.idle());
  window.acknowledged();
  EXPECT_TRUE(window.idle());
}

TEST(PublishWindow, AReceiveMaximumOfZeroStillLetsOneThrough) {
  PublishWindow window;
  window.open(0);
  ASSERT_TRUE(push(window, message("a")));
  EXPECT_EQ(popped_topic(window), "a");
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
