#include "engine/duplicate_filter.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

using Channel = DuplicateFilter::Channel;
using std::chrono::milliseconds;
using std::chrono::seconds;

class DuplicateFilters : public ::testing::Test {
 protected:
  bool admit(const std::string& key, Channel channel) { return filter.admit(key, channel, now); }

  DuplicateFilter filter;
  TimePoint now{std::chrono::hours(1)};
};

TEST_F(DuplicateFilters, CopyOnTheOtherChannelIsDroppedInEitherOrder_T40) {
  EXPECT_TRUE(admit("a", Channel::rpc));
  EXPECT_FALSE(admit("a", Channel::capability));
  EXPECT_TRUE(admit("a", Channel::capability));
  EXPECT_FALSE(admit("a", Channel::rpc));
}

TEST_F(DuplicateFilters, SameChannelIsAnotherChange) {
  EXPECT_TRUE(admit("a", Channel::rpc));
  EXPECT_TRUE(admit("a", Channel::rpc));
  EXPECT_FALSE(admit("a", Channel::capability));
  EXPECT_FALSE(admit("a", Channel::capability));
  EXPECT_TRUE(admit("a", Channel::capability));
}

TEST_F(DuplicateFilters, OtherKeysAreOtherChanges) {
  EXPECT_TRUE(admit("a", Channel::rpc));
  EXPECT_TRUE(admit("b", Channel::capability));
}

TEST_F(DuplicateFilters, LateCopyIsAChangeOfItsOwn) {
  EXPECT_TRUE(admit("a", Channel::rpc));
  now += seconds(5) - milliseconds(1);
  EXPECT_TRUE(admit("b", Channel::rpc));
  EXPECT_FALSE(admit("a", Channel::capability));
  now += seconds(5);
  EXPECT_TRUE(admit("b", Channel::capability));
}

TEST_F(DuplicateFilters, AFloodIsForgottenFromItsBeginning) {
  EXPECT_TRUE(admit("first", Channel::rpc));
  for (std::size_t i = 0; i < DuplicateFilter::max_remembered; ++i) {
    EXPECT_TRUE(admit(std::to_string(i), Channel::rpc));
  }
  EXPECT_TRUE(admit("first", Channel::capability));
  EXPECT_FALSE(admit("1000", Channel::capability));
}

}  // namespace
}  // namespace mcp_mqtt::engine
