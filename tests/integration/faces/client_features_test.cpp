#include "integration/faces/site.hpp"

// What a session offers beside tools: resources, prompts, completion, log messages, and the news of
// lists that change.
namespace mcp_mqtt::test {
namespace {

class ClientFeatures : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    ServerOptions options = server_options("desk-1");
    options.page_size = 2;
    options.list_changes = ChangeRoute::both;
    server_ = std::make_unique<McpServer>(options);
    server_->add_tool("talk", "Logs", [](RequestContext& context) {
      context.log(LoggingLevel::debug, "quiet", "desk");
      context.log(LoggingLevel::warning, Json{{"volume", 11}}, "desk");
      return "talked";
    });
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      server_->add_resource(
          Resource{.uri = std::string("plant://") + name, .name = name, .mime_type = "text/plain"},
          [name] { return std::string("soil of ") + name; });
    }
    server_->add_resource(Resource{.uri = "plant://picture", .name = "picture"}, [] {
      return std::vector<std::uint8_t>{0, 255, 7};
    });
    server_->add_resource_template(
        ResourceTemplate{.uri_template = "bed://{bed}/soil", .name = "soil"},
        [](const ResourceRequest& request) {
          return "soil of bed " + request.variables.at("bed");
        });
    server_->add_prompt("greet", "Greets", {arg("name", "Whom")},
                        [](const std::string& name) { return "Say hello to " + name; });
    server_->complete_prompt("greet", "name", [](const std::string&) {
      return std::vector<std::string>{"Ann", "Anton", "Bert"};
    });
    server_->start(url());
    client_ = std::make_unique<McpClient>(client_options());
    client_->on_log(
        [log = log_](const ClientSession&, const LoggingMessage& message) { log.push(message); });
    client_->on_tools_changed([changes = changes_](const auto&) { changes.push("tools"); });
    client_->on_resources_changed([changes = changes_](const auto&) { changes.push("resources"); });
    client_->on_prompts_changed([changes = changes_](const auto&) { changes.push("prompts"); });
    client_->connect(url());
    desk_ = client_->open("desk/companion", {.timeout = patience});
    desk_.ping();  // the server knows that the session is open
  }

  const EventLog<LoggingMessage> log_;
  const EventLog<std::string> changes_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession desk_;
};

TEST_P(ClientFeatures, AllPagesOfAListAreWalked) {
  const auto resources = desk_.list_resources();
  ASSERT_EQ(resources.size(), 6U);
  EXPECT_EQ(resources[0].uri, "plant://a");
  EXPECT_EQ(resources[0].mime_type, "text/plain");
  ASSERT_EQ(desk_.list_resource_templates().size(), 1U);
  EXPECT_EQ(desk_.list_resource_templates()[0].uri_template, "bed://{bed}/soil");
}

TEST_P(ClientFeatures, ResourcesAreRead) {
  EXPECT_EQ(desk_.read_resource("plant://b").text(), "soil of b");
  const auto picture = desk_.read_resource("plant://picture");
  ASSERT_EQ(picture.contents.size(), 1U);
  EXPECT_TRUE(picture.contents[0].binary);
  EXPECT_EQ(picture.contents[0].text, std::string("\0\xff\x07", 3));
  EXPECT_EQ(desk_.read_resource("bed://7/soil").text(), "soil of bed 7");
  const Error unknown = error_of([&] { desk_.read_resource("plant://none"); });
  EXPECT_EQ(unknown.code, error_code::resource_not_found);
  EXPECT_EQ(unknown.data["uri"], "plant://none");
}

TEST_P(ClientFeatures, PromptsAreListedMadeAndCompleted) {
  const auto prompts = desk_.list_prompts();
  ASSERT_EQ(prompts.size(), 1U);
  ASSERT_EQ(prompts[0].arguments.size(), 1U);
  EXPECT_TRUE(prompts[0].arguments[0].required);
  const auto greeting = desk_.get_prompt("greet", {{"name", "Ann"}});
  ASSERT_EQ(greeting.messages.size(), 1U);
  EXPECT_EQ(std::get<TextContent>(greeting.messages[0].content).text, "Say hello to Ann");
  EXPECT_EQ(error_of([&] { desk_.get_prompt("greet"); }).code, error_code::invalid_params);
  const auto names = desk_.complete({PromptReference{"greet"}, "name", "an"});
  EXPECT_EQ(names.values, (std::vector<std::string>{"Ann", "Anton"}));
}

