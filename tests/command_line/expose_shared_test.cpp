#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/exposure.hpp"

// One child for all sessions: what is kept apart, and how it is started again.
namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ExposeShared : public Exposure {
 protected:
  static std::vector<std::string> seen_by(const Guest& guest) {
    return guest.facts()["seen"].get<std::vector<std::string>>();
  }
  static void tell(const Guest& guest, const std::string& method, const Json& params) {
    guest.call("tell", {{"method", method}, {"params", params}});
  }
};

TEST_F(ExposeShared, OneProcessServesAllAndHearsOfNoClient) {
  expose({"--shared", "--description", "Ours"});
  const auto one = guest("one", {{"roots", Json::object()}});
  const auto two = guest("two");
  EXPECT_EQ(one->session.instance().description, "Ours");
  EXPECT_EQ(one->session.server_info().name, "stdio");
  EXPECT_EQ(one->session.instructions(), "be kind");
  const Json offered = one->session.capabilities().raw;
  EXPECT_TRUE(offered.contains("vendor"));
  EXPECT_FALSE(offered.contains("tasks"));

  const Json first = one->facts();
  const Json second = two->facts();
  EXPECT_EQ(first["pid"], second["pid"]);
  EXPECT_EQ(second["calls"], 2);
  EXPECT_EQ(first["client"]["clientInfo"]["name"], "mcp-mqtt");
  EXPECT_EQ(first["client"]["capabilities"], Json::object());
  EXPECT_EQ(first["seen"], (Json{"notifications/initialized {}"}));

  const Json refused = one->call("ask", {{"method", "roots/list"}, {"params", Json::object()}});
  EXPECT_EQ(refused["error"]["code"], error_code::method_not_found);
  EXPECT_EQ(one->call("ask", {{"method", "ping"}, {"params", Json::object()}}),
            (Json{{"result", Json::object()}}));
  EXPECT_EQ(one->asked.size(), 0U);
  EXPECT_THROW(one->session.request("tasks/list"), McpError);

  one->session.close();
  EXPECT_EQ(two->facts()["pid"], first["pid"]);
}

TEST_F(ExposeShared, ProgressAndCancellationReachTheirOwn) {
  expose({"--shared"});
  const auto one = guest("one");
  const auto two = guest("two");
  // Both clients begin to count at the same number.
  const EventLog<std::string> progress;
  const auto watching = [&](const std::string& who) {
    CallOptions options;
    options.on_progress = [progress, who](const Progress& step) {
      progress.push(who + std::to_string(static_cast<int>(step.progress)));
    };
    return options;
  };
  const PendingCall slow = one->start("tools/call", {{"name", "slow"}}, watching("one "));
  EXPECT_EQ(progress.take(), "one 1");
  two->session.request("tools/call", {{"name", "steps"}}, watching("two "));
  EXPECT_THAT(progress.all(), ElementsAre("two 1", "two 2", "two 3"));
  slow.cancel();
  EXPECT_TRUE(logs("cancelled 1"));
}

TEST_F(ExposeShared, SubscriptionsAreCounted) {
  expose({"--shared"});
  const auto one = guest("one");
  const auto two = guest("two");
  const EventLog<std::string> updates;
  const auto watch = [&](const Guest& guest, const std::string& who) {
    return guest.session.subscribe(
        "a://b", [updates, who](const ResourceUpdated& update) { updates.push(who + update.uri); });
  };
  auto first = watch(*one, "one ");
  {
    const auto second = watch(*two, "two ");
    tell(*one, "notifications/resources/updated", {{"uri", "a://b/part"}});
    tell(*one, "notifications/resources/updated", {{"uri", "a://bc"}});
    ASSERT_TRUE(updates.wait_for_count(2));
    EXPECT_THAT(updates.all(), ::testing::UnorderedElementsAre("one a://b/part", "two a://b/part"));
  }
  updates.clear();
  two->session.ping();
  EXPECT_THAT(seen_by(*two), Not(::testing::Contains(HasSubstr("unsubscribe"))));
  // Who leaves watches no more.
  one->session.close();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (seen_by(*two).back() != R"(resources/unsubscribe {"uri":"a://b"})") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
}

TEST_F(ExposeShared, EachHearsTheLogFromItsLevelOn) {
  expose({"--shared"});
  const auto one = guest("one");
  const auto two = guest("two");
  one->session.set_logging_level(LoggingLevel::debug);
  two->session.set_logging_level(LoggingLevel::error);
  EXPECT_THAT(seen_by(*one),
              ElementsAre("notifications/initialized {}", R"(logging/setLevel {"level":"debug"})"));
  tell(*two, "notifications/message", {{"level", "debug"}, {"data", 1}});
  tell(*two, "notifications/message", {{"level", "error"}, {"data", 2}});
  tell(*one, "notifications/tools/list_changed", Json::object());
  EXPECT_THAT(one->told.take().value_or(""), HasSubstr("debug"));
  EXPECT_THAT(one->told.take().value_or(""), HasSubstr("error"));
  EXPECT_EQ(one->told.take(), "notifications/tools/list_changed {}");
  EXPECT_THAT(two->told.take().value_or(""), HasSubstr("error"));
  EXPECT_EQ(two->told.take(), "notifications/tools/list_changed {}");
}

TEST_F(ExposeShared, GoesOnWhenTheBrokerIsBack) {
  expose({"--shared"});
  const int pid = guest()->facts()["pid"];
  garden->broker().kill();
  EXPECT_TRUE(logs("mcp-mqtt: connection lost: "));
  garden->broker().restart();
  EXPECT_TRUE(logs("mcp-mqtt: connected again"));
  EXPECT_EQ(guest()->facts()["pid"], pid);
}

TEST_F(ExposeShared, IsStartedAgainWhenItDies) {
  expose({"--shared"});
  const auto one = guest("one");
  const auto two = guest("two");
  const int pid = one->facts()["pid"];
  one->start("tools/call", {{"name", "die"}});
  EXPECT_THAT(one->outcomes.take()->error().message, HasSubstr("ended with exit code 5"));
  EXPECT_THAT(two->told.take().value_or(""), HasSubstr("ended with exit code 5"));
  EXPECT_TRUE(one->closed.take());
  EXPECT_TRUE(two->closed.take());
  EXPECT_TRUE(logs("shared: is started again in 200 ms"));
  two->open();
  EXPECT_NE(two->facts()["pid"], pid);
  EXPECT_EQ(two->facts()["client"]["clientInfo"]["name"], "mcp-mqtt");
}

TEST_F(ExposeShared, IsGivenUpWhenItDiesAgainAndAgain) {
  expose({"--shared"}, {"--die-when-initialized"});
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 6);
  EXPECT_THAT(ran.error, AllOf(HasSubstr("is started again in 1600 ms"),
                               HasSubstr("stdio_server' ended with exit code 4: it is given up")));
  EXPECT_THAT(garden->run({"servers"}).output, Not(HasSubstr("exposed")));
}

}  // namespace
}  // namespace mcp_mqtt::test
