#include <array>
#include <string>
#include <utility>

#include "fixture.hpp"

namespace conformance {
namespace {

using mcp_mqtt::arg;
using mcp_mqtt::elicit_form;
using mcp_mqtt::ElicitForm;
using mcp_mqtt::ElicitResult;
using mcp_mqtt::Json;
using mcp_mqtt::RequestContext;

std::string ask_model(const std::string& prompt, RequestContext& context) {
  const auto answer =
      context.create_message({.messages = {mcp_mqtt::user_says(prompt)}, .max_tokens = 100});
  return "LLM response: " + answer.text();
}

std::string shown(const ElicitResult& result) {
  constexpr std::array actions{"accept", "decline", "cancel"};
  const Json content = result.content.is_null() ? Json::object() : result.content;
  return std::string("action=") + actions.at(static_cast<std::size_t>(result.action)) +
         ", content=" + content.dump();
}

std::string ask_user(const std::string& message, RequestContext& context) {
  const auto form =
      ElicitForm().text("response", {.description = "User's response", .required = true});
  return "User response: " + shown(context.elicit(elicit_form(message, form)));
}

std::string ask_with_defaults(RequestContext& context) {
  const auto form = ElicitForm()
                        .text("name", {.description = "Name", .default_value = "John Doe"})
                        .integer("age", {.description = "Age", .default_value = 30})
                        .number("score", {.description = "Score", .default_value = 95.5})
                        .choice("status", {"active", "inactive", "pending"},
                                {.description = "Status", .default_value = "active"})
                        .boolean("verified", {.description = "Verified", .default_value = true});
  return "Elicitation completed: " +
         shown(context.elicit(elicit_form("Please look through these fields", form)));
}

std::string ask_with_enums(RequestContext& context) {
  const auto form =
      ElicitForm()
          .choice("untitledSingle", {"option1", "option2", "option3"})
          .choice(
              "titledSingle",
              {{"value1", "First Option"}, {"value2", "Second Option"}, {"value3", "Third Option"}})
          .choices("untitledMulti", {"option1", "option2", "option3"},
                   {.min_items = 1, .max_items = 3})
          .choices(
              "titledMulti",
              {{"value1", "First Choice"}, {"value2", "Second Choice"}, {"value3", "Third Choice"}},
              {.min_items = 1, .max_items = 3});
  auto request = elicit_form("Please choose", form);
  // The form that titles had before 2025-11-25.
  request.requested_schema["properties"]["legacyEnum"] = {
      {"type", "string"},
      {"enum", {"opt1", "opt2", "opt3"}},
      {"enumNames", {"Option One", "Option Two", "Option Three"}}};
  return "Elicitation completed: " + shown(context.elicit(request));
}

}  // namespace

void add_asking_tools(mcp_mqtt::McpServer& server) {
  server.add_tool("test_sampling", "Asks the client's model",
                  {arg("prompt", "What the model is asked")}, ask_model);
  server.add_tool("test_elicitation", "Asks the client's user",
                  {arg("message", "What the user is asked")}, ask_user);
  server.add_tool("test_elicitation_sep1034_defaults", "Asks for fields that have defaults",
                  ask_with_defaults);
  server.add_tool("test_elicitation_sep1330_enums", "Asks for choices of every form",
                  ask_with_enums);
}

}  // namespace conformance
