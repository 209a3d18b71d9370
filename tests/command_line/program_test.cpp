#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "command_line/garden.hpp"
#include "support/certificate_authority.hpp"

namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

MosquittoOptions only_the_gardener() {
  MosquittoOptions options;
  options.passwords = {{"gardener", "s3cret"}};
  return options;
}

class CommandLineProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }

  static std::string failure(const Ran& ran, int code) {
    EXPECT_EQ(ran.code, code) << ran.output << ran.error;
    EXPECT_EQ(ran.output, "");
    EXPECT_TRUE(ran.one_error_line()) << ran.error;
    return ran.error;
  }
};

TEST_F(CommandLineProgram, HelpsWithAnExampleForEachSubcommand) {
  const Garden garden;
  const std::string all = garden.run({"--help"}).output;
  for (const char* command :
       {"servers", "info", "tools", "call", "resources", "read", "subscribe", "prompts", "prompt",
        "complete", "ping", "log", "doctor", "acl", "expose", "completion"}) {
    EXPECT_THAT(all, HasSubstr(std::string("  ") + command + " "));
    const Ran ran = garden.run({command, "--help"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.output, HasSubstr("Example:\n")) << command;
  }
  EXPECT_THAT(garden.run({"--version"}).output, StartsWith("mcp-mqtt 0."));
}

TEST_F(CommandLineProgram, SaysInOneLineWhatIsWrongWithTheCommandLine) {
  const Garden garden;
  EXPECT_THAT(failure(garden.run({}), 2), HasSubstr("which command?"));
  EXPECT_THAT(failure(garden.run({"serves"}), 2), HasSubstr("did you mean 'servers'?"));
  EXPECT_THAT(failure(garden.run({"frobnicate"}), 2), HasSubstr("see mcp-mqtt --help"));
  EXPECT_THAT(failure(garden.run({"servers", "--bogus"}), 2),
              AllOf(HasSubstr("--bogus"), HasSubstr("mcp-mqtt servers --help")));
  EXPECT_THAT(failure(garden.run({"info", "garden", "extra"}), 2), HasSubstr("'extra'"));
  EXPECT_THAT(failure(garden.run({"servers", "--output", "xml"}), 2),
              HasSubstr("table, plain or json"));
  EXPECT_THAT(failure(garden.run({"servers", "--timeout", "-1"}), 2), HasSubstr("--timeout"));
  EXPECT_THAT(failure(garden.run({"servers", "--client-id", "a/b"}), 2), HasSubstr("'a/b'"));
  EXPECT_THAT(failure(garden.run({"completion", "fish"}), 2), HasSubstr("only for bash"));
}

TEST_F(CommandLineProgram, SaysThatTheBrokerIsNotThere) {
  const Garden garden;
  const Ran ran = garden.run({"servers", "--broker", "mqtt://127.0.0.1:1"});
  EXPECT_THAT(failure(ran, 3), AllOf(HasSubstr("mqtt://127.0.0.1:1"), HasSubstr("--broker")));
  EXPECT_THAT(failure(garden.run({"servers", "--broker", "localhost"}), 2),
              HasSubstr("mqtt://localhost:1883"));
}

TEST_F(CommandLineProgram, GivesItsPasswordToTheBrokerAndNobodyElse) {
  const Garden garden(only_the_gardener(), {.username = "gardener", .password = "s3cret"});
  EXPECT_THAT(failure(garden.run({"servers"}), 3), Not(HasSubstr("s3cret")));
  const std::vector<std::string> good{"MCP_MQTT_USERNAME=gardener", "MCP_MQTT_PASSWORD=s3cret"};
  EXPECT_THAT(garden.run({"servers"}, good).output, StartsWith("garden\t"));
  const std::vector<std::string> bad{"MCP_MQTT_USERNAME=gardener", "MCP_MQTT_PASSWORD=s3cre"};
  EXPECT_THAT(failure(garden.run({"servers"}, bad), 3), Not(HasSubstr("s3cre")));

  const std::string file = garden.folder().write("password", "s3cret\n");
  const Ran from_file =
      garden.run({"servers", "--username", "gardener", "--password-file", file, "--verbose"});
  EXPECT_THAT(from_file.output, StartsWith("garden\t"));
  EXPECT_THAT(from_file.error, Not(HasSubstr("s3cret")));
}

TEST_F(CommandLineProgram, ReadsTheConfigurationFileAndWarnsWhenOthersCan) {
  const Garden garden(only_the_gardener(), {.username = "gardener", .password = "s3cret"});
  const std::string config = garden.folder().write(
      "config.json",
      Json{{"broker", garden.broker_url()}, {"username", "gardener"}, {"password", "s3cret"}}
          .dump());
  Ran ran = garden.run({"servers", "--config", config}, {"MCP_MQTT_BROKER="});
  EXPECT_THAT(ran.output, StartsWith("garden\t"));
  EXPECT_EQ(ran.error, "");
  ASSERT_EQ(::chmod(config.c_str(), 0644), 0);
  ran = garden.run({"servers", "--config", config}, {"MCP_MQTT_BROKER="});
  EXPECT_THAT(ran.output, StartsWith("garden\t"));
  EXPECT_THAT(ran.error,
              AllOf(HasSubstr("mcp-mqtt: warning: others can read"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(failure(garden.run({"servers", "--config", "none.json"}), 2), HasSubstr("none.json"));
}

TEST_F(CommandLineProgram, TrustsTheAuthorityThatItIsTold) {
  CertificateAuthority authority;
  MosquittoOptions options;
  options.certificate = authority.server({"localhost"});
  options.client_ca_file = authority.ca_file();
  Garden garden(options);
  const Certificate own = authority.client("gardener");
  const std::string url = garden.broker().tls_url();
  for (const char* transport : {"mosquitto", "paho"}) {
    const Ran ran =
        garden.run({"servers", "--broker", url, "--ca-file", authority.ca_file(), "--cert",
                    own.certificate_file, "--key", own.key_file, "--transport", transport});
    EXPECT_THAT(ran.output, StartsWith("garden\t")) << ran.error;
  }
  failure(garden.run({"servers", "--broker", url}), 3);
}

TEST_F(CommandLineProgram, AnOutputThatCannotBeWrittenIsAnError) {
  const Garden garden;
  ChildProcess process({"sh", "-c", std::string(MCP_MQTT_PROGRAM) + " servers >/dev/full"},
                       {.environment = garden.environment(), .working_directory = {}});
  const Ran ran = Garden::end_of(process);
  EXPECT_EQ(failure(ran, 7), "mcp-mqtt: standard output cannot be written\n");
}

TEST_F(CommandLineProgram, CtrlCEndsItWhileItWaitsForAServer) {
  const Garden garden;
  const auto process = garden.start({"info", "nobody", "--wait", "3600", "--verbose"});
  ASSERT_TRUE(process->wait_for_output("connected to", patience)) << process->error_output();
  process->signal(SIGINT);
  EXPECT_EQ(Garden::end_of(*process).code, 130);
}

/// What bash would offer for a line, one word each; the last word is the one being typed.
std::string completions(const Garden& garden, const std::vector<std::string>& words) {
  std::string script = "source <(\"$PROGRAM\" completion bash)\nCOMP_WORDS=(";
  for (const std::string& word : words) script += " '" + word + "'";
  script +=
      ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_mcp_mqtt\nprintf '%s\\n' "
      "\"${COMPREPLY[@]}\"";
  std::vector<std::string> environment = garden.environment();
  const std::string program = MCP_MQTT_PROGRAM;
  environment.push_back("PROGRAM=" + program);
  environment.push_back("PATH=" + program.substr(0, program.rfind('/')) + ":/usr/bin:/bin");
  ChildProcess process({"bash", "-c", script},
                       {.environment = environment, .working_directory = {}});
  process.close_input();
  const Ran ran = Garden::end_of(process);
  EXPECT_EQ(ran.error, "");
  return ran.output;
}

TEST_F(CommandLineProgram, CompletesInBash) {
  const Garden garden;
  const auto hostile = garden.start_server("garden $(touch x)");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "ser"}), "servers\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "pro"}), "prompt\nprompts\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "ping", "--cou"}), "--count\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "ping", "--bro"}), "--broker\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "--output", "j"}), "json\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "call", "--timeout", "5", "g"}), "garden\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "--broker", "mqtt://127.0.0.1:1", "info", "g"}), "\n");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "completion", ""}), "bash\n");
  const std::string file = garden.folder().write("some file.json", "{}");
  EXPECT_EQ(completions(garden, {"mcp-mqtt", "--config", file.substr(0, file.size() - 3)}),
            file + '\n');
}

}  // namespace
}  // namespace mcp_mqtt::test
