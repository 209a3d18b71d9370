#include "client_harness.hpp"

// Requests of a server to its client: which are taken, which are refused, and the answers.
namespace mcp_mqtt::engine::test {
namespace {

ClientConfig config_with_handlers() {
  ClientConfig config = client_config();
  config.capabilities.roots = config.capabilities.sampling = config.capabilities.elicitation = true;
  config.max_runs_per_session = 2;
  return config;
}

Json sampling_params() {
  return {{"messages",
           {{{"role", "user"}, {"content", {{"type", "text"}, {"text", "How are the plants?"}}}}}},
          {"maxTokens", 50}};
}

Json form_params() {
  return {
      {"message", "Who are you?"},
      {"requestedSchema", {{"type", "object"}, {"properties", {{"name", {{"type", "string"}}}}}}}};
}

class ClientAnswering : public ::testing::Test {
 protected:
  explicit ClientAnswering(ClientConfig config = config_with_handlers(),
                           std::string_view revision = "2025-11-25")
      : client(std::move(config)) {
    client.start();
    client.announce("s1");
    session = client.open_session(2, "s1", ClientHarness::initialize_result(revision));
  }

  void ask(const Json& id, const std::string& method, Json params = Json::object()) {
    client.answer("s1", request_json(id, method, std::move(params)));
  }
  int refusal(const Json& id) {
    const Json answer = client.expect_answer("s1", id);
    client.actions.expect_nothing();
    return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
  }

