#include <atomic>
#include <thread>

#include "integration/faces/site.hpp"

// Tools over sessions: list, call, errors, progress, cancellation, timeouts, many at once.
namespace mcp_mqtt::test {
namespace {

class Calls : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<McpServer>(server_options("desk-1"));
    add_desk_tools(*server_);
    endless_.add_to(*server_);
    server_->start(url());
    client_ = std::make_unique<McpClient>(client_options());
    client_->connect(url());
    desk_ = client_->open("desk/companion", {.timeout = patience});
  }

  EndlessTool endless_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession desk_;
};

TEST_P(Calls, InitializeNegotiatesAndTellsWhoTheServerIs) {
  EXPECT_TRUE(desk_.is_open());
  EXPECT_EQ(desk_.revision(), Revision::v2025_11_25);
  EXPECT_EQ(desk_.server_info().name, "desk/companion");
  EXPECT_EQ(desk_.server_info().version, "1.2.3");
  EXPECT_TRUE(desk_.capabilities().tools);
  EXPECT_EQ(desk_.instance().server_id, "desk-1");
  EXPECT_EQ(desk_.instance().description, "A desk");
}

TEST_P(Calls, ListsToolsInTheOrderOfTheirNames) {
  const auto tools = desk_.list_tools();
  ASSERT_EQ(tools.size(), 3U);
  EXPECT_EQ(tools[0].name, "count");
  EXPECT_EQ(tools[1].name, "endless");
  EXPECT_EQ(tools[2].name, "set_volume");
  EXPECT_EQ(tools[2].input_schema["properties"]["volume"]["maximum"], 100);
}

TEST_P(Calls, CallsATool) {
  const auto result = desk_.call_tool("set_volume", {{"volume", 30}});
  EXPECT_EQ(result.text(), "volume is 30");
  EXPECT_FALSE(result.is_error);
}

TEST_P(Calls, BadArgumentsSayWhichAndWhy) {
  const auto result = desk_.call_tool("set_volume", {{"volume", 130}});
  EXPECT_TRUE(result.is_error);
  EXPECT_EQ(result.text(), "argument 'volume': 130 is above the maximum 100");
  EXPECT_EQ(desk_.call_tool("set_volume").text(), "argument 'volume' is missing");
}

TEST_P(Calls, AnUnknownToolIsInvalidParams) {
  const Error error = error_of([&] { desk_.call_tool("no_such_tool"); });
  EXPECT_EQ(error.kind, ErrorKind::rpc);
  EXPECT_EQ(error.code, error_code::invalid_params);
  EXPECT_NE(error.message.find("no_such_tool"), std::string::npos);
}

TEST_P(Calls, AnUnknownMethodIsMethodNotFound) {
  const Error error = error_of([&] { desk_.request("no/such/method"); });
  EXPECT_EQ(error.code, error_code::method_not_found);
}

TEST_P(Calls, AToolThatThrowsFailsAndTheServerGoesOn) {
  server_->add_tool("throws", "Always fails",
                    []() -> std::string { throw std::runtime_error("it failed on purpose"); });
  const auto result = desk_.call_tool("throws");
  EXPECT_TRUE(result.is_error);
  EXPECT_EQ(result.text(), "it failed on purpose");
  EXPECT_EQ(desk_.call_tool("set_volume", {{"volume", 1}}).text(), "volume is 1");
}

TEST_P(Calls, ToolsComeAndGoWhileTheServerRuns) {
  server_->add_tool("extra", "Added late", [] { return "late"; });
  EXPECT_EQ(desk_.call_tool("extra").text(), "late");
  EXPECT_TRUE(server_->remove_tool("extra"));
  EXPECT_FALSE(server_->remove_tool("extra"));
  EXPECT_EQ(error_of([&] { desk_.call_tool("extra"); }).code, error_code::invalid_params);
}

TEST_P(Calls, AnInlineToolAnswers) {
  auto tool = typed_tool("inline", "Runs without a worker", [] { return "inline"; });
  tool.run_inline = true;
  server_->add_tool(std::move(tool));
  EXPECT_EQ(desk_.call_tool("inline").text(), "inline");
}

TEST_P(Calls, RawToolsGetTheirArgumentsAsTheyCome) {
  server_->add_tool(Tool{.name = "raw", .input_schema = {{"type", "object"}}},
                    [](const Json& arguments) { return arguments.dump(); });
  EXPECT_EQ(desk_.call_tool("raw", {{"any", {1, 2}}}).text(), R"({"any":[1,2]})");
}

TEST_P(Calls, ProgressComesInOrderBeforeTheResult) {
  const EventLog<Progress> reports;
  const auto result = desk_.call_tool(
      "count", {{"to", 20}}, {.on_progress = [reports](auto& step) { reports.push(step); }});
  EXPECT_EQ(result.text(), "counted to 20");
  // All of it has been told when the call returns.
  ASSERT_GE(reports.size(), 1U);
  EXPECT_EQ(reports.all().back().progress, 20);
  double last = 0;
  for (const Progress& step : reports.all()) {
    EXPECT_GT(step.progress, last);
    EXPECT_EQ(step.total, 20.0);
    last = step.progress;
  }
  EXPECT_EQ(reports.all().back().message, "step 20");
}

TEST_P(Calls, CancelEndsTheCallAndTheHandler) {
  const Outcome<CallToolResult> outcome;
  const auto call = desk_.async_call_tool("endless", {}, {}, outcome.callback());
  ASSERT_TRUE(endless_.wait_until_started());
  call.cancel("no longer wanted");
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::cancelled));
  EXPECT_TRUE(endless_.wait_until_cancelled());
  EXPECT_EQ(outcome.times_called(), 1U);
}

