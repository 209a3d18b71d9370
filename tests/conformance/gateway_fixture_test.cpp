// What the conformance suite looks for, and where it would let a wrong answer pass: the exact JSON
// of each item of the fixture server, through the gateway.
#include <gtest/gtest.h>

#include "command_line/http/gateway_process.hpp"
#include "command_line/http/http_host.hpp"
#include "support/mosquitto_broker.hpp"

namespace mcp_mqtt::test {
namespace {

/// Runs once for all tests: nothing here changes the server for long.
class GatewayFixture : public ::testing::Test {
 protected:
  struct Running {
    MosquittoBroker broker;
    ChildProcess server{{CONFORMANCE_SERVER, "--broker", broker.url()}};
    GatewayProcess gateway{{MCP_MQTT_PROGRAM, "--broker", broker.url(), "--wait", "30"},
                           {"conformance/fixture"}};
  };

  static void SetUpTestSuite() {
    if (MosquittoBroker::available()) running = std::make_unique<Running>();
  }
  static void TearDownTestSuite() { running.reset(); }

  void SetUp() override {
    if (!running) GTEST_SKIP() << "mosquitto is not installed";
    host = std::make_unique<HttpHost>(running->gateway.url());
    started = host->begin({{"sampling", Json::object()}, {"elicitation", Json::object()}});
    ASSERT_EQ(started["protocolVersion"], "2025-11-25") << started;
  }

  /// The result of a request that brings one message: its answer.
  Json result(const std::string& method, const Json& params) {
    const auto messages = host->ask(++id, method, params);
    EXPECT_EQ(messages.size(), 1U) << method;
    return messages.empty() ? Json() : result_of(messages.back());
  }
  Json result_of(const Json& message) const {
    EXPECT_EQ(message["jsonrpc"], "2.0");
    EXPECT_EQ(message["id"], id) << message;
    EXPECT_FALSE(message.contains("error")) << message;
    return message.value("result", Json());
  }
  Json error(const std::string& method, const Json& params) {
    return host->ask(++id, method, params).back()["error"];
  }
  Json call(const std::string& tool, const Json& arguments = Json::object()) {
    return result("tools/call", {{"name", tool}, {"arguments", arguments}});
  }
  static Json texts(const std::vector<std::string>& texts) {
    Json content = Json::array();
    for (const std::string& text : texts) content.push_back({{"type", "text"}, {"text", text}});
    return {{"content", content}};
  }
  /// Calls a tool that asks the host: the question, and the answer to the call.
  std::pair<Json, Json> call_that_asks(const std::string& tool, const Json& arguments,
                                       const Json& answer) {
    const Json request{{"jsonrpc", "2.0"},
                       {"id", ++id},
                       {"method", "tools/call"},
                       {"params", {{"name", tool}, {"arguments", arguments}}}};
    const auto stream = host->post_stream(request.dump());
    const Json asked = stream->next();
    const Json reply{{"jsonrpc", "2.0"}, {"id", asked.value("id", Json())}, {"result", answer}};
    EXPECT_EQ(host->post(reply.dump()).status, 202);
    return {asked, result_of(stream->next())};
  }

