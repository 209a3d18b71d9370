#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/garden.hpp"

namespace mcp_mqtt::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLineCall : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    garden = std::make_unique<Garden>();
  }

  std::unique_ptr<Garden> garden;
};

TEST_F(CommandLineCall, TypesArgumentsBySchemaAndPrintsTheAnswer) {
  const Ran ran = garden->run({"call", "garden", "water", "bed=north", "liters=30"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.output, "north got 30 liters\n");
  EXPECT_EQ(ran.error, "");
}

TEST_F(CommandLineCall, AToolMayHaveTheNameOfASubcommand) {
  EXPECT_EQ(garden->run({"call", "garden", "info"}).output, "a tool\n");
}

TEST_F(CommandLineCall, BuildsNestedArgumentsAndReadsFiles) {
  garden->folder().write("note", "from a file");
  const Ran ran = garden->run(
      {"call", "garden", "echo", "count=2", "place.row=3", R"(tags=["a",1])", "note=@note"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.json(), Json::parse(R"({"count": 2, "place": {"row": 3}, "tags": ["a", 1],
                                       "note": "from a file"})"));
}

TEST_F(CommandLineCall, ReadsAValueFromStandardInput) {
  ChildProcess process(
      {"sh", "-c", "echo 30 | " MCP_MQTT_PROGRAM " call garden water bed=north liters=@-"},
      {.environment = garden->environment(), .working_directory = {}});
  EXPECT_EQ(Garden::end_of(process).output, "north got 30 liters\n");
}

TEST_F(CommandLineCall, TakesAllArgumentsAsJson) {
  Ran ran = garden->run({"call", "garden", "echo", "--json", R"({"count": 7})"});
  EXPECT_EQ(ran.json(), Json({{"count", 7}})) << ran.error;
  garden->folder().write("all.json", R"({"count": 8})");
  ran = garden->run({"call", "garden", "echo", "--json", "@all.json"});
  EXPECT_EQ(ran.json(), Json({{"count", 8}})) << ran.error;
}

TEST_F(CommandLineCall, GivesTheWholeResultAsJson) {
  const Ran ran =
      garden->run({"call", "garden", "water", "bed=south", "liters=1", "--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.json()["content"][0]["text"], "south got 1 liters") << ran.output;
}

TEST_F(CommandLineCall, SaysWhatIsWrongWithArguments) {
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"call", "garden"});
    const Ran ran = garden->run(std::move(arguments));
    EXPECT_EQ(ran.code, 2) << ran.output << ran.error;
    EXPECT_EQ(ran.output, "");
    EXPECT_TRUE(ran.one_error_line()) << ran.error;
    return ran.error;
  };
  EXPECT_EQ(refused({"water", "bed=north"}),
            "mcp-mqtt: argument 'liters' is missing: liters=… (integer from 1 to 100)\n");
  EXPECT_EQ(refused({"water", "bed=north", "liters=a lot"}),
            "mcp-mqtt: argument 'liters' is to be integer from 1 to 100, not 'a lot'\n");
  EXPECT_THAT(refused({"water", "bed=west", "liters=1"}), HasSubstr("\"north\" or \"south\""));
  EXPECT_THAT(refused({"water", "beds=north"}), HasSubstr("did you mean 'bed'?"));
  EXPECT_THAT(refused({"watr"}), HasSubstr("did you mean 'water'?"));
  EXPECT_THAT(refused({"echo", "--json", "[1]"}), HasSubstr("--json takes a JSON object"));
  EXPECT_THAT(refused({"echo", "--json", "{}", "count=1"}), HasSubstr("either as name=value"));
  EXPECT_THAT(refused({"echo", "note=@no such file"}), HasSubstr("No such file"));
  EXPECT_THAT(refused({"dig", "holes=1", "--level", "loud"}), HasSubstr("emergency"));
  EXPECT_THAT(refused({}), HasSubstr("TOOL is required"));
}

TEST_F(CommandLineCall, ShowsProgressAndLogOnStandardError) {
  Ran ran = garden->run({"call", "garden", "dig", "holes=2"});
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.output, "2 holes\n");
  EXPECT_THAT(ran.error, HasSubstr("progress 2/2 hole 2\n"));
  EXPECT_THAT(ran.error, HasSubstr("[warning] spade: a stone\n"));
  EXPECT_THAT(ran.error, Not(HasSubstr("soft")));
  ran = garden->run({"call", "garden", "dig", "holes=2", "--level", "debug"});
  EXPECT_THAT(ran.error, HasSubstr("[debug] spade: the ground is soft\n"));
  ran = garden->run({"call", "garden", "dig", "holes=2", "--quiet"});
  EXPECT_EQ(ran.error, "");
}

TEST_F(CommandLineCall, AToolThatFailsHasAnExitCodeOfItsOwn) {
  Ran ran = garden->run({"call", "garden", "fail"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.output, "");
  EXPECT_EQ(ran.error, "mcp-mqtt: the tool failed: the well is dry\n");
  ran = garden->run({"call", "garden", "fail", "--output", "json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.json()["isError"], true) << ran.output;
}

TEST_F(CommandLineCall, KeepsControlCharactersOfTheServerFromTheTerminal) {
  const Ran ran = garden->run({"call", "garden", "hostile"});
  EXPECT_EQ(ran.output, "]0;ownedsoilmoist\n");
}

TEST_F(CommandLineCall, AnErrorOfTheServerIsOneLine) {
  const Ran ran = garden->run({"call", "garden", "none", "--json", "{}"});
  EXPECT_EQ(ran.code, 6);
  EXPECT_TRUE(ran.one_error_line()) << ran.error;
}

TEST_F(CommandLineCall, ATimeoutEndsTheCallAndTellsTheServer) {
  const Ran ran = garden->run({"call", "garden", "slow", "--timeout", "1"});
  EXPECT_EQ(ran.code, 5) << ran.error;
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "cancelled"; }));
}

TEST_F(CommandLineCall, CtrlCCancelsTheCallAtTheServerToo) {
  const auto process = garden->start({"call", "garden", "slow"});
  ASSERT_TRUE(process->wait_for_output("progress 1/4 digging", patience));
  process->signal(SIGINT);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ(ran.output, "");
  EXPECT_THAT(ran.error, HasSubstr("mcp-mqtt: interrupted\n"));
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "cancelled"; }));
}

TEST_F(CommandLineCall, SigtermDoesTheSame) {
  const auto process = garden->start({"call", "garden", "slow"});
  ASSERT_TRUE(process->wait_for_output("progress", patience));
  process->signal(SIGTERM);
  EXPECT_EQ(Garden::end_of(*process).code, 143);
}

}  // namespace
}  // namespace mcp_mqtt::test
