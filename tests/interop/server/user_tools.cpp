#include <cstddef>
#include <stdexcept>
#include <string>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::ElicitForm;
using mcp_mqtt::Json;
using mcp_mqtt::RequestContext;

mcp_mqtt::ElicitRequest person_form() {
  return mcp_mqtt::elicit_form(
      "Who are you?",
      ElicitForm()
          .text("name", {.title = "Your name",
                         .description = "As people call you",
                         .required = true,
                         .default_value = "Ada",
                         .min_length = 1,
                         .max_length = 20})
          .text("email", {.format = "email"})
          .integer("age", {.required = true, .default_value = 36, .minimum = 0, .maximum = 150})
          .number("score", {.default_value = 9.5})
          .boolean("member", {.default_value = true}));
}

mcp_mqtt::CallToolResult shown(const mcp_mqtt::ElicitResult& result) {
  const Json actions{"accept", "decline", "cancel"};
  Json json{{"action", actions.at(static_cast<std::size_t>(result.action))}};
  if (!result.content.is_null()) json["content"] = result.content;
  return mcp_mqtt::text_result(json.dump());
}

namespace {

/// The library hands on what the user filled in; whether it fits the form is the tool's to see.
mcp_mqtt::CallToolResult ask_person(RequestContext& context) {
  const auto result = context.elicit(person_form());
  const int age = result.accepted() ? result.content.value("age", 0) : 0;
  if (age < 0 || age > 150) throw std::runtime_error("age is not from 0 to 150");
  return shown(result);
}

mcp_mqtt::ElicitRequest choice_form() {
  return mcp_mqtt::elicit_form(
      "Which one?", ElicitForm()
                        .choice("size", {"s", "m", "l"}, {.required = true, .default_value = "m"})
                        .choice("color", {{"r", "Red"}, {"g", "Green"}}, {.default_value = "g"}));
}

mcp_mqtt::ElicitRequest choices_form() {
  return mcp_mqtt::elicit_form(
      "Which ones?",
      ElicitForm()
          .choices("days", {"mon", "tue", "wed"}, {.min_items = 1, .max_items = 2})
          .choices("extras", {{"l", "Light"}, {"n", "Noise"}}, {.default_value = {{"n"}}}));
}

mcp_mqtt::ElicitRequest sign_in(const std::string& id) {
  return mcp_mqtt::elicit_url("Sign in, please", "https://example.com/sign-in?id=" + id, id);
}

mcp_mqtt::CallToolResult ask_sign_in(RequestContext& context) {
  const auto result = context.elicit(sign_in("sign-in-1"));
  if (result.accepted()) context.peer().notify_elicitation_complete("sign-in-1");
  return shown(result);
}

std::string needs_sign_in() {
  throw mcp_mqtt::McpError(
      mcp_mqtt::url_elicitation_required({sign_in("sign-in-2")}, "sign in first"));
}

}  // namespace

void add_user_tools(mcp_mqtt::McpServer& server) {
  server.add_tool("ask_person", "Asks the user who they are", ask_person);
  server.add_tool("ask_choice", "Asks the user for one of several",
                  [](RequestContext& context) { return shown(context.elicit(choice_form())); });
  server.add_tool("ask_choices", "Asks the user for some of several",
                  [](RequestContext& context) { return shown(context.elicit(choices_form())); });
  server.add_tool("ask_sign_in", "Sends the user to an URL, and tells when they are done there",
                  ask_sign_in);
  server.add_tool("needs_sign_in", "Refuses until the user signed in, and nobody ever does",
                  needs_sign_in);
}

}  // namespace interop
