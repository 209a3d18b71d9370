#include "engine/notice_gate.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

const wire::Notification notice{"notifications/tools/list_changed", Json::object()};

TEST(NoticeGate, OneIsUnderWayAndOneFollows) {
  NoticeGate gate;
  ASSERT_TRUE(gate.admit("a"));
  gate.begin("a", notice, 1);
  EXPECT_TRUE(gate.knows(1));
  EXPECT_FALSE(gate.admit("a"));
  EXPECT_FALSE(gate.admit("a"));
  const auto again = gate.settle(1);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key, "a");
  EXPECT_EQ(again->notification.method, notice.method);
  EXPECT_FALSE(gate.knows(1));
  ASSERT_TRUE(gate.admit("a"));
  gate.begin("a", again->notification, 2);
  EXPECT_FALSE(gate.settle(2));
  EXPECT_TRUE(gate.admit("a"));
}

TEST(NoticeGate, KeysDoNotHoldUpEachOther) {
  NoticeGate gate;
  gate.begin("a", notice, 1);
  EXPECT_TRUE(gate.admit("b"));
  gate.begin("b", notice, 2);
  EXPECT_FALSE(gate.admit("b"));
  EXPECT_FALSE(gate.settle(1));
  EXPECT_EQ(gate.settle(2)->key, "b");
}

TEST(NoticeGate, UnknownAndSettledTicketsAreNothing) {
  NoticeGate gate;
  EXPECT_FALSE(gate.settle(0));
  EXPECT_FALSE(gate.knows(9));
  gate.begin("a", notice, 1);
  gate.admit("a");
  EXPECT_TRUE(gate.settle(1));
  EXPECT_FALSE(gate.settle(1));
}

TEST(NoticeGate, WhatWaitsCanBeDropped) {
  NoticeGate gate;
  gate.drop("a");
  EXPECT_TRUE(gate.admit("a"));
  gate.begin("a", notice, 1);
  EXPECT_FALSE(gate.admit("a"));
  gate.drop("a");
  EXPECT_FALSE(gate.settle(1));
}

TEST(NoticeGate, ClearedItBeginsAnew) {
  NoticeGate gate;
  gate.begin("a", notice, 1);
  gate.admit("a");
  gate.clear();
  EXPECT_FALSE(gate.knows(1));
  ASSERT_TRUE(gate.admit("a"));
  gate.begin("a", notice, 2);
  EXPECT_FALSE(gate.settle(1));  // the old one must not end the new one
  EXPECT_FALSE(gate.admit("a"));
  EXPECT_TRUE(gate.settle(2));
}

}  // namespace
}  // namespace mcp_mqtt::engine
