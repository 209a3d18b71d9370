#include "server_harness.hpp"

// logging/setLevel and notifications/message on the server's side.
namespace mcp_mqtt::engine::test {
namespace {

const std::string message = "notifications/message";

class ServerLogging : public ::testing::Test {
 protected:
  ServerLogging() {
    server.bring_online();
    server.open_session("c1");
    server.open_session("c2", "2024-11-05");
  }
  void set_level(const std::string& client, const std::string& level) {
    EXPECT_EQ(server.ask_server(client, 9, "logging/setLevel", {{"level", level}}), Json::object());
  }
  /// How many of the eight levels reach the client.
  std::size_t levels_heard(const std::string& client) {
    std::size_t heard = 0;
    for (int level = 0; level < 8; ++level) {
      server.log(client, {static_cast<LoggingLevel>(level), "", "x"});
      heard += server.actions.count<Publish>();
      server.actions.clear();
    }
    return heard;
  }

  ServerHarness server;
};

TEST_F(ServerLogging, TellsLevelLoggerAndData) {
  server.log("c1", {LoggingLevel::warning, "pump", {{"pressure", 3}}});
  EXPECT_EQ(server.expect_notice("c1", message),
            Json::parse(R"({"level":"warning","logger":"pump","data":{"pressure":3}})"));
  server.log("c1", {LoggingLevel::error, "", "text"});
  EXPECT_EQ(server.expect_notice("c1", message), Json::parse(R"({"level":"error","data":"text"})"));
  server.actions.expect_nothing();
}

TEST_F(ServerLogging, BeginsWithTheServersLevel) {
  EXPECT_EQ(levels_heard("c1"), 7U);  // all but debug
  ServerConfig config = server_config();
  config.log_level = LoggingLevel::alert;
  ServerHarness quiet(config);
  quiet.bring_online();
  quiet.open_session("c1");
  quiet.log("c1", {LoggingLevel::critical, "", "x"});
  quiet.actions.expect_nothing();
  quiet.log("c1", {LoggingLevel::alert, "", "x"});
  quiet.expect_notice("c1", message);
}

TEST_F(ServerLogging, EachLevelLetsThroughItselfAndWorse) {
  std::size_t expected = 8;
  for (const char* level :
       {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}) {
    set_level("c1", level);
    EXPECT_EQ(levels_heard("c1"), expected--) << level;
  }
}

TEST_F(ServerLogging, LevelsBelongToTheirSessions) {
  set_level("c1", "emergency");
  set_level("c2", "debug");
  server.log_to_all({LoggingLevel::debug, "", "to all"});
  EXPECT_EQ(server.expect_notice("c2", message)["data"], "to all");
  server.actions.expect_nothing();
}

TEST_F(ServerLogging, ProvisionalSessionsHearNothing) {
  server.handshake("c3");
  server.log_to_all({LoggingLevel::emergency, "", "x"});
  server.expect_notice("c1", message);
  server.expect_notice("c2", message);
  server.actions.expect_nothing();
  server.log("c3", {LoggingLevel::emergency, "", "x"});
  server.log("nobody", {LoggingLevel::emergency, "", "x"});
  server.actions.expect_nothing();
}

TEST_F(ServerLogging, BadLevelsAreRefusedAndChangeNothing) {
  for (const Json& params : {Json::object(), Json{{"level", "loud"}}, Json{{"level", 3}},
                             Json{{"level", "Error"}}, Json{{"level", nullptr}}}) {
    const auto text =
        server.ask_refused("c1", 2, "logging/setLevel", params, error_code::invalid_params);
    EXPECT_NE(text.find("warning"), std::string::npos) << text;
  }
  EXPECT_EQ(levels_heard("c1"), 7U);
}

TEST_F(ServerLogging, NotOffered) {
  ServerHarness silent;
  silent.change(FeatureList::none, [](Features& features) -> Result<void> {
    features.logging = false;
    return {};
  });
  silent.bring_online();
  EXPECT_FALSE(silent.handshake("c1")["result"]["capabilities"].contains("logging"));
  silent.initialized("c1");
  silent.actions.clear();
  silent.ask_refused("c1", 2, "logging/setLevel", {{"level", "debug"}},
                     error_code::method_not_found);
  silent.log("c1", {LoggingLevel::emergency, "", "x"});
  silent.actions.expect_nothing();
}

TEST_F(ServerLogging, ASecondInitializationBeginsWithTheServersLevel) {
  set_level("c1", "emergency");
  server.handshake("c1", 5);
  server.log("c1", {LoggingLevel::error, "", "x"});
  server.actions.expect_nothing();
  server.initialized("c1");
  server.actions.clear();
  EXPECT_EQ(levels_heard("c1"), 7U);
}

TEST_F(ServerLogging, WhatCannotBeWrittenIsLeftOut) {
  server.log("c1", {LoggingLevel::error, "", "\xff\xfe"});
  server.actions.expect_nothing();
  server.log("c1", {LoggingLevel::error, "", "fine"});
  server.expect_notice("c1", message);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
