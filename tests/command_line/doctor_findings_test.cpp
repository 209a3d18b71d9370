#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mcp-mqtt/doctor/checks.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ClockFinding, SaysWhatIsKnown) {
  ClockSeen seen{.local = std::chrono::system_clock::now(), .synchronized = true};
  EXPECT_EQ(clock_finding(seen).verdict, Verdict::ok);
  EXPECT_THAT(clock_finding(seen).seen, HasSubstr("the broker's cannot be seen"));
  seen.broker_ahead = 400ms;
  EXPECT_THAT(clock_finding(seen).seen, HasSubstr("the broker's agrees"));
  seen.broker_ahead = 5'400ms;
  EXPECT_THAT(clock_finding(seen).seen, HasSubstr("5.4 s ahead of this machine's"));
  EXPECT_EQ(clock_finding(seen).verdict, Verdict::warning);
  seen.broker_ahead.reset();
  seen.jumped = -2'000ms;
  EXPECT_THAT(clock_finding(seen).seen, HasSubstr("jumped by 2.0 s"));
  seen.jumped = 0ms;
  seen.synchronized = false;
  EXPECT_EQ(clock_finding(seen).verdict, Verdict::warning);
  EXPECT_THAT(clock_finding(seen).advice, HasSubstr("NTP"));
  seen.synchronized.reset();
  EXPECT_EQ(clock_finding(seen).verdict, Verdict::skipped);
  seen.local = {};
  EXPECT_EQ(clock_finding(seen).verdict, Verdict::failed);
  EXPECT_THAT(clock_finding(seen).seen, HasSubstr("1970-01-01"));
}

TEST(StallFinding, SaysWhoHoldsSmallPacketsBack) {
  const Finding both = stall_finding(200us, 44'000us, 88'000us);
  EXPECT_EQ(both.verdict, Verdict::warning);
  EXPECT_THAT(both.seen, AllOf(HasSubstr("0.200 ms"), HasSubstr("44.000"), HasSubstr("88.000")));
  EXPECT_THAT(both.advice, HasSubstr("set_tcp_nodelay true"));
  const Finding programs = stall_finding(200us, 300us, 44'000us);
  EXPECT_EQ(programs.verdict, Verdict::ok);
  EXPECT_THAT(programs.advice, HasSubstr("TCP_NODELAY"));
  const Finding none = stall_finding(20'000us, 21'000us, 22'000us);
  EXPECT_EQ(none.verdict, Verdict::ok);
  EXPECT_THAT(none.seen, StartsWith("no stall"));
  EXPECT_EQ(none.advice, "");
}

}  // namespace
}  // namespace mcp_mqtt::command_line