  static inline std::unique_ptr<Running> running;
  std::unique_ptr<HttpHost> host;
  Json started;
  int id = 0;
};

const char* const image =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";
const char* const audio =
    "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==";

TEST_F(GatewayFixture, Introduces) {
  EXPECT_EQ(started["serverInfo"]["name"], "conformance/fixture");
  EXPECT_EQ(started["serverInfo"]["version"], "1.0.0");
  EXPECT_EQ(started["instructions"], "Call the tools whose names begin with test_.");
  for (const char* capability : {"tools", "resources", "prompts", "logging", "completions"}) {
    EXPECT_TRUE(started["capabilities"].contains(capability)) << capability;
  }
  EXPECT_EQ(result("ping", Json::object()), Json::object());
  EXPECT_EQ(result("logging/setLevel", {{"level", "info"}}), Json::object());
}

TEST_F(GatewayFixture, ListsTheSameEachTime) {
  for (const char* method :
       {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}) {
    const Json first = result(method, Json::object());
    EXPECT_EQ(result(method, Json::object()), first) << method;
  }
  for (const Json& tool : result("tools/list", Json::object())["tools"]) {
    EXPECT_FALSE(tool.value("description", "").empty()) << tool;
    EXPECT_EQ(tool["inputSchema"]["type"], "object") << tool;
  }
}

TEST_F(GatewayFixture, CallsTheToolsWithContent) {
  const Json text = texts({"This is a simple text response for testing."});
  EXPECT_EQ(call("test_simple_text"), text);
  EXPECT_EQ(result("tools/call", {{"name", "test_simple_text"}}), text);
  const Json picture{{"type", "image"}, {"data", image}, {"mimeType", "image/png"}};
  EXPECT_EQ(call("test_image_content"), Json({{"content", Json::array({picture})}}));
  const Json sound{{"type", "audio"}, {"data", audio}, {"mimeType", "audio/wav"}};
  EXPECT_EQ(call("test_audio_content"), Json({{"content", Json::array({sound})}}));
  const Json embedded{{"type", "resource"},
                      {"resource",
                       {{"uri", "test://embedded-resource"},
                        {"mimeType", "text/plain"},
                        {"text", "This is an embedded resource content."}}}};
  EXPECT_EQ(call("test_embedded_resource"), Json({{"content", Json::array({embedded})}}));
  const Json mixed{{"type", "resource"},
                   {"resource",
                    {{"uri", "test://mixed-content-resource"},
                     {"mimeType", "application/json"},
                     {"text", R"({"test":"data","value":123})"}}}};
  Json all = texts({"Multiple content types test:"});
  all["content"].push_back(picture);
  all["content"].push_back(mixed);
  EXPECT_EQ(call("test_multiple_content_types"), all);
}

TEST_F(GatewayFixture, TellsFailures) {
  Json failed = texts({"This tool intentionally returns an error for testing"});
  failed["isError"] = true;
  EXPECT_EQ(call("test_error_handling"), failed);
  EXPECT_EQ(error("tools/call", {{"name", "none"}})["code"], -32602);
  EXPECT_EQ(error("resources/read", {{"uri", "test://none"}})["code"], -32002);
  EXPECT_EQ(error("prompts/get", {{"name", "none"}})["code"], -32602);
  EXPECT_EQ(error("no/method", Json::object())["code"], -32601);
  EXPECT_EQ(error("logging/setLevel", {{"level", "loud"}})["code"], -32602);
}

TEST_F(GatewayFixture, ReportsProgress) {
  const auto messages = host->ask(++id, "tools/call",
                                  {{"name", "test_tool_with_progress"},
                                   {"arguments", Json::object()},
                                   {"_meta", {{"progressToken", "mine"}}}});
  ASSERT_EQ(messages.size(), 4U);
  for (std::size_t step = 0; step < 3; ++step) {
    const Json expected{{"jsonrpc", "2.0"},
                        {"method", "notifications/progress"},
                        {"params",
                         {{"progressToken", "mine"},
                          {"progress", 50.0 * static_cast<double>(step)},
                          {"total", 100.0}}}};
    EXPECT_EQ(messages[step], expected);
  }
  EXPECT_EQ(result_of(messages.back()), texts({"Tool with progress executed"}));
}

TEST_F(GatewayFixture, PassesLogMessagesOn) {
  EXPECT_EQ(result("logging/setLevel", {{"level", "debug"}}), Json::object());
  const auto messages = host->ask(++id, "tools/call", {{"name", "test_tool_with_logging"}});
  ASSERT_EQ(messages.size(), 4U);
  const std::vector<std::string> texts_of_log{"Tool execution started", "Tool processing data",
                                              "Tool execution completed"};
  for (std::size_t line = 0; line < 3; ++line) {
    EXPECT_EQ(messages[line]["method"], "notifications/message");
    EXPECT_EQ(messages[line]["params"]["level"], "info");
    EXPECT_EQ(messages[line]["params"]["data"], texts_of_log[line]);
  }
  EXPECT_EQ(result_of(messages.back()), texts({"Tool with logging executed"}));
}

TEST_F(GatewayFixture, AsksTheModel) {
  const auto [asked, answer] = call_that_asks("test_sampling", {{"prompt", "What is it?"}},
                                              {{"role", "assistant"},
                                               {"content", {{"type", "text"}, {"text", "A test."}}},
                                               {"model", "none"},
                                               {"stopReason", "endTurn"}});
  EXPECT_EQ(asked["method"], "sampling/createMessage");
  EXPECT_EQ(asked["params"]["maxTokens"], 100);
  EXPECT_EQ(asked["params"]["messages"],
            Json::parse(R"([{"role":"user","content":{"type":"text","text":"What is it?"}}])"));
  EXPECT_EQ(answer, texts({"LLM response: A test."}));
}

TEST_F(GatewayFixture, AsksTheUser) {
  const auto [asked, answer] =
      call_that_asks("test_elicitation", {{"message", "Who?"}},
                     {{"action", "accept"}, {"content", {{"response", "me"}}}});
  EXPECT_EQ(asked["method"], "elicitation/create");
  EXPECT_EQ(asked["params"]["message"], "Who?");
  EXPECT_EQ(asked["params"]["requestedSchema"]["required"], Json::array({"response"}));
  EXPECT_EQ(answer, texts({R"(User response: action=accept, content={"response":"me"})"}));
}

TEST_F(GatewayFixture, AsksWithDefaults) {
  const auto [asked, answer] =
      call_that_asks("test_elicitation_sep1034_defaults", Json::object(), {{"action", "decline"}});
  const Json fields = asked["params"]["requestedSchema"]["properties"];
  EXPECT_EQ(fields["name"]["default"], "John Doe");
  EXPECT_EQ(fields["age"]["type"], "integer");
  EXPECT_EQ(fields["age"]["default"], 30);
  EXPECT_EQ(fields["score"]["type"], "number");
  EXPECT_EQ(fields["score"]["default"], 95.5);
  EXPECT_EQ(fields["status"]["enum"], Json({"active", "inactive", "pending"}));
  EXPECT_EQ(fields["status"]["default"], "active");
  EXPECT_EQ(fields["verified"]["type"], "boolean");
  EXPECT_EQ(fields["verified"]["default"], true);
  EXPECT_EQ(answer, texts({"Elicitation completed: action=decline, content={}"}));
}

TEST_F(GatewayFixture, AsksWithChoices) {
  const auto [asked, answer] =
      call_that_asks("test_elicitation_sep1330_enums", Json::object(), {{"action", "cancel"}});
  const Json fields = asked["params"]["requestedSchema"]["properties"];
  const Json options{"option1", "option2", "option3"};
  EXPECT_EQ(fields["untitledSingle"]["enum"], options);
  EXPECT_EQ(fields["untitledMulti"]["type"], "array");
  EXPECT_EQ(fields["untitledMulti"]["items"]["enum"], options);
  EXPECT_EQ(fields["titledSingle"]["oneOf"][0],
            Json({{"const", "value1"}, {"title", "First Option"}}));
  EXPECT_EQ(fields["titledMulti"]["items"]["anyOf"][2],
            Json({{"const", "value3"}, {"title", "Third Choice"}}));
  EXPECT_EQ(fields["legacyEnum"]["enum"], Json({"opt1", "opt2", "opt3"}));
  EXPECT_EQ(fields["legacyEnum"]["enumNames"], Json({"Option One", "Option Two", "Option Three"}));
  EXPECT_EQ(answer, texts({"Elicitation completed: action=cancel, content={}"}));
}

TEST_F(GatewayFixture, ReadsTheResources) {
  const auto read = [&](const std::string& uri) {
    const Json contents = result("resources/read", {{"uri", uri}})["contents"];
    EXPECT_EQ(contents.size(), 1U);
    return contents.empty() ? Json() : contents[0];
  };
  EXPECT_EQ(read("test://static-text"),
            Json({{"uri", "test://static-text"},
                  {"mimeType", "text/plain"},
                  {"text", "This is the content of the static text resource."}}));
  EXPECT_EQ(read("test://static-binary"),
            Json({{"uri", "test://static-binary"}, {"mimeType", "image/png"}, {"blob", image}}));
  EXPECT_EQ(read("test://template/123/data"),
            Json({{"uri", "test://template/123/data"},
                  {"mimeType", "application/json"},
                  {"text", R"({"id":"123","templateTest":true,"data":"Data for ID: 123"})"}}));
}

TEST_F(GatewayFixture, WatchesAResource) {
  const auto stream = host->get_stream();
  EXPECT_EQ(stream->status(), 200);
  const Json watched{{"uri", "test://watched-resource"}};
  EXPECT_EQ(result("resources/subscribe", watched), Json::object());
  const auto messages = host->ask(++id, "tools/call", {{"name", "test_resource_updated"}});
  EXPECT_EQ(result_of(messages.back()), texts({"Resource updated"}));
  // It comes with the call that brought it about, or beside it: MQTT does not say.
  const Json updated{
      {"jsonrpc", "2.0"}, {"method", "notifications/resources/updated"}, {"params", watched}};
  EXPECT_EQ(messages.size() == 2 ? messages.front() : stream->next(), updated);
  EXPECT_EQ(result("resources/unsubscribe", watched), Json::object());
}

TEST_F(GatewayFixture, GetsThePrompts) {
  const auto get = [&](const std::string& name, const Json& arguments) {
    return result("prompts/get", {{"name", name}, {"arguments", arguments}})["messages"];
  };
  const auto said = [](const std::string& text) {
    return Json{{"role", "user"}, {"content", {{"type", "text"}, {"text", text}}}};
  };
  EXPECT_EQ(get("test_simple_prompt", Json::object()),
            Json::array({said("This is a simple prompt for testing.")}));
  EXPECT_EQ(get("test_prompt_with_arguments", {{"arg1", "a"}, {"arg2", "b"}}),
            Json::array({said("Prompt with arguments: arg1='a', arg2='b'")}));
  const Json resource{{"role", "user"},
                      {"content",
                       {{"type", "resource"},
                        {"resource",
                         {{"uri", "test://here"},
                          {"mimeType", "text/plain"},
                          {"text", "Embedded resource content for testing."}}}}}};
  EXPECT_EQ(get("test_prompt_with_embedded_resource", {{"resourceUri", "test://here"}}),
            Json::array({resource, said("Please process the embedded resource above.")}));
  const Json picture{{"role", "user"},
                     {"content", {{"type", "image"}, {"data", image}, {"mimeType", "image/png"}}}};
  EXPECT_EQ(get("test_prompt_with_image", Json::object()),
            Json::array({picture, said("Please analyze the image above.")}));
}

TEST_F(GatewayFixture, CompletesAnArgument) {
  const Json completion =
      result("completion/complete",
             {{"ref", {{"type", "ref/prompt"}, {"name", "test_prompt_with_arguments"}}},
              {"argument", {{"name", "arg1"}, {"value", "test"}}}})["completion"];
  EXPECT_EQ(completion["values"], Json({"test", "testing", "tested"}));
}

TEST_F(GatewayFixture, CancelsACall) {
  const Json request{
      {"jsonrpc", "2.0"},
      {"id", ++id},
      {"method", "tools/call"},
      {"params", {{"name", "test_tool_with_progress"}, {"_meta", {{"progressToken", 1}}}}}};
  const auto stream = host->post_stream(request.dump());
  EXPECT_EQ(stream->next()["method"], "notifications/progress");
  const Json cancel{
      {"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", id}}}};
  EXPECT_EQ(host->post(cancel.dump()).status, 202);
  EXPECT_TRUE(stream->wait_for_end());
  for (Json message = stream->next(); !message.is_null(); message = stream->next()) {
    EXPECT_FALSE(message.contains("id")) << message;
  }
}

}  // namespace
}  // namespace mcp_mqtt::test