TEST_P(ClientFeatures, AsyncCallsBringTheSame) {
  const Outcome<std::vector<Resource>> resources;
  desk_.async_list_resources({}, resources.callback());
  const Outcome<ReadResourceResult> contents;
  desk_.async_read_resource("plant://a", {}, contents.callback());
  const Outcome<GetPromptResult> prompt;
  desk_.async_get_prompt("greet", {{"name", "Bert"}}, {}, prompt.callback());
  const Outcome<void> level;
  desk_.async_set_logging_level(LoggingLevel::error, {}, level.callback());
  EXPECT_EQ(resources.wait().value().size(), 6U);
  EXPECT_EQ(contents.wait().value().text(), "soil of a");
  EXPECT_EQ(prompt.wait().value().messages.size(), 1U);
  EXPECT_TRUE(succeeded(level.wait()));
}

TEST_P(ClientFeatures, LogMessagesComeFromTheLevelOn) {
  desk_.set_logging_level(LoggingLevel::warning);
  desk_.call_tool("talk");
  const auto first = log_.take();
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, (LoggingMessage{LoggingLevel::warning, "desk", Json{{"volume", 11}}}));
  desk_.set_logging_level(LoggingLevel::debug);
  desk_.call_tool("talk");
  ASSERT_TRUE(log_.wait_for_count(2));
  EXPECT_EQ(log_.all()[0].level, LoggingLevel::debug);
}

TEST_P(ClientFeatures, ChangesOfListsAreToldOnceThoughTheyComeOnBothChannels_T40) {
  server_->add_resource(Resource{.uri = "plant://new", .name = "new"}, "new");
  EXPECT_EQ(changes_.take(), "resources");
  server_->add_prompt("bye", "Says goodbye", [] { return "Say goodbye"; });
  EXPECT_EQ(changes_.take(), "prompts");
  server_->remove_tool("talk");
  EXPECT_EQ(changes_.take(), "tools");
  desk_.ping();
  EXPECT_EQ(changes_.size(), 0U);
}

TEST_P(ClientFeatures, WhatTheServerDidNotDeclareFailsBeforeItIsSent) {
  ServerOptions options = server_options("bare-1", "bare");
  options.offers = {.tools = false, .logging = false};
  McpServer bare(options);
  bare.start(url());
  const auto session = client_->open("bare", {.timeout = patience});
  const std::pair<std::function<void()>, std::string> calls[] = {
      {[&] { session.list_tools(); }, "tools"},
      {[&] { session.list_resources(); }, "resources"},
      {[&] { session.list_prompts(); }, "prompts"},
      {[&] {
         session.complete({PromptReference{"p"}, "a", ""});
       },
       "completions"},
      {[&] { session.set_logging_level(LoggingLevel::info); }, "logging"},
      {[&] { session.subscribe("a://b", [](const auto&) {}); }, "resources.subscribe"},
      {[&] { session.list_tasks(); }, "tasks.list"},
  };
  for (const auto& [call, capability] : calls) {
    const Error error = error_of(call);
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_NE(error.message.find("'" + capability + "'"), std::string::npos) << error.message;
  }
  session.ping();
}

TEST_P(ClientFeatures, AHandleWithoutASessionFailsEverywhere) {
  const ClientSession none;
  EXPECT_EQ(error_of([&] { none.read_resource("a://b"); }).kind, ErrorKind::not_connected);
  EXPECT_EQ(error_of([&] { none.subscribe("a://b", {}); }).kind, ErrorKind::not_connected);
  const Outcome<std::vector<Prompt>> outcome;
  none.async_list_prompts({}, outcome.callback());
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::not_connected));
}

MCP_MQTT_ON_EVERY_SITE(ClientFeatures);

}  // namespace
}  // namespace mcp_mqtt::test
