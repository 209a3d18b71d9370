#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <set>

#include <mcp_mqtt/protocol/request_id.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/selection.hpp>
#include <mcp_mqtt/timeouts.hpp>

// Revisions, request ids, the selection policies and timeouts.
namespace mcp_mqtt {
namespace {

TEST(RevisionText, IsReadBackAndOrderedByTime) {
  for (const Revision revision : all_revisions) {
    EXPECT_EQ(parse_revision(to_string(revision)), revision);
  }
  EXPECT_TRUE(std::is_sorted(all_revisions.begin(), all_revisions.end()));
  EXPECT_EQ(to_string(Revision::v2024_11_05), "2024-11-05");
  EXPECT_EQ(to_string(latest_revision), "2025-11-25");
  EXPECT_EQ(latest_revision, all_revisions.back());
}

TEST(RevisionText, GarbageIsNone) {
  for (const char* text : {"", "2025-11-2", "2025-11-255", " 2025-11-25", "2025-11-25\n",
                           "2026-07-28", "DRAFT-2025-v2", "v2025_11_25"}) {
    EXPECT_FALSE(parse_revision(text)) << text;
  }
}

TEST(RequestIdText, TellsNumbersFromTexts) {
  EXPECT_EQ(to_string(RequestId(std::int64_t{7})), "7");
  EXPECT_EQ(to_string(RequestId(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(to_string(RequestId("7")), "\"7\"");
  EXPECT_NE(RequestId(std::int64_t{1}), RequestId("1"));
  EXPECT_EQ(RequestId("a"), RequestId("a"));
}

TEST(TimeoutsOf, FollowTheMethod) {
  Timeouts timeouts;
  timeouts.resources_subscribe = std::chrono::seconds(7);
  timeouts.elicitation_create = std::chrono::seconds(8);
  timeouts.other = std::chrono::seconds(9);
  EXPECT_EQ(timeouts.of("tools/call"), std::chrono::seconds(60));
  EXPECT_EQ(timeouts.of("resources/unsubscribe"), std::chrono::seconds(7));
  EXPECT_EQ(timeouts.of("elicitation/create"), std::chrono::seconds(8));
  EXPECT_EQ(timeouts.of("tasks/get"), std::chrono::seconds(30));
  EXPECT_EQ(timeouts.of("tasks/result"), std::chrono::minutes(5));
  EXPECT_EQ(timeouts.of("vendor/method"), std::chrono::seconds(9));
  EXPECT_EQ(timeouts.of(""), std::chrono::seconds(9));
}

std::vector<ServerInstance> instances(std::size_t count) {
  return std::vector<ServerInstance>(count);
}

TEST(Selection, First) {
  const auto policy = select_first();
  EXPECT_EQ(policy(instances(1)), 0U);
  EXPECT_EQ(policy(instances(5)), 0U);
}

TEST(Selection, RoundRobinGoesOnOverCopiesAndSizes) {
  const auto policy = select_round_robin();
  const auto copy = policy;
  EXPECT_EQ(policy(instances(3)), 0U);
  EXPECT_EQ(copy(instances(3)), 1U);
  EXPECT_EQ(policy(instances(3)), 2U);
  EXPECT_EQ(policy(instances(3)), 0U);
  EXPECT_EQ(policy(instances(1)), 0U);
  EXPECT_EQ(select_round_robin()(instances(3)), 0U);  // a policy of its own
}

TEST(Selection, RandomReachesEveryInstanceAndNoOther) {
  const auto policy = select_random();
  std::set<std::size_t> chosen;
  for (int i = 0; i < 2'000; ++i) chosen.insert(policy(instances(4)));
  EXPECT_EQ(chosen, (std::set<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(policy(instances(1)), 0U);
}

}  // namespace
}  // namespace mcp_mqtt
