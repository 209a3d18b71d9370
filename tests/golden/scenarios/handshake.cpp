#include "golden/features.hpp"
#include "golden/raw_peer.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

Icon icon(const std::string& name) {
  return {.src = "https://example.com/" + name + ".png",
          .mime_type = "image/png",
          .sizes = {"48x48"},
          .theme = "light"};
}

std::string nothing() { return "done"; }

void offer_everything(McpServer& server) {
  auto tool = typed_tool("print", "Prints a label", nothing);
  tool.tool.task_support = TaskSupport::optional;
  server.add_tool(std::move(tool));
  server.add_resource({.uri = "printer://queue", .name = "queue"}, "empty");
  server.add_prompt("label", "What to print", nothing);
  server.complete_prompt("label", "size",
                         [](const std::string&) { return std::vector<std::string>{"small"}; });
}

void register_everything(McpClient& client) {
  client.set_roots({{.uri = "file:///labels"}});
  client.on_sampling([](const auto&, auto&) { return CreateMessageResult(); },
                     {.tools = true, .context = true});
  client.on_elicitation([](const auto&, auto&) { return ElicitResult(); },
                        {.form = true, .url = true});
}

void initialize(Stage& stage) {
  stage.record_everything();
  auto& server = stage.server([](ServerOptions& options) {
    options.title = "Label printer";
    options.website_url = "https://example.com/printer";
    options.icons = {icon("printer")};
    options.instructions = "Print one label at a time.";
    options.meta = {{"location", "hall 3"}};
  });
  offer_everything(server);
  auto& client = stage.client([](ClientOptions& options) {
    options.title = "A host";
    options.description = "Knows what to print";
    options.website_url = "https://example.com/host";
    options.icons = {icon("host")};
    options.tasks = true;
  });
  register_everything(client);
  const test::EventLog<std::string> gone;
  server.on_client_gone([=](auto& info, auto&) { gone.push(info.client_id); });
  stage.open();
  stage.say("The client leaves the broker.");
  client.stop();
  EXPECT_TRUE(gone.take());
  stage.say("The server leaves the broker.");
  server.stop();
}

void bare(Stage& stage) {
  stage.server([](ServerOptions& options) { options.offers = {.tools = false, .logging = false}; });
  const auto session = stage.open();
  stage.say("Neither side declared anything, so nothing of this is sent.");
  stage.fails([&] { session.list_tools(); });
  stage.fails([&] { session.call_tool("print"); });
  stage.fails([&] { session.list_resources(); });
  stage.fails([&] { session.list_resource_templates(); });
  stage.fails([&] { session.read_resource("printer://queue"); });
  stage.fails([&] { session.subscribe("printer://queue", [](auto&) {}); });
  stage.fails([&] { session.list_prompts(); });
  stage.fails([&] { session.get_prompt("label"); });
  stage.fails([&] { session.complete({PromptReference{"label"}, "size", "s"}); });
  stage.fails([&] { session.set_logging_level(LoggingLevel::debug); });
  stage.fails([&] { session.call_tool_as_task("print"); });
  stage.fails([&] { session.list_tasks(); });
  stage.say("The other way round:");
  const auto peer = stage.peer();
  stage.fails([&] { peer.list_roots(); });
  stage.fails([&] { peer.create_message({.messages = {user_says("Hello")}}); });
  stage.fails([&] { peer.elicit(elicit_form("Who?", ElicitForm().text("name"))); });
  stage.fails([&] { peer.elicit(elicit_url("Look", "https://example.com", "e-1")); });
  stage.fails([&] { peer.create_message_as_task({.messages = {user_says("Hello")}}); });
  stage.say("A server that does not log says nothing.");
  peer.log(LoggingLevel::emergency, "on fire");
  stage.say("A client that asks nevertheless is refused.");
  RawClient raw(stage);
  raw.initialize();
  int id = 1;
  for (const char* method : {"tools/list", "resources/list", "resources/subscribe", "prompts/list",
                             "completion/complete", "logging/setLevel", "tasks/list"}) {
    raw.ask(RawClient::request(++id, method));
  }
}

void instructions(Stage& stage) {
  stage.server([](ServerOptions& options) {
    options.instructions = "Print one label at a time.\nAsk before you print on gold.";
  });
  const auto session = stage.open();
  stage.say("The host reads: " + Json(session.instructions()).dump());
}

void ping(Stage& stage) {
  const auto session = stage.open();
  stage.say("The client pings the server.");
  session.ping();
  stage.say("The server pings the client.");
  stage.peer().ping();
}

void revisions(Stage& stage) {
  stage.open();
  RawClient raw(stage);
  stage.say("A client that asks for a revision that nobody knows is offered the latest.");
  raw.ask_for_revision("2031-01-01");
  stage.say("An older one than all, too.");
  raw.ask_for_revision("2024-10-07");
  stage.say("One that names none is refused.");
  raw.ask_on_control_topic(RawClient::request(1, "initialize"));
}

void before_initialize(Stage& stage) {
  stage.open();
  RawClient raw(stage);
  stage.say("A client whose handshake is not finished: its session ...");
  raw.ask_for_revision(std::string(to_string(stage.revision())));
  stage.say("... answers a ping, and tools/list, which a bridge asks for after its own restart.");
  raw.ask(RawClient::request(2, "ping"));
  raw.ask(RawClient::request(3, "tools/list"));
  stage.say("Everything else is refused.");
  raw.ask(RawClient::request(4, "tools/call", {{"name", "print"}}));
  raw.ask(RawClient::request(5, "resources/list"));
  raw.ask(RawClient::request(6, "logging/setLevel", {{"level", "debug"}}));
  stage.say("Now the handshake ends.");
  raw.send(RawClient::notification("notifications/initialized"));
  raw.ask(RawClient::request(7, "logging/setLevel", {{"level", "debug"}}));
}

}  // namespace

std::vector<Feature> handshake_features() {
  return {
      {"initialize", "What both sides say of themselves, and how they leave", initialize},
      {"nothing_declared", "What the peer did not declare is not sent", bare},
      {"instructions", "How to use the server, for the model", instructions},
      {"ping", "Ping, both ways", ping},
      {"revision_offer", "Revisions that the server does not know", revisions},
      {"before_initialize", "Requests before the end of the handshake", before_initialize},
  };
}

}  // namespace mcp_mqtt::golden
