#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/garden.hpp"

namespace mcp_mqtt::test {
namespace {

using ::testing::HasSubstr;

/// The subcommands that go on until Ctrl-C.
class CommandLineFollow : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    garden = std::make_unique<Garden>();
  }

  /// Starts it and waits for what says that it follows.
  std::unique_ptr<ChildProcess> follow(const std::vector<std::string>& arguments,
                                       const std::string& sign) {
    auto process = garden->start(arguments);
    EXPECT_TRUE(process->wait_for_output(sign, patience))
        << process->output() << process->error_output();
    return process;
  }

  std::unique_ptr<Garden> garden;
};

TEST_F(CommandLineFollow, WatchesServersComeAndGo) {
  const auto process = follow({"servers", "--watch"}, "online\tgarden\tgarden-1");
  auto pond = garden->start_server("pond");
  EXPECT_TRUE(process->wait_for_output("online\tpond\t", patience));
  pond->stop();
  EXPECT_TRUE(process->wait_for_output("gone\tpond\t", patience));
  process->signal(SIGINT);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ(ran.error, "mcp-mqtt: interrupted\n");
}

TEST_F(CommandLineFollow, WatchesServersAsJsonLines) {
  const auto process =
      follow({"servers", "--watch", "garden", "--output", "json"}, "\"event\":\"online\"");
  process->signal(SIGINT);
  const Json line = Garden::end_of(*process).json();
  EXPECT_EQ(line["name"], "garden");
  EXPECT_EQ(line["meta"]["site"], "roof");
}

TEST_F(CommandLineFollow, TellsWhenAResourceChanges) {
  const auto process =
      follow({"subscribe", "garden", "garden://manual"}, "subscribed to garden://manual");
  garden->server().notify_resource_updated("garden://manual");
  EXPECT_TRUE(process->wait_for_output("updated\tgarden://manual\n", patience));
  process->signal(SIGINT);
  EXPECT_EQ(Garden::end_of(*process).code, 130);
}

TEST_F(CommandLineFollow, SubscribesAgainAfterTheBrokerWasAway) {
  const auto process =
      follow({"subscribe", "garden", "garden://manual"}, "subscribed to garden://manual");
  garden->broker().kill();
  EXPECT_TRUE(process->wait_for_output("mcp-mqtt: connection lost", patience));
  garden->broker().restart();
  EXPECT_TRUE(process->wait_for_output("resubscribed\tgarden://manual\n", patience));
  garden->server().notify_resource_updated("garden://manual");
  EXPECT_TRUE(process->wait_for_output("\nupdated\tgarden://manual\n", patience));
}

TEST_F(CommandLineFollow, SubscribingToNothingFails) {
  const Ran ran = garden->run({"subscribe", "garden", "garden://none"});
  EXPECT_EQ(ran.code, 6) << ran.error;
  EXPECT_TRUE(ran.one_error_line()) << ran.error;
}

TEST_F(CommandLineFollow, FollowsTheLogFromALevelOn) {
  const auto process = follow({"log", "garden", "--level", "notice"}, "(Ctrl-C ends)");
  garden->server().log(LoggingLevel::info, "not this", "sprinkler");
  garden->server().log(LoggingLevel::error, "no\x1b[2J water", "sprinkler");
  EXPECT_TRUE(process->wait_for_output("error\tsprinkler\tno[2J water\n", patience));
  process->signal(SIGINT);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ(ran.output.find("not this"), std::string::npos);
}

TEST_F(CommandLineFollow, FollowsTheLogAfterTheBrokerWasAway) {
  const auto process = follow({"log", "garden", "--level", "error"}, "(Ctrl-C ends)");
  garden->broker().kill();
  EXPECT_TRUE(process->wait_for_output("mcp-mqtt: connection lost", patience));
  garden->broker().restart();
  EXPECT_TRUE(process->wait_for_output("mcp-mqtt: connected again", patience));
  // The level is restored after the session, at a moment that nobody tells.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  do {
    garden->server().log(LoggingLevel::error, "no water", "sprinkler");
  } while (!process->wait_for_output("error\tsprinkler\tno water\n", patience / 100) &&
           std::chrono::steady_clock::now() < deadline);
  EXPECT_THAT(process->output(), HasSubstr("no water"));
}

TEST_F(CommandLineFollow, RefusesALevelThatIsNone) {
  const Ran ran = garden->run({"log", "garden", "--level", "loud"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.one_error_line()) << ran.error;
  EXPECT_THAT(ran.error, HasSubstr("debug, info, notice"));
}

TEST_F(CommandLineFollow, EndsWhenTheServerLeaves) {
  const auto process = follow({"log", "garden"}, "(Ctrl-C ends)");
  garden->server().stop();
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 4) << ran.error;
  EXPECT_THAT(ran.error, HasSubstr("mcp-mqtt: the session is over: "));
}

}  // namespace
}  // namespace mcp_mqtt::test
