#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/garden.hpp"

namespace mcp_mqtt::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CommandLineSee : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    garden = std::make_unique<Garden>();
  }

  /// What it prints where all is well.
  std::string output(std::vector<std::string> arguments) {
    const Ran ran = garden->run(std::move(arguments));
    EXPECT_EQ(ran.code, 0) << ran.error;
    return ran.output;
  }
  Json json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", "json"});
    const std::string text = output(std::move(arguments));
    Json document = Json::parse(text, nullptr, false);
    EXPECT_FALSE(document.is_discarded()) << text;
    return document;
  }
  /// The one line on standard error where it fails with this exit code.
  std::string failure(int code, std::vector<std::string> arguments) {
    const Ran ran = garden->run(std::move(arguments));
    EXPECT_EQ(ran.code, code) << ran.output << ran.error;
    EXPECT_EQ(ran.output, "");
    EXPECT_TRUE(ran.one_error_line()) << ran.error;
    return ran.error;
  }

  std::unique_ptr<Garden> garden;
};

TEST_F(CommandLineSee, ListsServers) {
  EXPECT_EQ(output({"servers"}), "garden\t1\t\t{\"site\":\"roof\"}\tBeds and plants\n");
  const auto other = garden->start_server("pond/deep");
  EXPECT_THAT(output({"servers"}), HasSubstr("pond/deep\t1"));
  EXPECT_THAT(output({"servers", "pond/#"}), Not(HasSubstr("garden")));
  EXPECT_EQ(output({"servers", "--output", "table", "garden"}),
            "NAME    INSTANCES  METADATA         DESCRIPTION\n"
            "garden  1          {\"site\":\"roof\"}  Beds and plants\n");
  const Json list = json({"servers", "garden"});
  EXPECT_EQ(list, Json::parse(R"([{"name": "garden", "instances": [{"id": "garden-1",
      "description": "Beds and plants", "meta": {"site": "roof"}}]}])"));
}

