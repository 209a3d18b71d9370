#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <thread>

#include "command_line/doctor_site.hpp"

// The doctor on a broker with an ACL: which denials it finds.
namespace mcp_mqtt::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A broker with the ACL that `mcp-mqtt acl` makes for a server and a client.
class CommandLineDoctorAcl : public DoctorSite {
 protected:
  void SetUp() override {
    DoctorSite::SetUp();
    if (IsSkipped()) return;
    ChildProcess process({MCP_MQTT_PROGRAM, "acl", "--server", "desk-1=desk/companion", "--client",
                          "host-1=desk/#"});
    acl = Garden::end_of(process).output;
    MosquittoOptions options;
    options.configuration =
        "allow_anonymous false\npassword_file FILE\nacl_file FILE\nlistener 1883\n"
        "use_username_as_clientid true\n";
    options.acl = acl;
    for (const char* user : {"desk-1", "host-1"}) {
      options.passwords[user] = "the password of " + std::string(user);
      files[user] = folder.write(user, options.passwords[user]);
    }
    start_broker(options);
  }

  Ran run_as(const std::string& side, const std::string& user, const std::string& peer,
             std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "--as",     side, "--username", user, "--name", "desk/companion", "--password-file",
        files[user]};
    if (!peer.empty()) {
      arguments.insert(arguments.end(),
                       {"--peer-username", peer, "--peer-password-file", files[peer]});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  /// Puts an ACL in force; the broker says when it did.
  void use_acl(const std::string& text) {
    const auto reloads = [this] {
      std::size_t count = 0;
      const std::string log = broker->log();
      for (std::size_t at = 0; (at = log.find("Reloading config", at)) != std::string::npos; ++at) {
        ++count;
      }
      return count;
    };
    const std::size_t before = reloads();
    broker->set_acl(text);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (reloads() == before && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    ASSERT_GT(reloads(), before);
  }

  std::string acl;
  std::map<std::string, std::string> files;
};

TEST_F(CommandLineDoctorAcl, FindsThatThePrintedAclIsEnough) {
  Ran ran = run_as("server", "desk-1", "host-1", {"--burst", "1100", "--count", "10"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(checks_with(ran, "skipped"), ElementsAre("broker version"));
  EXPECT_EQ(line_of(ran, "client id").seen, "the broker makes the user name the client id");
  EXPECT_THAT(line_of(ran, "retained burst").seen, HasSubstr("1010 of 1100 came"));
  ran = run_as("client", "host-1", "desk-1", {"--quick", "--count", "10"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(checks_with(ran, "skipped"), ElementsAre("broker version"));
}

TEST_F(CommandLineDoctorAcl, SaysWhatOneUserAloneCannotProve) {
  Ran ran = run_as("client", "host-1", "", {"--quick", "--count", "3"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(checks_with(ran, "skipped"),
              ElementsAre("broker version", "capability topic", "control topic", "presence topic"));
  EXPECT_THAT(line_of(ran, "presence topic").advice, HasSubstr("--peer-username"));
  ran = run_as("server", "desk-1", "", {"--quick", "--count", "3"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(checks_with(ran, "skipped"), ElementsAre("broker version", "client capability topic",
                                                       "client presence topic", "control topic"));
}

TEST_F(CommandLineDoctorAcl, NamesTheLineThatIsMissing) {
  // Each line of the file, and what fails without it: to be written, or to be heard.
  const std::map<std::string, std::set<std::string>> wanted{
      {"topic write $mcp-server/presence/desk-1/desk/companion", {"presence topic"}},
      {"topic write $mcp-server/capability/desk-1/desk/companion", {"capability topic"}},
      {"topic read $mcp-server/desk-1/desk/companion", {"control topic"}},
      {"topic readwrite $mcp-rpc/+/desk-1/desk/companion",
       {"RPC topic to server", "RPC topic to client"}},
      {"topic read $mcp-client/presence/+", {"client presence topic"}},
      {"topic read $mcp-client/capability/+", {"client capability topic"}},
      {"topic write $mcp-client/presence/host-1", {"client presence topic"}},
      {"topic write $mcp-client/capability/host-1", {"client capability topic"}},
      {"topic read $mcp-server/presence/+/desk/#", {"presence topic"}},
      {"topic read $mcp-server/capability/+/desk/#", {"capability topic"}},
      {"topic write $mcp-server/desk-1/desk/companion", {"control topic"}},
      {"topic readwrite $mcp-rpc/host-1/+/desk/#", {"RPC topic to server", "RPC topic to client"}},
  };
  std::istringstream text(acl);
  std::size_t tried = 0;
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("topic ")) continue;
    ASSERT_TRUE(wanted.contains(line)) << line;
    std::string without = acl;
    without.replace(without.find(line + '\n'), line.size() + 1, "");
    use_acl(without);
    const Ran ran =
        run_as("server", "desk-1", "host-1", {"--quick", "--count", "1", "--timeout", "2"});
    EXPECT_EQ(ran.code, 1) << line << '\n' << ran.output;
    EXPECT_EQ(checks_with(ran, "failed"), wanted.at(line)) << line << '\n' << ran.output;
    const DoctorLine finding = line_of(ran, *wanted.at(line).begin());
    const bool reading = line.starts_with("topic read ");
    EXPECT_THAT(finding.advice, HasSubstr(reading ? "topic read $mcp-" : "$mcp-"));
    EXPECT_THAT(finding.seen,
                HasSubstr(reading ? "hears nothing, though its subscription" : "$mcp-"));
    ++tried;
  }
  EXPECT_EQ(tried, wanted.size());
}

}  // namespace
}  // namespace mcp_mqtt::test