TEST_P(Calls, AStopTokenCancelsABlockingCall) {
  std::stop_source stop;
  std::thread canceller([&] {
    EXPECT_TRUE(endless_.wait_until_started());
    stop.request_stop();
  });
  const Error error = error_of([&] { desk_.call_tool("endless", {}, {.stop = stop.get_token()}); });
  canceller.join();
  EXPECT_EQ(error.kind, ErrorKind::cancelled);
  EXPECT_TRUE(endless_.wait_until_cancelled());
}

TEST_P(Calls, ATimeoutEndsTheCallAndTellsTheServer) {
  const Error error = error_of([&] { desk_.call_tool("endless", {}, {.timeout = 50ms}); });
  EXPECT_EQ(error.kind, ErrorKind::timeout);
  EXPECT_NE(error.message.find("tools/call"), std::string::npos);
  EXPECT_TRUE(endless_.wait_until_cancelled());
}

TEST_P(Calls, PingMeasuresTheRoundTrip) {
  EXPECT_GT(desk_.ping().count(), 0);
  const Outcome<std::chrono::microseconds> outcome;
  desk_.async_ping({}, outcome.callback());
  EXPECT_TRUE(succeeded(outcome.wait()));
}

TEST_P(Calls, ManyCallsAtOnceEachHaveOneOutcome) {
  constexpr int count = 60;  // below the server's limit per session
  const EventLog<std::string> answers;
  for (int i = 0; i < count; ++i) {
    desk_.async_call_tool("set_volume", {{"volume", i}}, {}, [answers](auto result) {
      answers.push(result ? result->text() : result.error().message);
    });
  }
  ASSERT_TRUE(answers.wait_for_count(count));
  auto all = answers.all();
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  for (const auto& answer : all) EXPECT_EQ(answer.rfind("volume is ", 0), 0U) << answer;
}

TEST_P(Calls, BeyondTheLimitOfASessionTheServerIsBusy) {
  const EventLog<Result<CallToolResult>> outcomes;
  std::vector<PendingCall> calls;
  for (int i = 0; i < 65; ++i) {
    calls.push_back(desk_.async_call_tool(
        "endless", {}, {}, [outcomes](auto result) { outcomes.push(std::move(result)); }));
  }
  const auto refused = outcomes.take();
  ASSERT_TRUE(refused);
  ASSERT_TRUE(failed_with(*refused, ErrorKind::rpc));
  EXPECT_EQ(refused->error().code, error_code::server_busy);
  for (const auto& call : calls) call.cancel();
  EXPECT_TRUE(outcomes.wait_for_count(64));
}

TEST_P(Calls, EachClientHasASessionOfItsOwn) {
  McpClient other(client_options());
  other.connect(url());
  const auto second = other.open("desk/companion", {.timeout = patience});
  EXPECT_NE(second.client_id(), desk_.client_id());
  EXPECT_EQ(second.call_tool("set_volume", {{"volume", 2}}).text(), "volume is 2");
  EXPECT_EQ(desk_.call_tool("set_volume", {{"volume", 3}}).text(), "volume is 3");
  EXPECT_EQ(server_->clients().size(), 2U);
}

TEST_P(Calls, CallbacksMayCallAndWait) {
  const EventLog<std::string> answers;
  desk_.async_call_tool("set_volume", {{"volume", 1}}, {}, [&, answers](auto) {
    answers.push(desk_.call_tool("set_volume", {{"volume", 2}}).text());
  });
  EXPECT_EQ(answers.take(), "volume is 2");
}

TEST_P(Calls, WhatCannotBeSentFailsAloneAndNamesTheReason) {
  const Error bad_text = error_of([&] { desk_.call_tool("set_volume", {{"volume", "\xff\xfe"}}); });
  EXPECT_EQ(bad_text.kind, ErrorKind::invalid_argument);
  Json deep = 1;
  for (int i = 0; i < 200; ++i) deep = Json::array({std::move(deep)});
  const Error too_deep = error_of([&] { desk_.call_tool("set_volume", {{"volume", deep}}); });
  EXPECT_EQ(too_deep.kind, ErrorKind::too_large);
  EXPECT_EQ(desk_.call_tool("set_volume", {{"volume", 4}}).text(), "volume is 4");
}

TEST_P(Calls, AnAnswerThatCannotBeSentIsAnErrorAndNotASilence) {
  server_->add_tool("huge", "Beyond the limit", [] { return std::string(17 << 20, 'x'); });
  const Error error = error_of([&] { desk_.call_tool("huge"); });
  EXPECT_EQ(error.code, error_code::internal_error);
  EXPECT_EQ(desk_.call_tool("set_volume", {{"volume", 5}}).text(), "volume is 5");
}

TEST_P(Calls, EachSideSendsAsItChooses) {
  int number = 0;
  for (const mqtt::Qos qos : {mqtt::Qos::at_most_once, mqtt::Qos::exactly_once}) {
    ServerOptions serving = server_options({}, "desk/qos" + std::to_string(++number));
    serving.qos = qos;
    McpServer server(serving);
    add_desk_tools(server);
    server.start(url());
    ClientOptions calling = client_options();
    calling.qos = qos;
    McpClient client(calling);
    client.connect(url());
    const auto desk = client.open(server.name(), {.timeout = patience});
    EXPECT_EQ(desk.call_tool("set_volume", {{"volume", 6}}).text(), "volume is 6");
  }
}

MCP_MQTT_ON_EVERY_SITE(Calls);

}  // namespace
}  // namespace mcp_mqtt::test
