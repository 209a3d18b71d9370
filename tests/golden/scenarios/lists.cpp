#include "golden/features.hpp"
#include "golden/raw_peer.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

std::string done() { return "done"; }

void pagination(Stage& stage) {
  auto& server = stage.server([](ServerOptions& options) { options.page_size = 2; });
  for (const char* name : {"one", "two", "three", "four", "five"}) {
    const std::string text = name;
    server.add_tool(text, "", done);
    if (text.size() > 4) continue;
    server.add_prompt(text, "", done);
    server.add_resource({.uri = "list://" + text, .name = text}, text);
    server.add_resource_template({.uri_template = "list://" + text + "/{x}", .name = text},
                                 [](const ResourceRequest&) { return "x"; });
  }
  const auto session = stage.open();
  stage.say("Pages of two, which the caller does not see.");
  EXPECT_EQ(session.list_tools().size(), 5U);
  EXPECT_EQ(session.list_resources().size(), 4U);
  EXPECT_EQ(session.list_resource_templates().size(), 4U);
  EXPECT_EQ(session.list_prompts().size(), 4U);
  stage.say("A cursor that the server never gave, and one of another list.");
  stage.fails([&] { session.request("tools/list", {{"cursor", "page 2"}}); });
  const auto first = session.request("prompts/list");
  stage.fails([&] { session.request("tools/list", {{"cursor", first.at("nextCursor")}}); });
}

void change_lists(Stage& stage, ChangeRoute route) {
  auto& server = stage.server([&](ServerOptions& options) {
    options.list_changes = route;
    options.offers = {.tools = true, .resources = true, .prompts = true};
  });
  auto& client = stage.client();
  const test::EventLog<std::string> heard;
  client.on_tools_changed([=](auto) { heard.push("tools"); });
  client.on_resources_changed([=](auto) { heard.push("resources"); });
  client.on_prompts_changed([=](auto) { heard.push("prompts"); });
  const auto session = stage.open();
  stage.say("A tool comes; the host lists again.");
  server.add_tool("cut", "Cuts the paper", done);
  EXPECT_EQ(heard.take(), "tools");
  session.list_tools();
  stage.say("It is replaced.");
  server.replace_tool(typed_tool("cut", "Cuts the paper twice", done));
  EXPECT_EQ(heard.take(), "tools");
  stage.say("It goes.");
  server.remove_tool("cut");
  EXPECT_EQ(heard.take(), "tools");
  stage.say("A resource comes and goes, and a template.");
  server.add_resource({.uri = "printer://queue", .name = "queue"}, "empty");
  EXPECT_EQ(heard.take(), "resources");
  server.remove_resource("printer://queue");
  EXPECT_EQ(heard.take(), "resources");
  server.add_resource_template({.uri_template = "printer://{x}", .name = "x"},
                               [](const ResourceRequest&) { return "x"; });
  EXPECT_EQ(heard.take(), "resources");
  stage.say("A prompt comes and goes.");
  server.add_prompt("label", "What to print", done);
  EXPECT_EQ(heard.take(), "prompts");
  server.remove_prompt("label");
  EXPECT_EQ(heard.take(), "prompts");
}

void list_changed(Stage& stage) { change_lists(stage, ChangeRoute::capability_topic); }
void list_changed_per_session(Stage& stage) { change_lists(stage, ChangeRoute::per_session); }

void logging(Stage& stage) {
  auto& server = stage.server();
  auto& client = stage.client();
  const test::EventLog<std::string> heard;
  client.on_log([=](auto, const LoggingMessage& message) { heard.push(message.data.dump()); });
  server.add_tool("print", "Logs while it prints", [](RequestContext& context) {
    context.log(LoggingLevel::debug, "the motor turns");
    context.log(LoggingLevel::warning, {{"ink", 0.1}}, "ink");
    return "printed";
  });
  const auto session = stage.open();
  stage.say("The level is info until the client sets another.");
  session.call_tool("print");
  EXPECT_TRUE(heard.take());
  stage.say("From debug on.");
  session.set_logging_level(LoggingLevel::debug);
  session.call_tool("print");
  EXPECT_TRUE(heard.take() && heard.take());
  stage.say("From error on; another client sets nothing. The server logs to all.");
  session.set_logging_level(LoggingLevel::error);
  RawClient other(stage);
  other.initialize();
  server.log(LoggingLevel::notice, "the lid is open", "lid");
  other.next();
  server.log(LoggingLevel::emergency, "smoke");
  other.next();
  EXPECT_TRUE(heard.take());
  stage.say("A level that does not exist.");
  stage.fails([&] { session.request("logging/setLevel", {{"level", "loud"}}); });
}

}  // namespace

std::vector<Feature> list_features() {
  return {
      {"pagination", "Lists in pages", pagination},
      {"list_changed", "Lists that change, told on the capability topic", list_changed},
      {"list_changed_per_session", "Lists that change, told to each session",
       list_changed_per_session},
      {"logging", "Log messages, and their level for each session", logging},
  };
}

}  // namespace mcp_mqtt::golden
