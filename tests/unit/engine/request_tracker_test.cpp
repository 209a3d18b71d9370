#include "engine/request_tracker.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace mcp_mqtt::engine {
namespace {

using std::chrono::seconds;

const TimePoint start{std::chrono::hours(1)};
const RequestTiming ten_seconds{seconds(10), false, {}};

TEST(RequestTracker, IdsStartAtOneAndNeverRepeat) {
  RequestTracker tracker;
  EXPECT_EQ(tracker.add(7, "a", ten_seconds, false, start), 1);
  EXPECT_EQ(tracker.add(8, "b", ten_seconds, false, start), 2);
  EXPECT_EQ(tracker.take_all().size(), 2U);
  EXPECT_EQ(tracker.add(9, "c", ten_seconds, false, start), 3);
}

TEST(RequestTracker, EachLeavesOnce) {
  RequestTracker tracker;
  const auto id = tracker.add(7, "a", ten_seconds, false, start);
  EXPECT_FALSE(tracker.take(RequestId("1")));
  EXPECT_FALSE(tracker.take(RequestId(std::int64_t{2})));
  const auto pending = tracker.take(RequestId(id));
  ASSERT_TRUE(pending);
  EXPECT_EQ(pending->call, 7U);
  EXPECT_EQ(pending->method, "a");
  EXPECT_FALSE(tracker.take(RequestId(id)));
  EXPECT_FALSE(tracker.take_call(7));
  EXPECT_TRUE(tracker.take_expired(start + seconds(100)).empty());
  EXPECT_EQ(tracker.size(), 0U);
  EXPECT_FALSE(tracker.next_deadline());
}

TEST(RequestTracker, ByCall) {
  RequestTracker tracker;
  tracker.add(7, "a", ten_seconds, false, start);
  EXPECT_FALSE(tracker.take_call(8));
  EXPECT_EQ(tracker.take_call(7)->id, 1);
  EXPECT_FALSE(tracker.take(RequestId(std::int64_t{1})));
}

TEST(RequestTracker, ExpiresInOrderOfDeadlines) {
  RequestTracker tracker;
  tracker.add(1, "slow", {seconds(9), false, {}}, false, start);
  tracker.add(2, "quick", {seconds(3), false, {}}, false, start);
  tracker.add(3, "same", {seconds(3), false, {}}, false, start);
  EXPECT_EQ(tracker.next_deadline(), start + seconds(3));
  EXPECT_TRUE(tracker.take_expired(start + seconds(3) - Duration(1)).empty());
  const auto expired = tracker.take_expired(start + seconds(3));
  ASSERT_EQ(expired.size(), 2U);
  EXPECT_EQ(expired[0].call, 2U);
  EXPECT_EQ(expired[1].call, 3U);
  EXPECT_EQ(tracker.next_deadline(), start + seconds(9));
}

TEST(RequestTracker, ProgressFindsItsCallByAnIntegerToken) {
  RequestTracker tracker;
  tracker.add(7, "a", ten_seconds, true, start);
  tracker.add(8, "b", ten_seconds, false, start);
  EXPECT_EQ(tracker.on_progress(1, start), 7U);
  for (const Json& token : {Json("1"), Json(1.0), Json(), Json(2), Json(3), Json(-1), Json(true),
                            Json::array({1}), Json(std::numeric_limits<std::uint64_t>::max())}) {
    EXPECT_FALSE(tracker.on_progress(token, start)) << token;
  }
}

TEST(RequestTracker, ProgressMovesTheDeadlineOnlyWhereAskedAndUpToTheCap) {
  RequestTracker tracker;
  tracker.add(1, "fixed", {seconds(10), false, {}}, true, start);
  tracker.on_progress(1, start + seconds(5));
  EXPECT_EQ(tracker.next_deadline(), start + seconds(10));
  tracker.take_all();
  tracker.add(2, "moving", {seconds(10), true, seconds(18)}, true, start);
  tracker.on_progress(2, start + seconds(5));
  EXPECT_EQ(tracker.next_deadline(), start + seconds(15));
  tracker.on_progress(2, start + seconds(14));
  EXPECT_EQ(tracker.next_deadline(), start + seconds(18));
  tracker.take_all();
  tracker.add(3, "capped", {seconds(10), true, seconds(4)}, true, start);
  EXPECT_EQ(tracker.next_deadline(), start + seconds(4));
}

TEST(RequestTracker, DeadlinesDoNotOverflow) {
  RequestTracker tracker;
  tracker.add(1, "forever", {Duration::max(), true, Duration::max()}, true, start);
  tracker.on_progress(1, start + seconds(5));
  EXPECT_EQ(tracker.next_deadline(), TimePoint::max());
  EXPECT_TRUE(tracker.take_expired(start + std::chrono::hours(1'000)).empty());
}

}  // namespace
}  // namespace mcp_mqtt::engine
