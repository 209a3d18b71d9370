#include "virtual_clock.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace mcp_mqtt::simulation {
namespace {

TEST(VirtualClock, RunsEventsInTheirOrder) {
  VirtualClock clock;
  std::string order;
  clock.in(seconds(2), [&] { order += "c"; });
  clock.in(seconds(1), [&] {
    order += "a";
    clock.in(seconds(1), [&] { order += "d"; });
    clock.in({}, [&] { order += "b"; });
  });
  const TimePoint start = clock.now();
  while (!clock.empty()) clock.run_next();
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(clock.now() - start, seconds(2));
}

TEST(VirtualClock, ForgetsWhatWasCancelled) {
  VirtualClock clock;
  const auto timer = clock.in(seconds(1), [] { FAIL() << "cancelled"; });
  clock.cancel(timer);
  EXPECT_TRUE(clock.empty());
}

TEST(Random, SaysTheSameAgain) {
  Random a(7);
  Random b(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.up_to(seconds(10)), b.up_to(seconds(10)));
  std::vector<int> seen(3);
  for (int i = 0; i < 1'000; ++i) ++seen[a.below(3)];
  for (const int count : seen) EXPECT_GT(count, 200);
}

}  // namespace
}  // namespace mcp_mqtt::simulation
