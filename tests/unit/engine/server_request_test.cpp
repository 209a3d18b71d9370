#include "server_harness.hpp"

// Requests other than tools/call, and payloads that are none.
namespace mcp_mqtt::engine::test {
namespace {

class ServerRequests : public ::testing::Test {
 protected:
  ServerRequests() { server.bring_online(); }
  ServerHarness server;
};

TEST_F(ServerRequests, BeforeInitializedOnlyPingAndTheListAreAnswered_T22) {
  server.handshake("c1");
  server.send("c1", request_json(2, "ping"));
  EXPECT_EQ(server.expect_result("c1", 2), Json::object());
  server.send("c1", request_json(3, "tools/list"));
  EXPECT_EQ(server.expect_result("c1", 3)["tools"].size(), 1U);
  server.send("c1", ServerHarness::call_body(4));
  server.expect_error("c1", 4, error_code::invalid_request);
  server.send("c1", request_json(5, "resources/list"));
  server.expect_error("c1", 5, error_code::invalid_request);
  server.actions.expect_nothing();
}

TEST_F(ServerRequests, PingIsAnswered_T44) {
  server.open_session("c1");
  server.send_text("c1", R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  EXPECT_EQ(server.expect_result("c1", "p"), Json::object());
}

TEST_F(ServerRequests, UnknownMethod) {
  server.open_session("c1");
  server.send("c1", request_json(2, "no/such"));
  EXPECT_NE(server.expect_error("c1", 2, error_code::method_not_found).find("no/such"),
            std::string::npos);
}

TEST_F(ServerRequests, LongNamesAreCutBetweenCharacters) {
  server.open_session("c1");
  for (const std::size_t length : {98, 99, 100, 138, 139, 140}) {
    const std::string name = std::string(length, 'x') + "\xc3\xa9\xc3\xa9\xc3\xa9";
    server.send("c1", request_json(2, name));
    server.expect_error("c1", 2, error_code::method_not_found);
    server.send("c1", ServerHarness::call_body(3, name));
    server.expect_error("c1", 3, error_code::invalid_params);
  }
  ServerHarness provisional;
  provisional.bring_online();
  provisional.handshake("c1");
  provisional.send("c1", request_json(2, std::string(99, 'x') + "\xc3\xa9"));
  provisional.expect_error("c1", 2, error_code::invalid_request);
}

TEST_F(ServerRequests, ListRefusesACursor) {
  server.open_session("c1");
  server.send("c1", request_json(2, "tools/list", {{"cursor", "page-2"}}));
  server.expect_error("c1", 2, error_code::invalid_params);
  server.send("c1", request_json(3, "tools/list", {{"cursor", nullptr}}));
  EXPECT_EQ(server.expect_result("c1", 3)["tools"][0]["name"], "echo");
}

TEST_F(ServerRequests, ListFollowsTheToolsAndTheRevision) {
  ToolDefinition titled = echo_tool("another");
  titled.tool.title = "Another";
  server.add(titled);
  server.open_session("old", "2024-11-05");
  server.open_session("new", "2025-11-25");
  server.send("old", request_json(2, "tools/list"));
  const Json old_list = server.expect_result("old", 2)["tools"];
  EXPECT_EQ(old_list[0]["name"], "another");
  EXPECT_FALSE(old_list[0].contains("title"));
  server.send("new", request_json(2, "tools/list"));
  EXPECT_EQ(server.expect_result("new", 2)["tools"][0]["title"], "Another");
  EXPECT_TRUE(server.remove_tool("another"));
  server.actions.expect_method(ServerHarness::capability(), "notifications/tools/list_changed");
  EXPECT_FALSE(server.remove_tool("another"));
  server.actions.expect_nothing();
  server.send("new", request_json(3, "tools/list"));
  EXPECT_EQ(server.expect_result("new", 3)["tools"].size(), 1U);
}

TEST_F(ServerRequests, MalformedPayloads) {
  server.open_session("c1");
  const auto expect = [&](const std::string& payload, const Json& id, int code) {
    server.send_text("c1", payload);
    server.expect_error("c1", id, code);
  };
  expect("", nullptr, error_code::parse_error);
  expect("{\"jsonrpc\":", nullptr, error_code::parse_error);
  expect("\xff\xfe", nullptr, error_code::parse_error);
  expect(std::string(70, '[') + std::string(70, ']'), nullptr, error_code::parse_error);
  expect("[]", nullptr, error_code::invalid_request);
  expect("1", nullptr, error_code::invalid_request);
  expect(R"({"id":1,"method":"ping"})", 1, error_code::invalid_request);
  expect(R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", nullptr, error_code::invalid_request);
  expect(R"({"jsonrpc":"2.0","id":null,"method":"ping"})", nullptr, error_code::invalid_request);
  expect(R"({"jsonrpc":"2.0","id":1,"method":7})", 1, error_code::invalid_request);
  expect(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})", 1, error_code::invalid_request);
  server.actions.expect_nothing();
}

TEST_F(ServerRequests, AnswersAreNeverAnswered) {
  server.open_session("c1");
  for (const char* payload : {R"({"jsonrpc":"2.0","id":1,"result":{}})",
                              R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}})",
                              R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}})",
                              R"({"jsonrpc":"2.0","result":{}})", R"({"id":1,"result":{}})",
                              R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})"}) {
    server.send_text("c1", payload);
    server.actions.expect_nothing();
  }
}

TEST_F(ServerRequests, UnknownNotificationsAreIgnored) {
  server.open_session("c1");
  server.send("c1", notification_json("notifications/whatever"));
  server.actions.expect_nothing();
}

TEST_F(ServerRequests, AnotherSenderOnTheTopicIsDropped_T4) {
  server.open_session("c1");
  server.deliver(message_of("c2", ServerHarness::rpc("c1"), request_json(2, "ping").dump()));
  server.deliver(message_of("c2", ServerHarness::rpc("c1"),
                            notification_json("notifications/disconnected").dump()));
  server.actions.expect_nothing();
  EXPECT_EQ(server.engine.clients().size(), 1U);
  server.deliver(message_of("", ServerHarness::rpc("c1"), request_json(3, "ping").dump()));
  server.expect_result("c1", 3);  // peers without user properties exist
}

TEST_F(ServerRequests, AnswersCarryTheServersProperties_T4) {
  server.open_session("c1");
  server.send("c1", request_json(2, "ping"));
  const auto answer = server.actions.next<Publish>();
  EXPECT_FALSE(answer.message.retain);
  EXPECT_EQ(property(answer.message.user_properties, "MCP-COMPONENT-TYPE"), "mcp-server");
  EXPECT_EQ(property(answer.message.user_properties, "MCP-MQTT-CLIENT-ID"), "s1");
}

TEST_F(ServerRequests, SessionsDoNotMix) {
  server.open_session("c1");
  server.open_session("c2");
  const auto first = server.start_call("c1", 2);
  const auto second = server.start_call("c2", 2);  // the same id, another session
  server.finish(second, text_result("two"));
  EXPECT_EQ(server.expect_result("c2", 2)["content"][0]["text"], "two");
  server.finish(first, text_result("one"));
  EXPECT_EQ(server.expect_result("c1", 2)["content"][0]["text"], "one");
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
