#include "engine/avoided_instances.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

using std::chrono::seconds;

class AvoidedInstancesTest : public ::testing::Test {
 protected:
  AvoidedInstances avoided{seconds(5), seconds(15)};
  TimePoint now{std::chrono::hours(1)};
};

TEST_F(AvoidedInstancesTest, EachSilenceInARowCostsMore) {
  for (const int pause : {5, 10, 15, 15}) {
    avoided.avoid("s1", now);
    EXPECT_EQ(avoided.next_deadline(), now + seconds(pause));
    EXPECT_TRUE(avoided.contains("s1", now + seconds(pause) - Duration(1)));
    EXPECT_FALSE(avoided.on_time(now));
    now += seconds(pause);
    EXPECT_FALSE(avoided.contains("s1", now));
    EXPECT_TRUE(avoided.on_time(now));
    EXPECT_FALSE(avoided.on_time(now));
    EXPECT_FALSE(avoided.next_deadline());
  }
  avoided.forget("s1");
  EXPECT_EQ(avoided.size(), 0U);
  avoided.avoid("s1", now);
  EXPECT_EQ(avoided.next_deadline(), now + seconds(5));
}

TEST_F(AvoidedInstancesTest, OthersMayBeAsked) {
  avoided.avoid("s1", now);
  EXPECT_FALSE(avoided.contains("s2", now));
  avoided.clear();
  EXPECT_FALSE(avoided.contains("s1", now));
}

TEST_F(AvoidedInstancesTest, APauseIsNotShortened) {
  avoided.avoid("s1", now);
  avoided.avoid_for("s1", seconds(1), now);
  EXPECT_EQ(avoided.next_deadline(), now + seconds(5));
  avoided.avoid_for("s1", seconds(6), now);
  EXPECT_EQ(avoided.next_deadline(), now + seconds(6));
}

}  // namespace
}  // namespace mcp_mqtt::engine