  ClientHarness client;
  SessionNumber session = 0;
};

TEST_F(ClientAnswering, HandlersRunAndTheirResultsAreAnswered) {
  ask(1, "roots/list");
  const auto roots = client.actions.next<RunRequest>();
  EXPECT_EQ(roots.session, session);
  EXPECT_TRUE(std::holds_alternative<ListRootsRequest>(roots.ask));
  ask("two", "sampling/createMessage", sampling_params());
  const auto sampling = client.actions.next<RunRequest>();
  EXPECT_EQ(std::get<CreateMessageRequest>(sampling.ask).max_tokens, 50);
  client.finish(sampling.call, Json{{"role", "assistant"}});
  EXPECT_EQ(client.expect_answer("s1", "two")["result"], (Json{{"role", "assistant"}}));
  client.finish(roots.call, Json{{"roots", Json::array()}});
  EXPECT_EQ(client.expect_answer("s1", 1)["result"], (Json{{"roots", Json::array()}}));
  ask(1, "elicitation/create", form_params());
  const auto form = client.actions.next<RunRequest>();
  EXPECT_EQ(std::get<ElicitRequest>(form.ask).message, "Who are you?");
  client.finish(form.call, Json{{"action", "decline"}});
  client.expect_answer("s1", 1);
  client.finish(form.call, Json{{"action", "accept"}});
  client.actions.expect_nothing();
}

TEST_F(ClientAnswering, WhatAHandlerThrowsIsItsAnswer) {
  ask(1, "roots/list");
  client.finish(client.actions.next<RunRequest>().call,
                error_of(ErrorKind::timeout, "the disk is away"));
  const Json internal = client.expect_answer("s1", 1);
  EXPECT_EQ(internal["error"], (Json{{"code", -32603}, {"message", "the disk is away"}}));
  ask(2, "roots/list");
  client.finish(client.actions.next<RunRequest>().call, rpc_error(-1, "the user said no", 7));
  EXPECT_EQ(client.expect_answer("s1", 2)["error"],
            (Json{{"code", -1}, {"message", "the user said no"}, {"data", 7}}));
}

TEST_F(ClientAnswering, BadParamsSayWhatIsWrong) {
  ask(1, "sampling/createMessage", {{"maxTokens", 5}});
  EXPECT_EQ(refusal(1), error_code::invalid_params);
  ask(2, "elicitation/create", {{"message", 5}});
  EXPECT_EQ(refusal(2), error_code::invalid_params);
}

TEST_F(ClientAnswering, UndeclaredModesAndToolsAreInvalid) {
  ask(1, "elicitation/create",
      {{"mode", "url"}, {"message", "Go"}, {"url", "https://x.example"}, {"elicitationId", "e"}});
  EXPECT_EQ(refusal(1), error_code::invalid_params);
  Json with_tools = sampling_params();
  with_tools["tools"] = {{{"name", "t"}, {"inputSchema", {{"type", "object"}}}}};
  ask(2, "sampling/createMessage", with_tools);
  EXPECT_EQ(refusal(2), error_code::invalid_params);
}

TEST_F(ClientAnswering, AnIdInFlightIsRefusedAndPingIsAnswered) {
  ask(1, "roots/list");
  const auto run = client.actions.next<RunRequest>();
  ask(1, "roots/list");
  EXPECT_EQ(refusal(1), error_code::invalid_request);
  ask(1, "ping");
  EXPECT_EQ(refusal(1), error_code::invalid_request);
  ask("1", "ping");
  EXPECT_EQ(refusal("1"), 0);
  client.finish(run.call, Json::object());
  client.expect_answer("s1", 1);
}

TEST_F(ClientAnswering, TooManyAtOnceAreBusyButPingIsNot) {
  ask(1, "roots/list");
  ask(2, "roots/list");
  client.actions.clear();
  ask(3, "roots/list");
  EXPECT_EQ(refusal(3), error_code::server_busy);
  ask(4, "ping");
  EXPECT_EQ(refusal(4), 0);
}

TEST_F(ClientAnswering, CancelledRequestGetsNoAnswer) {
  ask("a", "roots/list");
  const auto run = client.actions.next<RunRequest>();
  client.answer("s1", notification_json("notifications/cancelled", {{"requestId", "a"}}));
  EXPECT_EQ(client.actions.next<CancelRun>().call, run.call);
  client.answer("s1", notification_json("notifications/cancelled", {{"requestId", "a"}}));
  client.finish(run.call, Json::object());
  client.actions.expect_nothing();
  ask("a", "roots/list");
  client.actions.next<RunRequest>();
}

TEST_F(ClientAnswering, HandlersAreCancelledWithTheirSession) {
  ask(1, "roots/list");
  const auto run = client.actions.next<RunRequest>();
  client.close(session);
  EXPECT_EQ(client.actions.next<CancelRun>().call, run.call);
  client.actions.clear();
  client.finish(run.call, Json::object());
  client.actions.expect_nothing();
}

TEST_F(ClientAnswering, ProgressGoesToAServerThatAskedForIt) {
  Json params = sampling_params();
  params["_meta"] = {{"progressToken", "p"}};
  ask(1, "sampling/createMessage", params);
  const auto run = client.actions.next<RunRequest>();
  client.report_progress(run.call, {1, 3, "thinking"});
  client.report_progress(run.call, {1, 3, "again"});
  const Json sent = client.actions.expect_method(client.rpc("s1"), "notifications/progress");
  EXPECT_EQ(
      sent["params"],
      (Json{{"progressToken", "p"}, {"progress", 1.0}, {"total", 3.0}, {"message", "thinking"}}));
  client.actions.expect_nothing();
}

TEST_F(ClientAnswering, AnswerThatCannotBeSentIsAnError) {
  ask(1, "roots/list");
  client.finish(client.actions.next<RunRequest>().call, Json{{"roots", "\xff"}});
  EXPECT_EQ(client.expect_answer("s1", 1)["error"]["code"], error_code::internal_error);
  ask(2, "roots/list");
  client.finish(client.actions.next<RunRequest>().call, Json{{"roots", "large"}});
  client.acknowledge(client.actions.next<Publish>(), error_of(ErrorKind::too_large, "4 MB"));
  const Json answer = client.expect_answer("s1", 2);
  EXPECT_EQ(answer["error"]["message"], "the answer cannot be sent: 4 MB");
}

TEST_F(ClientAnswering, MalformedRequestIsAnsweredWhereItHasAnId) {
  client.deliver(
      message_of("s1", client.rpc("s1"), R"({"jsonrpc":"2.0","id":5,"method":"ping","params":7})"));
  EXPECT_EQ(client.expect_answer("s1", 5)["error"]["code"], error_code::invalid_request);
}

TEST(ClientAnswers, WhatWasNotDeclaredIsAnUnknownMethod) {
  ClientHarness client;
  client.start();
  client.announce("s1");
  client.open_session(2, "s1");
  for (const char* method :
       {"roots/list", "sampling/createMessage", "elicitation/create", "tasks/list"}) {
    client.answer("s1", request_json(method, method));
    EXPECT_EQ(client.expect_answer("s1", method)["error"]["code"], error_code::method_not_found)
        << method;
  }
}

TEST(ClientAnswers, ElicitationCameWith2025_06_18) {
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18"}) {
    ClientHarness client(config_with_handlers());
    client.start();
    client.announce("s1");
    client.open_session(2, "s1", ClientHarness::initialize_result(revision));
    client.answer("s1", request_json(1, "elicitation/create", form_params()));
    if (revision == std::string("2025-06-18")) {
      client.actions.next<RunRequest>();
    } else {
      EXPECT_EQ(client.expect_answer("s1", 1)["error"]["code"], error_code::method_not_found);
    }
  }
}

TEST(ClientAnswers, NothingButPingIsAnsweredBeforeTheSessionIsOpen) {
  ClientHarness client(config_with_handlers());
  client.start();
  client.announce("s1");
  client.open(2);
  client.expect_initialize("s1");
  client.answer("s1", request_json(1, "roots/list"));
  EXPECT_EQ(client.expect_answer("s1", 1)["error"]["code"], error_code::invalid_request);
  client.answer("s1", request_json(2, "ping"));
  EXPECT_TRUE(client.expect_answer("s1", 2).contains("result"));
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
