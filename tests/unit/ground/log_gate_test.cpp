#include "ground/log_gate.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::log {
namespace {

using TimePoint = LogGate::TimePoint;

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint start{std::chrono::hours(1)};

int admitted(LogGate& gate, int tries, TimePoint now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += gate.admit(now) ? 1 : 0;
  return count;
}

TEST(LogGateTest, ABurstPassesAndTheNextOneIsLeftOut) {
  LogGate gate(5, 10);
  EXPECT_EQ(admitted(gate, 5, start), 5);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
  EXPECT_FALSE(gate.admit(start));
}

TEST(LogGateTest, WhatIsLeftOutIsToldOnceWhenThereIsRoom) {
  LogGate gate(5, 10);
  EXPECT_EQ(admitted(gate, 12, start), 5);
  EXPECT_EQ(gate.take_left_out(start), 0U) << "no room to tell it";
  EXPECT_EQ(gate.next_deadline(), start + milliseconds(100));
  EXPECT_EQ(gate.take_left_out(start + milliseconds(99)), 0U);
  EXPECT_EQ(gate.take_left_out(start + milliseconds(100)), 7U);
  EXPECT_EQ(gate.take_left_out(start + seconds(9)), 0U);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
}

TEST(LogGateTest, NothingPassesBeforeTheGapIsTold) {
  LogGate gate(1, 10);
  EXPECT_EQ(admitted(gate, 2, start), 1);
  EXPECT_FALSE(gate.admit(start + seconds(1)));
  EXPECT_EQ(gate.take_left_out(start + seconds(1)), 2U);
}

TEST(LogGateTest, RoomComesBackAtTheRateUpToTheBurst) {
  LogGate gate(5, 10);
  EXPECT_EQ(admitted(gate, 5, start), 5);
  EXPECT_EQ(admitted(gate, 3, start + milliseconds(250)), 2);
  EXPECT_EQ(gate.take_left_out(start + milliseconds(300)), 1U);
  EXPECT_EQ(admitted(gate, 99, start + seconds(60)), 5);
}

TEST(LogGateTest, ASteadyStreamAtTheRateLosesNothing) {
  LogGate gate(1, 100);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(gate.admit(start + i * milliseconds(10))) << i;
}

TEST(LogGateTest, NoRateNoBound) {
  LogGate gate(1, 0);
  EXPECT_EQ(admitted(gate, 10'000, start), 10'000);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace mcp_mqtt::log
