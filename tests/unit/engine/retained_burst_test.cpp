#include "engine/retained_burst.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint beginning{std::chrono::hours(1)};
constexpr std::size_t receive_maximum = 1'024;

void deliver(RetainedBurst& burst, std::size_t count, const char* name = "lamp/1",
             TimePoint now = beginning) {
  for (std::size_t i = 0; i < count; ++i) burst.on_retained(name, now);
}

/// A burst of so many, to its end.
std::optional<RetainedBurst::Cut> outcome(std::size_t count, std::size_t queue = 1'000) {
  RetainedBurst burst(queue, receive_maximum);
  burst.on_subscribe("#");
  deliver(burst, count);
  return burst.on_time(beginning + RetainedBurst::quiet);
}

TEST(RetainedBurstTest, AboutAsManyAsTheBrokerQueuesIsSuspect) {
  for (const std::size_t count : {1'000U, 1'020U, 1'100U, 1'974U, 2'024U, 2'074U}) {
    const auto cut = outcome(count);
    ASSERT_TRUE(cut) << count;
    EXPECT_EQ(cut->delivered, count);
    EXPECT_EQ(cut->filters, std::set<std::string>{"#"});
  }
  EXPECT_TRUE(outcome(120, 100));
  EXPECT_TRUE(outcome(1'124, 100));
}

TEST(RetainedBurstTest, FewerOrManyMoreAreNot) {
  for (const std::size_t count : {0U, 1U, 999U, 1'101U, 1'973U, 2'075U, 5'000U, 100'000U}) {
    EXPECT_FALSE(outcome(count)) << count;
  }
  EXPECT_FALSE(outcome(1'020, 0)) << "switched off";
}

TEST(RetainedBurstTest, EndsWhenNothingMoreCame) {
  RetainedBurst burst(1'000, receive_maximum);
  burst.on_subscribe("#");
  EXPECT_EQ(burst.next_deadline(), std::nullopt);
  deliver(burst, 600);
  deliver(burst, 420, "lamp/2", beginning + milliseconds(900));
  EXPECT_FALSE(burst.on_time(beginning + seconds(1)));
  EXPECT_EQ(burst.next_deadline(), beginning + milliseconds(1'900));
  EXPECT_TRUE(burst.on_time(beginning + milliseconds(1'900)));
  EXPECT_EQ(burst.next_deadline(), std::nullopt);
  EXPECT_FALSE(burst.on_time(beginning + seconds(60))) << "told once";
}

TEST(RetainedBurstTest, CanBeAskedBeforeItsEndAndAfter) {
  RetainedBurst burst(1'000, receive_maximum);
  burst.on_subscribe("#");
  deliver(burst, 999);
  EXPECT_FALSE(burst.cut_short());
  deliver(burst, 21);
  EXPECT_TRUE(burst.cut_short());
  EXPECT_TRUE(burst.on_time(beginning + seconds(1)));
  EXPECT_TRUE(burst.cut_short());
}

TEST(RetainedBurstTest, ACompleteOneLater) {
  RetainedBurst burst(1'000, receive_maximum);
  burst.on_subscribe("#");
  deliver(burst, 1'020);
  EXPECT_TRUE(burst.on_time(beginning + seconds(1)));
  burst.on_connection_lost();
  EXPECT_TRUE(burst.cut_short()) << "until it is known better";
  burst.on_subscribe("#");
  deliver(burst, 3'000, "lamp/1", beginning + seconds(5));
  EXPECT_FALSE(burst.on_time(beginning + seconds(6)));
  EXPECT_FALSE(burst.cut_short());
}

TEST(RetainedBurstTest, FiltersThatAreSubscribedTogetherShareTheQueue) {
  RetainedBurst burst(1'000, receive_maximum);
  burst.on_subscribe("lamp/+");
  burst.on_subscribe("desk/+");
  burst.on_subscribe("none");
  deliver(burst, 700, "lamp/1");
  deliver(burst, 320, "desk/1");
  const auto cut = burst.on_time(beginning + seconds(1));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->filters, (std::set<std::string>{"desk/+", "lamp/+"}));
}

TEST(RetainedBurstTest, WhatComesWithoutASubscriptionIsNoBurst) {
  RetainedBurst burst(10, receive_maximum);
  deliver(burst, 15);
  EXPECT_EQ(burst.next_deadline(), std::nullopt);
  EXPECT_FALSE(burst.cut_short());
}

}  // namespace
}  // namespace mcp_mqtt::engine
