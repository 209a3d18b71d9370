#include <algorithm>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "command_line/garden.hpp"

// MCP's reference server, @modelcontextprotocol/server-everything, as `mcp-mqtt expose` puts it on
// the broker and a client of this library uses it.
namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* package =
    "/node_modules/@modelcontextprotocol/server-everything/dist/index.js";

class Everything : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    const std::string node =
        find_program("node").empty() ? find_program("nodejs") : find_program("node");
    if (node.empty()) GTEST_SKIP() << "node is not installed";
    const std::string script = std::string(MCP_MQTT_EVERYTHING) + package;
    if (!std::filesystem::exists(script)) {
      GTEST_SKIP() << script << " is missing: npm ci --prefix tests/everything";
    }
    garden = std::make_unique<Garden>();
    command = {node, script, "stdio"};
  }

  void TearDown() override {
    if (process == nullptr) return;
    // Killed, it could not end a server that is busy.
    process->signal(SIGTERM);
    EXPECT_EQ(Garden::end_of(*process).code, 143);
  }

  void expose(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"expose", "--name", "everything"});
    options.emplace_back("--");
    options.insert(options.end(), command.begin(), command.end());
    process = garden->start(std::move(options));
    ASSERT_TRUE(process->wait_for_output("'everything' is online", 2 * patience))
        << process->error_output();
  }

  /// A client that can do all that the server asks of one.
  void open(McpClient& client) {
    client.on_log(
        [this](const ClientSession&, const LoggingMessage& message) { logged.push(message); });
    client.connect(garden->broker_url());
    session = client.open("everything", {.timeout = patience});
  }
  static void prepare(McpClient& client) {
    client.set_roots({{.uri = "file:///garden", .name = "Garden"}});
    client.on_sampling([](const CreateMessageRequest& request, ClientRequestContext&) {
      return CreateMessageResult{.content = {TextContent{"heard: " + request.messages[0].text()}},
                                 .model = "parrot"};
    });
    client.on_elicitation(
        [](const ElicitRequest& request, ClientRequestContext&) {
          if (request.is_url()) return ElicitResult{.action = ElicitAction::decline};
          if (request.requested_schema["properties"].contains("interpretation")) {
            return ElicitResult{.content = {{"interpretation", "snake"}}};
          }
          return ElicitResult{.content = with_form_defaults(request, {{"name", "Jo"}})};
        },
        {.form = true, .url = true});
  }

  std::vector<std::string> tool_names() const {
    std::vector<std::string> names;
    for (const Tool& tool : session.list_tools()) names.push_back(tool.name);
    return names;
  }
  std::string call(const std::string& tool, const Json& arguments = Json::object()) const {
    return session.call_tool(tool, arguments, {.timeout = patience}).text();
  }

  std::unique_ptr<Garden> garden;
  std::vector<std::string> command;
  std::unique_ptr<ChildProcess> process;
  EventLog<LoggingMessage> logged;
  ClientSession session;
};

TEST_F(Everything, ItsToolsResourcesAndPromptsAreAllThere) {
  expose();
  McpClient client({.name = "host"});
  open(client);
  EXPECT_EQ(session.server_info().name, "mcp-servers/everything");
  EXPECT_EQ(session.instance().description, "Everything Reference Server");
  EXPECT_THAT(session.instructions(), HasSubstr("Everything Server"));
  // What needs a client that can more is not among them.
  EXPECT_THAT(tool_names(), AllOf(Contains("echo"), Not(Contains("trigger-sampling-request"))));

  EXPECT_EQ(call("echo", {{"message", "hello"}}), "Echo: hello");
  EXPECT_THAT(call("get-sum", {{"a", 2}, {"b", 3}}), HasSubstr("is 5"));
  EXPECT_TRUE(session.call_tool("get-sum", {{"a", "two"}}).is_error);
  EXPECT_EQ(session.call_tool("get-structured-content", {{"location", "Chicago"}})
                .structured_content.at("temperature"),
            36);
  const CallToolResult image = session.call_tool("get-tiny-image");
  EXPECT_TRUE(std::any_of(image.content.begin(), image.content.end(), [](const Content& one) {
    return std::holds_alternative<ImageContent>(one);
  }));

  EXPECT_THAT(session.read_resource("demo://resource/dynamic/text/7").text(),
              HasSubstr("Resource 7"));
  EXPECT_EQ(session.list_resource_templates().size(), 2U);
  EXPECT_GE(session.list_resources().size(), 7U);
  EXPECT_THROW(session.read_resource("demo://nothing"), McpError);

  EXPECT_EQ(session.list_prompts().size(), 4U);
  EXPECT_EQ(session.get_prompt("args-prompt", {{"city", "Ulm"}}).messages.size(), 1U);
  EXPECT_THAT(session
                  .complete({.reference = PromptReference{"completable-prompt"},
                             .argument = "name",
                             .value = "",
                             .context = {{"department", "Sales"}}})
                  .values,
              ElementsAre("David", "Eve", "Frank"));
}