TEST_F(CommandLineSee, AnEmptyListOfServersIsNoError) {
  const Ran ran = garden->run({"servers", "nobody"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.output, "");
  EXPECT_EQ(ran.error, "no server is online\n");
  EXPECT_EQ(json({"servers", "nobody"}), Json::array());
}

TEST_F(CommandLineSee, AServerMayHaveTheNameOfASubcommand) {
  const auto server = garden->start_server("log");
  EXPECT_THAT(output({"info", "log"}), HasSubstr("name\tlog\n"));
}

TEST_F(CommandLineSee, RefusesAFilterThatIsNone) {
  EXPECT_THAT(failure(2, {"servers", "a#b"}), HasSubstr("a#b"));
  EXPECT_THAT(failure(2, {"servers", "--settle", "0"}), HasSubstr("--settle takes seconds"));
}

TEST_F(CommandLineSee, ShowsWhatAServerSaysOfItself) {
  const std::string text = output({"info", "garden"});
  EXPECT_THAT(text, HasSubstr("implementation\tgarden 2.1\n"));
  EXPECT_THAT(text, HasSubstr("revision\t2025-11-25\n"));
  EXPECT_THAT(text, HasSubstr("capability\tprompts"));
  EXPECT_THAT(text, HasSubstr("instructions\tWater in the evening.\n"));
  EXPECT_THAT(text, HasSubstr("instance\tgarden-1 (answered)\n"));
  const Json info = json({"info", "garden"});
  EXPECT_EQ(info["serverInfo"]["version"], "2.1");
  EXPECT_EQ(info["instances"][0]["id"], "garden-1");
  EXPECT_TRUE(info["capabilities"].contains("resources"));
}

TEST_F(CommandLineSee, TakesAFilterForTheName) {
  EXPECT_THAT(output({"info", "+"}), HasSubstr("name\tgarden\n"));
}

TEST_F(CommandLineSee, WaitsForAServerThatIsNotOnlineYet) {
  const auto process = garden->start({"info", "pond", "--wait", "60", "--verbose"});
  ASSERT_TRUE(process->wait_for_output("connected to", patience));
  const auto pond = garden->start_server("pond");
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_THAT(ran.output, HasSubstr("name\tpond\n"));
}

TEST_F(CommandLineSee, SaysWhichServersThereAreInstead) {
  EXPECT_THAT(failure(4, {"info", "gardn", "--wait", "0.2"}),
              HasSubstr("no server 'gardn' is online at " + garden->broker_url() +
                        ": did you mean 'garden'?"));
  EXPECT_THAT(failure(4, {"tools", "pool", "--wait", "0.2"}), HasSubstr("online are garden"));
  EXPECT_THAT(failure(2, {"info"}), HasSubstr("NAME is required"));
}

TEST_F(CommandLineSee, ListsToolsWithTheirArguments) {
  EXPECT_THAT(output({"tools", "garden"}),
              HasSubstr("water\tWater a bed\tbed=<one of \"north\" or \"south\"> "
                        "liters=<integer from 1 to 100>\n"));
  EXPECT_THAT(output({"tools", "garden", "--output", "table"}),
              HasSubstr("  liters  integer from 1 to 100"));
  const Json tools = json({"tools", "garden"});
  EXPECT_EQ(tools.size(), 7U);
  EXPECT_TRUE(tools[0].contains("inputSchema"));
  EXPECT_THAT(output({"tools", "garden"}), Not(HasSubstr("\x1b")));
}

TEST_F(CommandLineSee, ListsResourcesAndTemplates) {
  const std::string text = output({"resources", "garden"});
  EXPECT_THAT(text, HasSubstr("resource\tgarden://manual\tmanual\ttext/plain\t\n"));
  EXPECT_THAT(text, HasSubstr("template\tplant://{bed}/soil\tsoil\tapplication/json\t\n"));
  const Json lists = json({"resources", "garden"});
  EXPECT_EQ(lists["resources"].size(), 2U);
  EXPECT_EQ(lists["resourceTemplates"][0]["uriTemplate"], "plant://{bed}/soil");
}

TEST_F(CommandLineSee, ReadsResources) {
  EXPECT_EQ(output({"read", "garden", "garden://manual"}), "Dig.\nWater.\n");
  EXPECT_EQ(output({"read", "garden", "plant://north/soil"}), "{\"bed\":\"north\"}\n");
  const Ran photo = garden->run({"read", "garden", "garden://photo"});
  EXPECT_EQ(photo.code, 0);
  EXPECT_EQ(photo.output, "[resource image/png, 6 bytes]\n");
  EXPECT_EQ(photo.error, "mcp-mqtt: --raw writes the bytes\n");
  EXPECT_EQ(output({"read", "garden", "garden://photo", "--raw"}), std::string("\x89PNG\0\x1b", 6));
  EXPECT_EQ(json({"read", "garden", "garden://manual"})["contents"][0]["text"], "Dig.\nWater.\n");
  EXPECT_THAT(failure(6, {"read", "garden", "garden://none"}), HasSubstr("garden://none"));
  EXPECT_THAT(failure(2, {"read", "garden"}), HasSubstr("URI is required"));
}

TEST_F(CommandLineSee, ListsAndFillsPrompts) {
  EXPECT_EQ(output({"prompts", "garden"}), "plan\tAsks for a plan\tbed=… [days=…]\n");
  EXPECT_THAT(output({"prompts", "garden", "--output", "table"}),
              HasSubstr("  days  For how long (optional)"));
  EXPECT_EQ(json({"prompts", "garden"})[0]["name"], "plan");
  EXPECT_EQ(output({"prompt", "garden", "plan", "bed=north", "days=2"}),
            "user: Plan north for 2 days.\n");
  EXPECT_EQ(json({"prompt", "garden", "plan", "bed=north"})["messages"][0]["role"], "user");
}

TEST_F(CommandLineSee, SaysWhatIsWrongWithPrompts) {
  EXPECT_THAT(failure(2, {"prompt", "garden", "pln"}), HasSubstr("there is only 'plan'"));
  EXPECT_THAT(failure(2, {"prompt", "garden", "plan"}), HasSubstr("argument 'bed' is missing"));
  EXPECT_THAT(failure(2, {"prompt", "garden", "plan", "bd=x"}), HasSubstr("did you mean 'bed'?"));
  EXPECT_THAT(failure(2, {"prompt", "garden", "plan", "bed"}), HasSubstr("write name=value"));
  EXPECT_THAT(failure(2, {"prompt", "garden", "plan", "bed=a", "bed=b"}), HasSubstr("given twice"));
  EXPECT_THAT(failure(6, {"prompt", "garden", "plan", "bed=north", "days=99"}), HasSubstr("days"));
}

TEST_F(CommandLineSee, CompletesArguments) {
  EXPECT_EQ(output({"complete", "garden", "--prompt", "plan", "bed", "s"}), "south\n");
  EXPECT_EQ(output({"complete", "garden", "--resource", "plant://{bed}/soil", "bed", "no"}),
            "north\nnowhere\n");
  EXPECT_EQ(output({"complete", "garden", "--prompt", "plan", "bed"}), "north\nsouth\n");
  EXPECT_EQ(output({"complete", "garden", "--prompt", "plan", "bed", ""}), "north\nsouth\n");
  EXPECT_EQ(json({"complete", "garden", "--prompt", "plan", "bed", "s"})["completion"]["values"],
            Json({"south"}));
  EXPECT_THAT(failure(2, {"complete", "garden", "bed", "s"}), HasSubstr("either --prompt"));
  EXPECT_THAT(failure(2, {"complete", "garden", "--prompt", "plan"}),
              HasSubstr("ARGUMENT is required"));
}

TEST_F(CommandLineSee, MeasuresTheRoundTrip) {
  const Json times = json({"ping", "garden", "--count", "20"});
  EXPECT_EQ(times["count"], 20);
  EXPECT_LE(times["min_us"], times["median_us"]);
  EXPECT_LE(times["median_us"], times["p99_us"]);
  EXPECT_LE(times["p99_us"], times["max_us"]);
  EXPECT_THAT(output({"ping", "garden", "--output", "table", "--count", "1"}),
              HasSubstr("PINGS  MIN"));
  EXPECT_THAT(failure(2, {"ping", "garden", "--count", "0"}), HasSubstr("from 1 to 1000000"));
  EXPECT_THAT(failure(2, {"ping", "garden", "--count", "many"}), HasSubstr("--count"));
}

}  // namespace
}  // namespace mcp_mqtt::test
