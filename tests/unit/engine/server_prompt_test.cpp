#include <mcp_mqtt/schema/argument_error.hpp>

#include "server_harness.hpp"

// prompts/list and prompts/get on the server's side.
namespace mcp_mqtt::engine::test {
namespace {

class ServerPrompts : public ::testing::Test {
 protected:
  ServerPrompts() {
    PromptDefinition review =
        echo_prompt("review", {{"code", "Code", "what to review", true}, {"style", "", "", false}});
    review.prompt.title = "Review";
    review.prompt.description = "reviews code";
    server.add(review);
    server.add(echo_prompt("hello"));
    server.bring_online();
    server.open_session("c1");
  }
  void change_quietly(const std::function<void()>& change) {
    change();
    server.acknowledge(server.actions.expect_publish(ServerHarness::capability()));
  }
  /// The prompt's handler, which answers with its arguments.
  Json get(const Json& id, const Json& params) {
    const Json result = server.ask_handler("c1", id, "prompts/get", params);
    return Json::parse(result.at("messages")[0].at("content").at("text").get<std::string>());
  }

  ServerHarness server;
};

TEST_F(ServerPrompts, AreListedByName) {
  EXPECT_EQ(server.ask_server("c1", 2, "prompts/list"), Json::parse(R"({"prompts":[
    {"name":"hello"},
    {"name":"review","title":"Review","description":"reviews code","arguments":[
      {"name":"code","title":"Code","description":"what to review","required":true},
      {"name":"style"}]}]})"));
}

TEST_F(ServerPrompts, HaveNoTitleBefore2025_06_18) {
  server.open_session("c2", "2025-03-26");
  const Json review = server.ask_server("c2", 2, "prompts/list")["prompts"][1];
  EXPECT_FALSE(review.contains("title")) << review;
  EXPECT_FALSE(review["arguments"][0].contains("title")) << review;
}

TEST_F(ServerPrompts, GetRunsTheHandler) {
  server.send("c1", request_json(2, "prompts/get",
                                 {{"name", "review"},
                                  {"arguments", {{"code", "x = 1"}}},
                                  {"_meta", {{"progressToken", 7}}}}));
  const auto run = server.actions.next<RunHandler>();
  EXPECT_EQ(run.method, "prompts/get");
  EXPECT_EQ(run.name, "review");
  server.progress(run.call, {1, 2});
  EXPECT_EQ(server.expect_notice("c1", "notifications/progress"),
            (Json{{"progressToken", 7}, {"progress", 1.0}, {"total", 2.0}}));
  server.run(run);
  EXPECT_EQ(server.expect_result("c1", 2), Json::parse(R"({"messages":[
    {"role":"user","content":{"type":"text","text":"{\"code\":\"x = 1\"}"}}]})"));
}

TEST_F(ServerPrompts, ArgumentsMayBeMissingOrNull) {
  EXPECT_EQ(get(2, {{"name", "hello"}}), Json::object());
  EXPECT_EQ(get(3, {{"name", "hello"}, {"arguments", nullptr}}), Json::object());
  EXPECT_EQ(get(4, {{"name", "hello"}, {"arguments", {{"more", "x"}}}}), (Json{{"more", "x"}}));
}

TEST_F(ServerPrompts, AllThatIsWrongWithTheArgumentsIsNamed) {
  const auto refused = [&](const Json& params) {
    return server.ask_refused("c1", 2, "prompts/get", params, error_code::invalid_params);
  };
  EXPECT_NE(refused({{"name", "review"}}).find("'code'"), std::string::npos);
  const auto both = refused({{"name", "review"}, {"arguments", {{"style", 7}}}});
  EXPECT_NE(both.find("'code'"), std::string::npos) << both;
  EXPECT_NE(both.find("'style'"), std::string::npos) << both;
  refused({{"name", "review"}, {"arguments", Json::array({"x"})}});
  refused({{"name", "review"}, {"arguments", "x"}});
  EXPECT_NE(refused({{"name", "nothing"}}).find("nothing"), std::string::npos);
  EXPECT_NE(refused(Json::object()).find("name"), std::string::npos);
  refused({{"name", 7}});
  server.actions.expect_nothing();
}

TEST_F(ServerPrompts, FailuresOfTheHandler) {
  PromptDefinition picky = echo_prompt("picky");
  picky.handler = [](const Json&, RequestContext&) -> GetPromptResult {
    throw ArgumentError("argument 'depth': a number is needed");
  };
  PromptDefinition broken = echo_prompt("broken");
  broken.handler = [](const Json&, RequestContext&) -> GetPromptResult {
    throw std::runtime_error("no templates on disk");
  };
  change_quietly([&] { server.add(picky); });
  change_quietly([&] { server.add(broken); });
  server.send("c1", request_json(2, "prompts/get", {{"name", "picky"}}));
  server.run(server.actions.next<RunHandler>());
  EXPECT_EQ(server.expect_error("c1", 2, error_code::invalid_params),
            "argument 'depth': a number is needed");
  server.send("c1", request_json(3, "prompts/get", {{"name", "broken"}}));
  server.run(server.actions.next<RunHandler>());
  EXPECT_EQ(server.expect_error("c1", 3, error_code::internal_error), "no templates on disk");
  EXPECT_EQ(get(4, {{"name", "hello"}}), Json::object());
}

TEST_F(ServerPrompts, RemovedWhileItRunsIsStillAnswered) {
  server.send("c1", request_json(2, "prompts/get", {{"name", "hello"}}));
  const auto run = server.actions.next<RunHandler>();
  change_quietly([&] { server.remove_prompt("hello"); });
  server.run(run);
  server.expect_result("c1", 2);
  server.ask_refused("c1", 3, "prompts/get", {{"name", "hello"}}, error_code::invalid_params);
}

TEST_F(ServerPrompts, WithoutAnyLeftTheListIsEmpty) {
  change_quietly([&] { server.remove_prompt("hello"); });
  change_quietly([&] { server.remove_prompt("review"); });
  EXPECT_EQ(server.ask_server("c1", 2, "prompts/list"), (Json{{"prompts", Json::array()}}));
}

TEST_F(ServerPrompts, NamesAndArgumentsAreCheckedWhenAdded) {
  PromptRegistry prompts;
  EXPECT_TRUE(prompts.add(echo_prompt("a")));
  const auto refused = [&](const PromptDefinition& prompt) {
    const auto added = prompts.add(prompt);
    return !added && added.error().kind == ErrorKind::invalid_argument;
  };
  EXPECT_TRUE(refused(echo_prompt("a")));
  EXPECT_TRUE(refused(echo_prompt("")));
  EXPECT_TRUE(refused(echo_prompt("b", {{"x"}, {"x"}})));
  EXPECT_TRUE(refused(echo_prompt("b", {{""}})));
  PromptDefinition idle = echo_prompt("b");
  idle.handler = nullptr;
  EXPECT_TRUE(refused(idle));
  EXPECT_TRUE(prompts.add(echo_prompt("a", {{"x"}}), true));
  EXPECT_EQ(prompts.find("a")->prompt.arguments.size(), 1U);
  EXPECT_FALSE(prompts.remove("b"));
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
