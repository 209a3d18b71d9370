#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/temp_directory.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {
namespace {

struct Example {
  std::string command;
  std::string output;
};

/// The commands in the blocks of the document that are marked `console`, with what follows them.
std::vector<Example> examples_of(const std::string& path) {
  std::vector<Example> examples;
  std::ifstream file(path);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = line == "```console";
    } else if (inside && line.starts_with("$ ")) {
      examples.push_back({line.substr(2), {}});
    } else if (inside && !examples.empty()) {
      examples.back().output += line + '\n';
    }
  }
  return examples;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

TEST(CommandLineDocument, ShowsWhatTheProgramReallyPrints) {
  if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  const MosquittoBroker broker;
  const TempDirectory home;
  ChildProcess desk({DESK_COMPANION, "--broker", broker.url(), "--id", "desk-1"});
  const std::string program = MCP_MQTT_PROGRAM;
  const std::vector<std::string> environment{
      "MCP_MQTT_BROKER=" + broker.url(), "HOME=" + home.path().string(),
      "XDG_CONFIG_HOME=", "PATH=" + program.substr(0, program.rfind('/')) + ":/usr/bin:/bin"};
  // Waits until the server is online.
  ChildProcess ready({program, "info", "desk/companion", "--wait", "30"},
                     {.environment = environment, .working_directory = {}});
  const auto online = ready.wait_for(2 * patience);
  ASSERT_TRUE(online && online->success()) << ready.error_output() << desk.error_output();

  const std::vector<Example> examples = examples_of(DOCUMENT);
  EXPECT_GE(examples.size(), 10U);
  for (const Example& example : examples) {
    std::string command = example.command;
    // The document shows what a person sees.
    if (command.find("--output") == std::string::npos) {
      replace_all(command, "mcp-mqtt ", "mcp-mqtt --output table ");
    }
    ChildProcess process({"bash", "-c", "exec 2>&1; " + command},
                         {.environment = environment, .working_directory = home.path().string()});
    process.close_input();
    ASSERT_TRUE(process.wait_for(patience)) << command;
    process.wait_for_output_end(patience);
    std::string output = process.output();
    replace_all(output, broker.url(), "mqtt://127.0.0.1:PORT");
    EXPECT_EQ(output, example.output) << command;
  }
}

}  // namespace
}  // namespace mcp_mqtt::test
