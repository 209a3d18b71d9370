#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::arg;
using mcp_mqtt::assistant_message;
using mcp_mqtt::PromptMessage;
using mcp_mqtt::Role;
using mcp_mqtt::user_message;

namespace {

std::string greet(const std::string& name, const std::optional<std::string>& style) {
  return "Say hello to " + name + (style ? " in " + *style + " style" : "");
}

std::string repeat(const std::string& word, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += (i == 0 ? "" : " ") + word;
  return text;
}

mcp_mqtt::PromptDefinition greet_prompt() {
  auto definition = mcp_mqtt::typed_prompt(
      "greet", "Greets", {arg("name", "Who is greeted"), arg("style", "How, if that matters")},
      greet);
  definition.prompt.title = "Greet somebody";
  definition.prompt.icons = {icon()};
  definition.prompt.meta = {{"example.com/kind", "greeting"}};
  return definition;
}

std::vector<PromptMessage> show_manual() {
  return {{.role = Role::user, .content = mcp_mqtt::EmbeddedResource{.resource = manual()}},
          assistant_message("I have read it"),
          user_message("Explain it")};
}

std::vector<PromptMessage> show_logo() {
  const mcp_mqtt::ImageContent image{.data = picture(), .mime_type = picture_type};
  return {{.role = Role::user, .content = image}, user_message("What is on it?")};
}

}  // namespace

void add_prompts(mcp_mqtt::McpServer& server) {
  server.add_prompt(greet_prompt());
  server.add_prompt(
      "repeat", "Says a word several times",
      {arg("word", "The word"),
       arg("times", "How often: a whole number, 2 where it is not given").default_value(2)},
      repeat);
  server.add_prompt("show_manual", "Brings the manual along", show_manual);
  server.add_prompt("show_logo", "Brings the logo along", show_logo);
}

}  // namespace interop