TEST_F(Everything, ItTellsOfProgressLogsAndUpdates) {
  expose();
  McpClient client({.name = "host"});
  open(client);
  std::vector<double> progress;
  CallOptions options;
  options.on_progress = [&](const Progress& step) { progress.push_back(step.progress); };
  EXPECT_THAT(
      session
          .call_tool("trigger-long-running-operation", {{"duration", 0.2}, {"steps", 4}}, options)
          .text(),
      HasSubstr("completed"));
  EXPECT_THAT(progress, ElementsAre(1, 2, 3, 4));

  const PendingCall endless = session.async_call_tool("trigger-long-running-operation",
                                                      {{"duration", 3'600}, {"steps", 1}}, {}, {});
  endless.cancel();

  session.set_logging_level(LoggingLevel::debug);
  call("toggle-simulated-logging");
  EXPECT_TRUE(logged.wait_for([](const LoggingMessage& message) {
    return message.data.is_string() &&
           message.data.get<std::string>().find("message") != std::string::npos;
  }));

  const EventLog<std::string> updates;
  const auto watch =
      session.subscribe("demo://resource/dynamic/text/1",
                        [updates](const ResourceUpdated& update) { updates.push(update.uri); });
  call("toggle-subscriber-updates");
  EXPECT_EQ(updates.take(), "demo://resource/dynamic/text/1");
}

TEST_F(Everything, ItAsksForRootsAModelAndItsUser) {
  expose();
  McpClient client({.name = "host"});
  prepare(client);
  open(client);
  EXPECT_THAT(tool_names(),
              AllOf(Contains("get-roots-list"), Contains("trigger-sampling-request"),
                    Contains("trigger-elicitation-request"), Contains("trigger-url-elicitation")));
  EXPECT_THAT(call("get-roots-list"), HasSubstr("1. Garden\n   URI: file:///garden"));
  EXPECT_THAT(call("trigger-sampling-request", {{"prompt", "hello"}}),
              AllOf(HasSubstr("heard: Resource trigger-sampling-request context: hello"),
                    HasSubstr("parrot")));
  EXPECT_THAT(call("trigger-elicitation-request"),
              AllOf(HasSubstr("Name: Jo"), HasSubstr("Favorite Integer: 42")));
  EXPECT_THAT(call("trigger-url-elicitation", {{"url", "https://example.org/"}}),
              HasSubstr("decline"));
  try {
    call("trigger-url-elicitation", {{"url", "https://example.org/"}, {"errorPath", true}});
    ADD_FAILURE() << "no URL is required";
  } catch (const McpError& error) {
    EXPECT_EQ(required_elicitations(error.error()).size(), 1U) << error.what();
  }
  // The roots that the client has from now on are asked for again.
  client.set_roots({{.uri = "file:///field"}, {.uri = "file:///forest"}});
  EXPECT_TRUE(logged.wait_for([](const LoggingMessage& message) {
    return message.data == "Roots updated: 2 root(s) received from client";
  }));
}

TEST_F(Everything, ItWorksOnTasks) {
  expose();
  McpClient client({.name = "host"});
  prepare(client);
  open(client);
  const Task task = session.call_tool_as_task("simulate-research-query", {{"topic", "python"}},
                                              std::nullopt, {.timeout = patience});
  EXPECT_EQ(session.list_tasks().size(), 1U);
  EXPECT_THAT(session.task_result(task.task_id, {.timeout = patience}).text(),
              HasSubstr("Research Report: python"));
  EXPECT_EQ(session.get_task(task.task_id).status, TaskStatus::completed);
}

TEST_F(Everything, OneProcessServesTwoClients) {
  expose({"--shared"});
  McpClient first({.name = "first"});
  McpClient second({.name = "second"});
  prepare(second);
  open(first);
  const ClientSession one = session;
  open(second);
  EXPECT_THAT(tool_names(), Not(Contains("trigger-sampling-request")));
  const EventLog<double> progress;
  CallOptions options;
  options.on_progress = [progress](const Progress& step) { progress.push(step.progress); };
  one.call_tool("trigger-long-running-operation", {{"duration", 0.1}, {"steps", 2}}, options);
  EXPECT_THAT(progress.all(), ElementsAre(1, 2));
  EXPECT_EQ(call("echo", {{"message", "two"}}), "Echo: two");
}

}  // namespace
}  // namespace mcp_mqtt::test
