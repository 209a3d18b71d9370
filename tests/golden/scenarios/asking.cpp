#include <array>

#include "golden/features.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

/// A tool that asks the client and answers with what came of it.
template <class F>
void add_asking_tool(McpServer& server, const std::string& name, F ask) {
  server.add_tool(name, "Asks the client", [=](RequestContext& context) -> CallToolResult {
    try {
      return text_result(ask(context));
    } catch (const McpError& error) {
      return error_result(std::string(to_string(error.kind())) + ": " + error.what());
    }
  });
}

void roots(Stage& stage) {
  auto& server = stage.server();
  add_asking_tool(server, "roots", [](RequestContext& context) {
    std::string uris;
    for (const Root& root : context.list_roots()) uris += root.uri + ' ';
    return uris;
  });
  const test::EventLog<std::string> changed;
  server.on_roots_changed(
      [=](const ConnectedClient& client) { changed.push(client.info().client_id); });
  auto& client = stage.client();
  client.set_roots({{.uri = "file:///labels", .name = "Labels", .meta = {{"example.com/n", 1}}},
                    {.uri = "file:///posters"}});
  const auto session = stage.open();
  stage.say("A handler asks for the roots.");
  session.call_tool("roots");
  stage.say("They change.");
  client.set_roots({{.uri = "file:///stickers"}});
  EXPECT_EQ(changed.take(), Stage::client_id);
  session.call_tool("roots");
}

CreateMessageRequest question() {
  return {.messages = {user_says("What is on this picture?"),
                       {.role = Role::user,
                        .content = {ImageContent{.data = "\x89PNG", .mime_type = "image/png"}}},
                       assistant_says("A parrot"),
                       {.role = Role::user,
                        .content = {AudioContent{.data = "RIFF", .mime_type = "audio/wav"}}}},
          .max_tokens = 50,
          .system_prompt = "Be brief",
          .include_context = "none",
          .temperature = 0.5,
          .stop_sequences = {"END"},
          .preferences = ModelPreferences{.hints = {"small", "fast"},
                                          .cost_priority = 0.25,
                                          .speed_priority = 1.0,
                                          .intelligence_priority = 0.0},
          .metadata = {{"example.com/room", 7}}};
}

void sampling(Stage& stage) {
  auto& server = stage.server();
  add_asking_tool(server, "describe", [](RequestContext& context) {
    return context.create_message(question()).text();
  });
  add_asking_tool(server, "fail", [](RequestContext& context) {
    return context.create_message({.messages = {user_says("fail")}, .max_tokens = 1}).text();
  });
  stage.client().on_sampling([](const CreateMessageRequest& request, auto&) {
    if (request.messages.front().text() == "fail") throw std::runtime_error("the model sleeps");
    return CreateMessageResult{.content = {TextContent{.text = "A parrot that speaks"}},
                               .model = "small-1",
                               .stop_reason = "endTurn"};
  });
  const auto session = stage.open();
  stage.say("A handler asks the client's model.");
  session.call_tool("describe");
  stage.say("The host's handler throws.");
  session.call_tool("fail");
}

void sampling_with_tools(Stage& stage) {
  add_asking_tool(stage.server(), "forecast", [](RequestContext& context) {
    CreateMessageRequest request{.messages = {user_says("Will it rain?")},
                                 .max_tokens = 50,
                                 .tools = {{.name = "weather", .description = "Looks outside"}},
                                 .tool_choice = ToolChoice::required};
    const auto wish = context.create_message(request);
    request.messages.push_back({.role = Role::assistant, .content = wish.content});
    const auto& use = std::get<ToolUseContent>(wish.content.at(0));
    request.messages.push_back(
        {.role = Role::user,
         .content = {ToolResultContent{.tool_use_id = use.id,
                                       .content = {TextContent{.text = "rain"}},
                                       .structured_content = {{"rain", true}}}}});
    request.tool_choice = ToolChoice::none;
    return context.create_message(request).text();
  });
  stage.client().on_sampling(
      [](const CreateMessageRequest& request, auto&) {
        if (request.messages.size() == 1) {
          return CreateMessageResult{
              .content = {ToolUseContent{
                  .id = "use-1", .name = "weather", .input = {{"city", "Berlin"}}}},
              .model = "small-1",
              .stop_reason = "toolUse"};
        }
        return CreateMessageResult{.content = {TextContent{.text = "Yes"}}, .model = "small-1"};
      },
      {.tools = true});
  const auto session = stage.open();
  stage.say("A handler gives the client's model a tool, uses it for the model, and asks again.");
  session.call_tool("forecast");
}

