#include "mcp-mqtt/settings.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <sys/stat.h>

#include "mcp-mqtt/failure.hpp"
#include "support/temp_directory.hpp"

namespace mcp_mqtt::command_line {
namespace {

using test::TempDirectory;
using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Settings settings_of(const ConnectionFlags& flags, Variables variables = {}) {
  return make_settings(flags, environment(std::move(variables)));
}

std::string why_refused(const ConnectionFlags& flags, Variables variables = {}) {
  try {
    return "taken: " + settings_of(flags, std::move(variables)).broker_name;
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::usage);
    return failure.what();
  }
}

TEST(CommandLineSettings, FlagComesBeforeVariableBeforeFile) {
  const TempDirectory home;
  std::filesystem::create_directory(home.path() / "mcp-mqtt");
  home.write("mcp-mqtt/config.json", R"({"broker": "mqtt://file"})");
  const Variables xdg{{"XDG_CONFIG_HOME", home.path().string()}};
  Variables both = xdg;
  both["MCP_MQTT_BROKER"] = "mqtt://variable";
  EXPECT_EQ(settings_of({}).broker, "mqtt://127.0.0.1:1883");
  EXPECT_EQ(settings_of({}, xdg).broker, "mqtt://file");
  EXPECT_EQ(settings_of({}, both).broker, "mqtt://variable");
  EXPECT_EQ(settings_of({.broker = "mqtt://flag"}, both).broker, "mqtt://flag");
}

TEST(CommandLineSettings, TheFileLiesInTheHomeDirectoryToo) {
  const TempDirectory home;
  std::filesystem::create_directories(home.path() / ".config/mcp-mqtt");
  home.write(".config/mcp-mqtt/config.json", R"({"broker": "mqtt://home"})");
  EXPECT_EQ(settings_of({}, {{"HOME", home.path().string()}}).broker, "mqtt://home");
}

TEST(CommandLineSettings, PasswordsComeFromFilesAndVariables) {
  const TempDirectory folder;
  const std::string file = folder.write("password", "of the file\n");
  EXPECT_EQ(settings_of({.username = "u", .password_file = file}).connection.password,
            "of the file");
  const Settings settings =
      settings_of({}, {{"MCP_MQTT_USERNAME", "u"}, {"MCP_MQTT_PASSWORD", "of the variable"}});
  EXPECT_EQ(settings.connection.username, "u");
  EXPECT_EQ(settings.connection.password, "of the variable");
  EXPECT_EQ(settings_of({}, {{"MCP_MQTT_BROKER", "mqtt://u:secret@host"}}).broker_name,
            "mqtt://host");
}

TEST(CommandLineSettings, APasswordOnTheCommandLineIsRefusedAndNotRepeated) {
  const std::string message = why_refused({.broker = "mqtt://u:secret@host"});
  EXPECT_NE(message.find("must not hold a password"), std::string::npos) << message;
  EXPECT_EQ(message.find("secret"), std::string::npos) << message;
}

TEST(CommandLineSettings, WarnsOfFilesWithPasswordsThatOthersCanRead) {
  const TempDirectory folder;
  const std::string config = folder.write("c.json", R"({"username": "u", "password": "secret"})");
  EXPECT_TRUE(settings_of({.config = config}).warnings.empty());
  ASSERT_EQ(::chmod(config.c_str(), 0644), 0);
  const auto warnings = settings_of({.config = config}).warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("chmod 600"), std::string::npos) << warnings[0];
  EXPECT_EQ(warnings[0].find("secret"), std::string::npos) << warnings[0];
  const std::string without = folder.write("d.json", R"({"broker": "mqtt://host"})");
  ASSERT_EQ(::chmod(without.c_str(), 0644), 0);
  EXPECT_TRUE(settings_of({.config = without}).warnings.empty());
  const std::string password = folder.write("password", "secret");
  ASSERT_EQ(::chmod(password.c_str(), 0640), 0);
  EXPECT_EQ(settings_of({.password_file = password}).warnings.size(), 1U);
}

TEST(CommandLineSettings, NoBrokerGetsThePasswordOfAnother) {
  const TempDirectory folder;
  const std::string config =
      folder.write("c.json", R"({"broker": "mqtt://own", "username": "u", "password": "p"})");
  EXPECT_EQ(settings_of({.config = config}).connection.password, "p");
  EXPECT_EQ(settings_of({.broker = "mqtt://own:1883", .config = config}).connection.password, "p");
  const Settings other = settings_of({.broker = "mqtt://other", .config = config});
  EXPECT_EQ(other.connection.username, "");
  EXPECT_EQ(other.connection.password, "");
}

TEST(CommandLineSettings, TakesTlsAndTransportFromTheFile) {
  const TempDirectory folder;
  const std::string config = folder.write("c.json", R"({"broker": "mqtts://host",
      "ca_file": "ca.pem", "certificate_file": "/etc/me.pem", "key_file": "me.key",
      "transport": "paho"})");
  const ConnectionOptions connection = settings_of({.config = config}).connection;
  EXPECT_EQ(connection.tls.ca_file, folder.file("ca.pem"));
  EXPECT_EQ(connection.tls.certificate_file, "/etc/me.pem");
  EXPECT_EQ(connection.tls.key_file, folder.file("me.key"));
  EXPECT_EQ(connection.transport, mqtt::TransportKind::paho);
}

TEST(CommandLineSettings, SaysWhatIsWrongAndWhatWouldBeRight) {
  const TempDirectory folder;
  const auto config = [&](const char* text) {
    return why_refused({.config = folder.write("c.json", text)});
  };
  EXPECT_NE(config("{").find("is no JSON object such as"), std::string::npos);
  EXPECT_NE(config(R"({"brokr": ""})").find("unknown key 'brokr'; there are broker, "),
            std::string::npos);
  EXPECT_NE(config(R"({"password": 5})").find("has no text for 'password'"), std::string::npos);
  EXPECT_NE(config(R"({"broker": "host"})").find("mqtt://localhost:1883"), std::string::npos);
  EXPECT_NE(why_refused({.config = folder.file("none")}).find("cannot read file"),
            std::string::npos);
  EXPECT_NE(why_refused({.password_file = folder.file("none")}).find("No such file"),
            std::string::npos);
  EXPECT_EQ(why_refused({.transport = "pigeon"}),
            "there is no transport 'pigeon': automatic, paho or mosquitto");
  EXPECT_EQ(why_refused({.certificate_file = "me.pem"}),
            "a client certificate needs its key: --key FILE");
  EXPECT_NE(why_refused({.ca_file = "ca.pem"}).find("--ca-file is for mqtts://"),
            std::string::npos);
  EXPECT_EQ(why_refused({}, {{"MCP_MQTT_BROKER", "host"}}).find("MCP_MQTT_BROKER: "), 0U);
}

}  // namespace
}  // namespace mcp_mqtt::command_line
