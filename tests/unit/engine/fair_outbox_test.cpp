#include "engine/fair_outbox.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace mcp_mqtt::engine {
namespace {

class Outbox : public ::testing::Test {
 protected:
  using Names = std::vector<std::string>;

  static FairOutbox::Limits limits() {
    FairOutbox::Limits limits;
    limits.messages_per_client = 4;
    limits.bytes_per_client = 100'000;
    limits.bytes = 150'000;
    limits.messages_under_way = 3;
    limits.bytes_under_way = 50'000;
    limits.client_messages_under_way = 2;
    limits.client_bytes_under_way = 20'000;
    return limits;
  }

  bool push(const std::string& client, std::size_t bytes = 1) {
    Publish message;
    message.message.topic = client;
    message.message.payload.assign(bytes, 'x');
    message.ticket = ++last_;
    return outbox.push(client, std::move(message));
  }
  /// What goes out now: to whom.
  std::vector<std::string> take() {
    std::vector<std::string> names;
    for (const Publish& message : outbox.take()) {
      names.push_back(message.message.topic);
      under_way.push_back(message.ticket);
    }
    return names;
  }
  /// Two under way, three that wait.
  void fill(const std::string& client) {
    for (int i = 0; i < 2; ++i) push(client);
    take();
    for (int i = 0; i < 3; ++i) push(client);
    EXPECT_EQ(take(), Names());
  }
  void settle_oldest() {
    outbox.settle(under_way.front());
    under_way.erase(under_way.begin());
  }
  FairOutbox outbox{limits()};
  std::vector<Ticket> under_way;
  Ticket last_ = 0;
};

TEST_F(Outbox, WhatHasRoomGoesOutAtOnceAndInOrder) {
  EXPECT_TRUE(push("a"));
  EXPECT_EQ(take(), Names({"a"}));
  EXPECT_TRUE(push("b"));
  EXPECT_TRUE(push("a"));
  EXPECT_EQ(take(), Names({"b", "a"}));
  EXPECT_EQ(under_way, std::vector<Ticket>({1, 2, 3}));
}

TEST_F(Outbox, OneClientHasItsPartAndTheOthersTheirs) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(push("flood"));
  EXPECT_EQ(take(), Names({"flood", "flood"}));
  EXPECT_TRUE(push("calm"));
  EXPECT_EQ(take(), Names({"calm"}));
  settle_oldest();
  EXPECT_EQ(take(), Names({"flood"}));
}

TEST_F(Outbox, ThoseWhoWaitTakeTurns) {
  for (const char* client : {"a", "a", "b", "b", "c", "c"}) EXPECT_TRUE(push(client));
  EXPECT_EQ(take(), Names({"a", "b", "c"}));
  for (int i = 0; i < 3; ++i) settle_oldest();
  EXPECT_EQ(take(), Names({"a", "b", "c"}));
  for (int i = 0; i < 3; ++i) settle_oldest();
  EXPECT_EQ(take(), Names());
}

TEST_F(Outbox, BeyondTheNumberNothingMoreIsTakenForThatClient) {
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(push("flood")) << i;
    take();
  }
  EXPECT_FALSE(push("flood")) << "two under way and four that wait";
  EXPECT_TRUE(push("calm"));
  EXPECT_EQ(outbox.waiting("flood"), 4U);
  settle_oldest();
  take();
  EXPECT_TRUE(push("flood"));
}

TEST_F(Outbox, BeyondTheBytesOnlySmallMessagesAreTaken) {
  EXPECT_TRUE(push("flood", 90'000));
  EXPECT_EQ(take(), Names({"flood"})) << "one goes whatever its size";
  EXPECT_TRUE(push("flood", 90'000));
  EXPECT_FALSE(push("flood", 20'000));
  EXPECT_TRUE(push("flood", 100)) << "an error still finds its way";
  EXPECT_TRUE(push("calm", 10'000));
}

TEST_F(Outbox, BytesInAllAreBoundedToo) {
  EXPECT_TRUE(push("a", 60'000));
  EXPECT_EQ(take().size(), 1U);
  EXPECT_TRUE(push("a", 90'000));
  EXPECT_TRUE(push("b", 90'000)) << "the first of a client always waits";
  EXPECT_FALSE(push("b", 10'000));
  EXPECT_EQ(take(), Names()) << "the bytes under way are spent";
}

TEST_F(Outbox, CrowdedFromHalfOnAndForThatClientAlone) {
  EXPECT_FALSE(outbox.crowded("flood"));
  for (int i = 0; i < 2; ++i) push("flood");
  take();
  EXPECT_FALSE(outbox.crowded("flood"));
  push("flood");
  EXPECT_FALSE(outbox.crowded("flood"));
  push("flood");
  EXPECT_TRUE(outbox.crowded("flood"));
  EXPECT_FALSE(outbox.crowded("calm"));
}

TEST_F(Outbox, DroppedMessagesGiveTheirTicketsAndRoomBack) {
  fill("gone");
  EXPECT_EQ(outbox.drop("gone"), std::vector<Ticket>({3, 4, 5}));
  EXPECT_EQ(outbox.waiting("gone"), 0U);
  EXPECT_EQ(outbox.waiting_bytes(), 0U);
  settle_oldest();
  settle_oldest();
  EXPECT_TRUE(push("gone"));
  EXPECT_EQ(take(), Names({"gone"}));
}

TEST_F(Outbox, AGoodbyeComesAfterAllThatWaits) {
  fill("a");
  const auto rest = outbox.take_all("a");
  ASSERT_EQ(rest.size(), 3U);
  EXPECT_EQ(rest.back().ticket, 5U);
  EXPECT_TRUE(outbox.take_all("nobody").empty());
  EXPECT_EQ(take(), Names());
}

TEST_F(Outbox, ALostConnectionTakesAllWithIt) {
  fill("a");
  outbox.clear();
  outbox.settle(1);  // late
  EXPECT_EQ(outbox.waiting_bytes(), 0U);
  for (int i = 0; i < 3; ++i) push("a");
  EXPECT_EQ(take(), Names({"a", "a"}));
}

}  // namespace
}  // namespace mcp_mqtt::engine