ElicitForm every_field() {
  return ElicitForm()
      .text("name", {.title = "Your name",
                     .description = "As people call you",
                     .required = true,
                     .default_value = "Ada",
                     .min_length = 1,
                     .max_length = 20})
      .text("email", {.format = "email"})
      .integer("age", {.required = true, .default_value = 36, .minimum = 0, .maximum = 150})
      .number("score", {.default_value = 9.5})
      .boolean("member", {.default_value = true})
      .choice("size", {"s", "m", "l"}, {.default_value = "m"})
      .choice("color", {{"r", "Red"}, {"g", "Green"}}, {.default_value = "g"});
}

std::string shown(const ElicitResult& result) {
  static constexpr std::array words{"accept", "decline", "cancel"};
  return words.at(static_cast<std::size_t>(result.action)) + (" " + result.content.dump());
}

void elicitation_form(Stage& stage) {
  auto& server = stage.server();
  add_asking_tool(server, "who", [](RequestContext& context) {
    return shown(context.elicit(elicit_form("Who are you?", every_field())));
  });
  add_asking_tool(server, "which", [](RequestContext& context) {
    return shown(context.elicit(elicit_form(
        "Which ones?",
        ElicitForm()
            .choices("days", {"mon", "tue", "wed"},
                     {.required = true, .min_items = 1, .max_items = 2})
            .choices("extras", {{"l", "Light"}, {"n", "Noise"}}, {.default_value = {{"n"}}}))));
  });
  stage.client().on_elicitation([](const ElicitRequest& request, auto&) {
    if (request.message == "Which ones?") return ElicitResult{.content = {{"days", {"tue"}}}};
    return ElicitResult{.content = {{"name", "Grace"}, {"age", 85}}};
  });
  const auto session = stage.open();
  stage.say("Fields of every type; the user fills in two, the rest is the defaults.");
  session.call_tool("who");
  stage.say("Several of a list.");
  session.call_tool("which");
}

void elicitation_refused(Stage& stage) {
  add_asking_tool(stage.server(), "who", [](RequestContext& context) {
    return shown(
        context.elicit(elicit_form("Who are you?", ElicitForm().text("name", {.required = true}))));
  });
  const test::EventLog<ElicitResult> answers;
  stage.client().on_elicitation([=](const ElicitRequest&, auto&) { return *answers.take(); });
  const auto session = stage.open();
  stage.say("The user declines.");
  answers.push({.action = ElicitAction::decline});
  session.call_tool("who");
  stage.say("The user closes the form.");
  answers.push({.action = ElicitAction::cancel});
  session.call_tool("who");
  stage.say("What the host filled in does not fit the form: it is not sent.");
  answers.push({.content = {{"name", 7}}});
  session.call_tool("who");
}

void elicitation_url(Stage& stage) {
  auto& server = stage.server();
  add_asking_tool(server, "sign_in", [](RequestContext& context) {
    const auto result =
        context.elicit(elicit_url("Sign in, please", "https://example.com/sign-in", "e-1"));
    context.peer().notify_elicitation_complete("e-1");
    return shown(result);
  });
  server.add_tool("print", "Needs a user who signed in", []() -> std::string {
    throw McpError(url_elicitation_required(
        {elicit_url("Sign in, please", "https://example.com/sign-in", "e-2")}, "sign in first"));
  });
  auto& client = stage.client();
  const test::EventLog<std::string> completed;
  client.on_elicitation([](const ElicitRequest&, auto&) { return ElicitResult(); },
                        {.form = true, .url = true});
  client.on_elicitation_complete([=](auto, const std::string& id) { completed.push(id); });
  const auto session = stage.open();
  stage.say("The user is sent to an URL, and has done there what there was to do.");
  session.call_tool("sign_in");
  if (stage.since(Revision::v2025_11_25)) {
    EXPECT_EQ(completed.take(), "e-1");
  }
  stage.say("A tool that refuses until the user has been somewhere.");
  try {
    stage.say("The caller gets a result: " + session.call_tool("print").text());
  } catch (const McpError& error) {
    stage.say_error(error.error());
    for (const ElicitRequest& request : required_elicitations(error.error())) {
      stage.say("The host opens " + request.url);
    }
  }
}

}  // namespace

std::vector<Feature> asking_features() {
  return {
      {"roots", "Roots of the client, and that they changed", roots},
      {"sampling", "A server asks the client's model", sampling},
      {"sampling_with_tools", "A server gives the client's model tools", sampling_with_tools},
      {"elicitation_form", "A server asks the client's user", elicitation_form},
      {"elicitation_refused", "A user who does not answer", elicitation_refused},
      {"elicitation_url", "A server sends the client's user to an URL", elicitation_url},
  };
}

}  // namespace mcp_mqtt::golden
