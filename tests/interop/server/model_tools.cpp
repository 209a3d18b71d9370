#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::arg;
using mcp_mqtt::CreateMessageRequest;
using mcp_mqtt::Json;
using mcp_mqtt::RequestContext;
using mcp_mqtt::Role;
using mcp_mqtt::SamplingMessage;
using mcp_mqtt::user_says;

namespace {

std::string ask_model(const std::string& prompt, RequestContext& context) {
  const auto answer = context.create_message({.messages = {user_says(prompt)}, .max_tokens = 100});
  return "model said: " + answer.text();
}

std::string ask_model_slowly(const std::string& prompt, RequestContext& context) {
  Json progress = Json::array();
  mcp_mqtt::CallOptions options;
  options.on_progress = [&](const mcp_mqtt::Progress& step) {
    progress.push_back({step.progress, step.total.value_or(-1)});
  };
  const auto answer =
      context.create_message({.messages = {user_says(prompt)}, .max_tokens = 100}, options);
  return Json{{"text", answer.text()}, {"progress", progress}}.dump();
}

std::string ask_model_fully(RequestContext& context) {
  const mcp_mqtt::ImageContent image{.data = picture(), .mime_type = picture_type};
  const CreateMessageRequest request{
      .messages = {user_says("What is this?"),
                   {.role = Role::user, .content = {image}},
                   {.role = Role::user, .content = {sound()}},
                   mcp_mqtt::assistant_says("A device"),
                   user_says("Which one?")},
      .max_tokens = 50,
      .system_prompt = "Be brief",
      .include_context = "none",
      .temperature = 0.5,
      .stop_sequences = {"END"},
      .preferences = mcp_mqtt::ModelPreferences{.hints = {"parrot", "bird"},
                                                .cost_priority = 0.25,
                                                .speed_priority = 0.5,
                                                .intelligence_priority = 0.75},
      .metadata = {{"example.com/trace", "on"}}};
  const auto answer = context.create_message(request);
  return Json{{"role", to_string(answer.role)},
              {"model", answer.model},
              {"stopReason", answer.stop_reason},
              {"text", answer.text()}}
      .dump();
}

mcp_mqtt::Tool weather() {
  return {.name = "weather",
          .description = "Tells the weather of a city",
          .input_schema = {{"type", "object"},
                           {"properties", {{"city", {{"type", "string"}}}}},
                           {"required", {"city"}}}};
}

std::string ask_model_with_tools(RequestContext& context) {
  CreateMessageRequest request{.messages = {user_says("How is the weather in Paris?")},
                               .max_tokens = 100,
                               .tools = {weather()},
                               .tool_choice = mcp_mqtt::ToolChoice::automatic};
  SamplingMessage wish{.role = Role::assistant, .content = {}};
  SamplingMessage results{.role = Role::user, .content = {}};
  for (const auto& content : context.create_message(request).content) {
    const auto* use = std::get_if<mcp_mqtt::ToolUseContent>(&content);
    if (use == nullptr) continue;
    wish.content.emplace_back(*use);
    const std::string rain =
        use->name + " in " + use->input.at("city").get<std::string>() + ": rain";
    results.content.emplace_back(mcp_mqtt::ToolResultContent{
        .tool_use_id = use->id, .content = {mcp_mqtt::TextContent{.text = rain}}});
  }
  request.messages.push_back(std::move(wish));
  request.messages.push_back(std::move(results));
  request.tool_choice = mcp_mqtt::ToolChoice::none;
  return "model said: " + context.create_message(request).text();
}

}  // namespace

void add_model_tools(mcp_mqtt::McpServer& server) {
  server.add_tool("ask_model", "Asks the client's model", {arg("prompt", "What to ask")},
                  ask_model);
  server.add_tool("ask_model_slowly", "Asks the client's model, and says which progress it told",
                  {arg("prompt", "What to ask")}, ask_model_slowly);
  server.add_tool("ask_model_fully", "Asks the client's model with everything that can be said",
                  ask_model_fully);
  server.add_tool("ask_model_with_tools", "Lets the client's model use a tool",
                  ask_model_with_tools);
}

}  // namespace interop
