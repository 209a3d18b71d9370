#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/garden.hpp"

namespace mcp_mqtt::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A terminal of 100 columns that a person could sit at. tmux does not become a daemon, so it dies
/// with the test.
class Terminal {
 public:
  explicit Terminal(std::vector<std::string> environment)
      : tmux_({"tmux", "-L", "mcp-mqtt-test", "-f", "/dev/null", "-D"},
              {.environment = with_socket(std::move(environment)), .working_directory = {}}) {}

  /// Runs a command; when it is over, its exit code stands on a line of its own.
  void run(const std::string& command) {
    // The server of tmux may still be starting.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!control({"new-session", "-d", "-x", "100", "-y", "20",
                     command + "; echo \"exit code $?\"; exec cat"})) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "tmux starts no session: " << tmux_.error_output();
        return;
      }
    }
  }

  void press(const std::string& key) { EXPECT_TRUE(control({"send-keys", key})); }

  /// What stands on the screen, once `text` is there; at the deadline a failure.
  std::string wait_for(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string screen;
    do {
      control({"capture-pane", "-p", "-e"}, &screen);
      if (screen.find(text) != std::string::npos) return screen;
    } while (std::chrono::steady_clock::now() < deadline);
    ADD_FAILURE() << "the screen never shows '" << text << "':\n" << screen;
    return screen;
  }

  /// The last screen of the command. A line of its own: the command, too, speaks of exit codes.
  std::string wait_for_end() { return wait_for("\nexit code "); }

 private:
  std::vector<std::string> with_socket(std::vector<std::string> environment) const {
    environment.push_back("TMUX_TMPDIR=" + folder_.path().string());
    environment.push_back("TMUX=");
    environment.push_back("LC_ALL=C.UTF-8");
    environment.push_back("NO_COLOR=");
    return environment;
  }

  /// A command to the server of tmux; its end is the pause between two questions.
  bool control(std::vector<std::string> command, std::string* output = nullptr) {
    // -N: it never starts a server itself, which would be a daemon.
    command.insert(command.begin(), {"tmux", "-N", "-L", "mcp-mqtt-test"});
    ChildProcess process(std::move(command),
                         {.environment = with_socket({}), .working_directory = {}});
    const auto status = process.wait_for(patience);
    process.wait_for_output_end(patience);
    if (output != nullptr) *output = process.output();
    return status && status->success();
  }

  TempDirectory folder_;
  ChildProcess tmux_;
};

class CommandLineTerminal : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    if (find_program("tmux").empty()) GTEST_SKIP() << "tmux is not installed";
    garden = std::make_unique<Garden>();
    terminal = std::make_unique<Terminal>(garden->environment());
  }

  std::unique_ptr<Garden> garden;
  std::unique_ptr<Terminal> terminal;
};

TEST_F(CommandLineTerminal, ShowsABarAndCancelsWithCtrlC) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " call garden slow");
  EXPECT_THAT(terminal->wait_for("digging"), HasSubstr("[##########------------------------------]"
                                                       "  25% digging"));
  terminal->press("C-c");
  const std::string screen = terminal->wait_for_end();
  EXPECT_THAT(screen, HasSubstr("exit code 130"));
  EXPECT_THAT(screen, HasSubstr("mcp-mqtt: interrupted"));
  EXPECT_THAT(screen, Not(HasSubstr("digging")));
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "cancelled"; }));
}

TEST_F(CommandLineTerminal, ServesHttpUntilCtrlC) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " gateway garden --listen 127.0.0.1:0");
  terminal->wait_for("serving garden at http://127.0.0.1:");
  terminal->press("C-c");
  const std::string screen = terminal->wait_for_end();
  EXPECT_THAT(screen, HasSubstr("mcp-mqtt: interrupted"));
  EXPECT_THAT(screen, HasSubstr("exit code 130"));
}

TEST_F(CommandLineTerminal, ShowsTablesWithTitlesInBold) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " servers");
  EXPECT_THAT(terminal->wait_for_end(), HasSubstr("\x1b[1mNAME    INSTANCES  METADATA"));
}

TEST_F(CommandLineTerminal, HasNoColoursWhereNobodyWantsThem) {
  terminal->run("NO_COLOR=1 " + std::string(MCP_MQTT_PROGRAM) + " servers");
  const std::string screen = terminal->wait_for_end();
  EXPECT_THAT(screen, HasSubstr("NAME    INSTANCES  METADATA"));
  EXPECT_THAT(screen, Not(HasSubstr("\x1b[")));
}

TEST_F(CommandLineTerminal, ShowsJsonInAsciiAlone) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) +
                " call garden echo note=\xC3\xBC --output json --quiet");
  EXPECT_THAT(terminal->wait_for_end(), HasSubstr("\\u00fc"));
}

TEST_F(CommandLineTerminal, ShowsWhatTheDoctorFound) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " doctor --quick --count 3");
  const std::string screen = terminal->wait_for("\nexit code 0");
  EXPECT_THAT(screen,
              HasSubstr("\nNo Local                 ok       a program does not hear itself\n"));
  EXPECT_THAT(screen, Not(HasSubstr("looking at")));
}

TEST_F(CommandLineTerminal, CtrlCEndsTheDoctorAndShowsWhatItFound) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " doctor --burst 20000 --count 1");
  terminal->wait_for("looking at: Nagle, delayed ACK");
  terminal->press("C-c");
  const std::string screen = terminal->wait_for_end();
  EXPECT_THAT(screen, HasSubstr("mcp-mqtt: interrupted\nexit code 130"));
  EXPECT_THAT(screen, HasSubstr("round trip QoS 1"));
  EXPECT_THAT(screen, Not(HasSubstr("looking at")));
}

TEST_F(CommandLineTerminal, SaysWhomABridgeIsForAndEndsWithCtrlC) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " bridge garden");
  terminal->wait_for("this is for an MCP host, which writes JSON-RPC to standard input");
  terminal->press("hello");
  terminal->press("Enter");
  terminal->wait_for("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700");
  terminal->press("C-c");
  terminal->wait_for("^Cexit code 0");
}

TEST_F(CommandLineTerminal, LeavesNothingOfTheBarBehind) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " call garden dig holes=5");
  const std::string screen = terminal->wait_for_end();
  EXPECT_THAT(screen, HasSubstr("[warning] spade: a stone\n5 holes\nexit code 0"));
}

TEST_F(CommandLineTerminal, ExposesAProgramUntilCtrlC) {
  terminal->run(std::string(MCP_MQTT_PROGRAM) + " expose --name exposed -- " +
                MCP_MQTT_STDIO_SERVER + " --garbage");
  terminal->wait_for("'exposed' is online");
  EXPECT_EQ(garden->run({"info", "exposed"}).code, 0);
  terminal->press("C-c");
  const std::string screen = terminal->wait_for_end();
  EXPECT_THAT(screen, HasSubstr("mcp-mqtt: interrupted"));
  EXPECT_THAT(screen, HasSubstr("exit code 130"));
  EXPECT_THAT(screen, Not(HasSubstr("\x1b[31m")));
}

}  // namespace
}  // namespace mcp_mqtt::test
