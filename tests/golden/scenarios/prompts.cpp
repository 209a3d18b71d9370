#include <stdexcept>

#include "golden/features.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

using Values = std::vector<std::string>;

void add_prompts(McpServer& server) {
  auto label = typed_prompt(
      "label", "Asks for a label",
      {arg("text", "What it says"), arg("size", "How big").title("Size").one_of({"small", "big"}),
       arg("copies", "How many").default_value(1)},
      [](const std::string& text, const std::string& size, int copies) {
        return "Print " + std::to_string(copies) + " " + size + " label: " + text;
      });
  label.prompt.title = "A label";
  label.prompt.icons = {{.src = "https://example.com/label.png"}};
  label.prompt.meta = {{"example.com/group", "labels"}};
  server.add_prompt(std::move(label));
  server.add_prompt("contents", "Brings along every type of content", [] {
    const auto user = [](Content content) { return PromptMessage{Role::user, std::move(content)}; };
    return std::vector<PromptMessage>{
        user(ImageContent{.data = "\x89PNG", .mime_type = "image/png"}),
        user(AudioContent{.data = "RIFF", .mime_type = "audio/wav"}),
        user(EmbeddedResource{.resource = text_contents("printer://manual", "Turn it on")}),
        user(ResourceLink{.uri = "printer://manual", .name = "manual"}),
        assistant_message("What shall I do with it?")};
  });
  server.add_prompt("jam", "Fails",
                    []() -> std::string { throw std::runtime_error("no idea what to print"); });
}

void prompts(Stage& stage) {
  add_prompts(stage.server());
  const auto session = stage.open();
  stage.say("What there is.");
  session.list_prompts();
  stage.say("Arguments are strings, whatever the function takes.");
  session.get_prompt("label", {{"text", "FRAGILE"}, {"size", "big"}, {"copies", "2"}});
  stage.say("Every type of content.");
  session.get_prompt("contents");
  stage.say("A missing argument.");
  stage.fails([&] { session.get_prompt("label", {{"size", "big"}}); });
  stage.say("Arguments that do not fit the types of the function.");
  stage.fails([&] {
    session.get_prompt("label", {{"text", "x"}, {"size", "huge"}, {"copies", "many"}});
  });
  stage.say("A prompt that does not exist.");
  stage.fails([&] { session.get_prompt("poster"); });
  stage.say("A prompt that throws.");
  stage.fails([&] { session.get_prompt("jam"); });
}

void completion(Stage& stage) {
  auto& server = stage.server();
  add_prompts(server);
  server.complete_prompt("label", "text", [](const CompleteRequest& request) {
    const auto size = request.context.find("size");
    if (size != request.context.end() && size->second == "small") return Values{"FRAGILE"};
    return Values{"FRAGILE", "FRAGILE, THIS SIDE UP", "PERISHABLE"};
  });
  server.complete_prompt("label", "copies", [](const CompleteRequest&) {
    return Completion{.values = {"1", "2"}, .total = 20, .has_more = true};
  });
  server.add_resource_template({.uri_template = "printer://jobs/{day}", .name = "job"},
                               [](const ResourceRequest&) { return "a job"; });
  server.complete_resource_template("printer://jobs/{day}", "day", [](const std::string&) {
    return Values{"monday", "tuesday"};
  });
  const auto session = stage.open();
  stage.say("An argument of a prompt.");
  session.complete({PromptReference{"label"}, "text", "fr"});
  stage.say("The same, when another argument is known.");
  session.complete({PromptReference{"label"}, "text", "fr", {{"size", "small"}}});
  stage.say("An argument with choices needs no function.");
  session.complete({PromptReference{"label"}, "size", ""});
  stage.say("One that says itself how much there is.");
  session.complete({PromptReference{"label"}, "copies", ""});
  stage.say("A variable of a resource template.");
  session.complete({ResourceReference{"printer://jobs/{day}"}, "day", "m"});
  stage.say("A variable without a function: nothing to offer.");
  session.complete({ResourceReference{"printer://jobs/{day}"}, "hour", "1"});
  stage.say("A prompt, a template that does not exist.");
  stage.fails([&] { session.complete({PromptReference{"poster"}, "text", ""}); });
  stage.fails([&] { session.complete({ResourceReference{"printer://{x}"}, "x", ""}); });
}

}  // namespace

std::vector<Feature> prompt_features() {
  return {
      {"prompts", "Prompts: list, get", prompts},
      {"completion", "Completion of prompt arguments and template variables", completion},
  };
}

}  // namespace mcp_mqtt::golden
