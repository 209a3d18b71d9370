#include "integration/faces/site.hpp"
#include "support/scripted_server.hpp"

// A client with servers that are odd, old, careless or hostile.
namespace mcp_mqtt::test {
namespace {

class ClientGuards : public ::testing::Test {
 protected:
  using Params = const Json&;

  void serve(const Json& capabilities, ScriptedServer::Script script) {
    server_ =
        std::make_unique<ScriptedServer>(broker_.make_transport(), capabilities, std::move(script));
    server_->start(mqtt::parse_broker_url("mqtt://loopback").value());
    ClientOptions options{.name = "host"};
    options.connection.make_transport = [this] { return broker_.make_transport(); };
    options.timeouts.total = 300ms;
    client_ = std::make_unique<McpClient>(options);
    client_->on_log([log = log_](const ClientSession&, const LoggingMessage& message) {
      if (message.data == 0) log.wait_for([](int told) { return told == -1; });
      log.push(message.data.get<int>());
    });
    client_->connect("mqtt://loopback");
    session_ = client_->open("scripted", {.timeout = patience});
  }

  mqtt::LoopbackBroker broker_;
  const EventLog<int> log_;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession session_;
};

TEST_F(ClientGuards, CursorsThatNeverEndAreAnError) {
  int page = 0;
  serve({{"tools", Json::object()}}, [&](const std::string&, Params) -> Json {
    return {{"tools", Json::array({{{"name", "t"}}})}, {"nextCursor", std::to_string(++page)}};
  });
  const Error error = error_of([&] { session_.list_tools(); });
  EXPECT_EQ(error.kind, ErrorKind::protocol_violation);
  EXPECT_EQ(error.message, "tools/list: the server's cursors never end");
  EXPECT_EQ(server_->received().size(), 1'001U);  // notifications/initialized too
}

TEST_F(ClientGuards, CursorsThatGoRoundAreAnErrorSoon) {
  serve({{"prompts", Json::object()}}, [](const std::string&, Params params) -> Json {
    const bool odd = params.value("cursor", "") == "a";
    return {{"prompts", Json::array()}, {"nextCursor", odd ? "b" : "a"}};
  });
  EXPECT_EQ(error_of([&] { session_.list_prompts(); }).kind, ErrorKind::protocol_violation);
  EXPECT_LE(server_->received().size(), 5U);
}

TEST_F(ClientGuards, ListsInTheFieldsWaysAreRead) {
  serve({{"resources", Json::object()}}, [](const std::string&, Params params) -> Json {
    if (!params.contains("cursor")) {
      return {{"contents", Json::array({{{"uri", "a://1"}, {"name", "1"}}, {{"name", "bad"}}})},
              {"nextCursor", 7}};
    }
    EXPECT_EQ(params["cursor"], 7);
    return {{"resources", Json::array({{{"uri", "a://2"}, {"name", "2"}}})}, {"nextCursor", ""}};
  });
  const auto resources = session_.list_resources();
  ASSERT_EQ(resources.size(), 2U);
  EXPECT_EQ(resources[0].uri, "a://1");
  EXPECT_EQ(resources[1].uri, "a://2");
}

TEST_F(ClientGuards, AListThatIsNoListIsAnError) {
  serve({{"prompts", Json::object()}}, [](const std::string&, Params) -> Json {
    return {{"prompts", "none"}};
  });
  EXPECT_EQ(error_of([&] { session_.list_prompts(); }).kind, ErrorKind::protocol_violation);
}

TEST_F(ClientGuards, CancellingAListEndsTheWalk) {
  std::stop_source stop;
  serve({{"tools", Json::object()}}, [&](const std::string&, Params) -> Json {
    stop.request_stop();
    return {{"tools", Json::array()}, {"nextCursor", "more"}};
  });
  EXPECT_EQ(error_of([&] { session_.list_tools({.stop = stop.get_token()}); }).kind,
            ErrorKind::cancelled);
}

TEST_F(ClientGuards, AFloodOfLogMessagesLosesTheOldestAndNotTheMemory) {
  serve({{"logging", Json::object()}},
        [](const std::string&, Params) -> Json { return Json::object(); });
  constexpr int count = 5'000;
  for (int i = 0; i < count; ++i) {  // the callback waits in the first one
    server_->notify("notifications/message", {{"level", "info"}, {"data", i}});
  }
  session_.ping();  // all have arrived
  log_.push(-1);
  ASSERT_TRUE(log_.wait_for([](int told) { return told == count - 1; }));
  EXPECT_LE(log_.size(), 1'100U);
}

TEST_F(ClientGuards, ProgressKeepsACallAliveUpToTheCap) {
  serve({{"tools", Json::object()}},
        [](const std::string&, Params) -> std::optional<Json> { return std::nullopt; });
  const Outcome<CallToolResult> outcome;
  session_.async_call_tool("slow", {}, {.timeout = 200ms, .reset_timeout_on_progress = true},
                           outcome.callback());
  const auto call =
      server_->received().wait_for([](const Json& sent) { return sent["method"] == "tools/call"; });
  ASSERT_TRUE(call);
  // It was asked for, though nobody listens.
  const Json token = (*call)["params"]["_meta"]["progressToken"];
  ASSERT_FALSE(token.is_null());
  for (int i = 1; !outcome.called(); ++i) {
    server_->notify("notifications/progress", {{"progressToken", token}, {"progress", i}});
    server_->received().wait_for([](const Json&) { return false; }, 10ms);
    ASSERT_LT(i, 10'000);
  }
  const Error error = outcome.wait().error();
  EXPECT_EQ(error.kind, ErrorKind::timeout);
  EXPECT_NE(error.message.find("within 0.3 s"), std::string::npos) << error.message;
  EXPECT_TRUE(server_->received().wait_for(
      [](const Json& sent) { return sent["method"] == "notifications/cancelled"; }));
}

TEST_F(ClientGuards, ATaskThatWasNotMadeIsAViolation) {
  serve({{"tools", Json::object()},
         {"tasks", {{"requests", {{"tools", {{"call", Json::object()}}}}}}}},
        [](const std::string&, Params) -> Json {
          return {{"content", Json::array()}};
        });
  EXPECT_EQ(error_of([&] { session_.call_tool_as_task("t"); }).kind, ErrorKind::protocol_violation);
}

}  // namespace
}  // namespace mcp_mqtt::test
