#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/exposure.hpp"

// What cannot be exposed, and what is said of it.
namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ExposeRefusals : public Exposure {
 protected:
  /// The last line, where the run ended as it should.
  std::string refusal(const std::vector<std::string>& options,
                      const std::vector<std::string>& command, int code) const {
    const auto refused = start(options, command);
    const Ran ran = Garden::end_of(*refused);
    EXPECT_EQ(ran.code, code) << ran.error;
    EXPECT_EQ(ran.output, "");
    const std::size_t last = ran.error.rfind("mcp-mqtt: ");
    return last == std::string::npos ? ran.error : ran.error.substr(last);
  }
  std::string refusal(const std::vector<std::string>& command, int code) const {
    return refusal({"--name", "exposed"}, command, code);
  }
};

TEST_F(ExposeRefusals, WrongArgumentsAreToldBeforeAnythingStarts) {
  EXPECT_THAT(refusal({}, 2), HasSubstr("which program?"));
  EXPECT_THAT(refusal({}, server(), 2), HasSubstr("under which name?"));
  EXPECT_THAT(refusal({"--name", "a/#"}, server(), 2), HasSubstr("a/#"));
  EXPECT_THAT(refusal({"--name", "a", "--server-id", "b/c"}, server(), 2), HasSubstr("b/c"));
  EXPECT_THAT(refusal({"--name", "a", "--meta", "[]"}, server(), 2), HasSubstr("--meta"));
  EXPECT_THAT(refusal({"--name", "a", "--cwd", "/nowhere"}, server(), 2), HasSubstr("/nowhere"));
  EXPECT_THAT(refusal({"--name", "a", "--max-sessions", "0"}, server(), 2),
              HasSubstr("from 1 to 1000"));
  EXPECT_THAT(refusal({"--name", "a", "--env", "s3cret"}, server(), 2),
              AllOf(HasSubstr("NAME=VALUE"), Not(HasSubstr("s3cret"))));
  const Ran ran = garden->run({"expose", "--name", "a", "npx", "--yes"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_TRUE(ran.one_error_line());
}

TEST_F(ExposeRefusals, AProgramThatIsNotThere) {
  EXPECT_EQ(refusal({"no-such-program-at-all"}, 2),
            "mcp-mqtt: there is no program 'no-such-program-at-all'\n");
  EXPECT_EQ(refusal({"--name", "a", "--shared"}, {"no-such-program-at-all"}, 2),
            "mcp-mqtt: there is no program 'no-such-program-at-all'\n");
  EXPECT_EQ(refusal({"/"}, 2), "mcp-mqtt: '/' cannot be started: Permission denied\n");
}

TEST_F(ExposeRefusals, AProgramThatDoesNotSpeakMcp) {
  EXPECT_EQ(refusal({"false"}, 6),
            "mcp-mqtt: 'false' ended with exit code 1 before it answered initialize\n");
  EXPECT_THAT(refusal(server({"--die"}), 6), HasSubstr("stdio_server' ended with exit code 3"));
  EXPECT_THAT(refusal({"--name", "a", "--shared"}, server({"--die"}), 6),
              HasSubstr("ended with exit code 3 before it answered initialize"));
  EXPECT_THAT(refusal(server({"--refuse"}), 6), HasSubstr("no licence"));
  EXPECT_THAT(refusal(server({"--old"}), 6), HasSubstr("1999-01-01"));
  for (const char* shared : {"--verbose", "--shared"}) {
    EXPECT_THAT(refusal({"--name", "a", "--timeout", "0.3", shared}, server({"--hang"}), 5),
                HasSubstr("stdio_server' did not answer initialize in time (--timeout)"));
  }
}

TEST_F(ExposeRefusals, ABrokerThatIsNotThere) {
  EXPECT_THAT(refusal({"--name", "a", "--broker", "mqtt://127.0.0.1:1"}, server(), 3),
              AllOf(HasSubstr("mqtt://127.0.0.1:1"), HasSubstr("--broker")));
}

TEST_F(ExposeRefusals, CtrlCEndsItWhileTheProgramStarts) {
  const auto starting = start({"--name", "a"}, server({"--hang"}));
  ASSERT_TRUE(starting->wait_for_output("]: up", patience));
  starting->signal(SIGINT);
  EXPECT_EQ(Garden::end_of(*starting).code, 130);
}

}  // namespace
}  // namespace mcp_mqtt::test
