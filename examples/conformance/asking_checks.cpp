#include <string>

#include "checks.hpp"

namespace conformance {
namespace {

using mcp_mqtt::ClientSession;

Json titled(const std::string& noun) {
  return {{{"const", "value1"}, {"title", "First " + noun}},
          {{"const", "value2"}, {"title", "Second " + noun}},
          {{"const", "value3"}, {"title", "Third " + noun}}};
}

Json default_fields() {
  return {{"name", {{"type", "string"}, {"description", "Name"}, {"default", "John Doe"}}},
          {"age", {{"type", "integer"}, {"description", "Age"}, {"default", 30}}},
          {"score", {{"type", "number"}, {"description", "Score"}, {"default", 95.5}}},
          {"status",
           {{"type", "string"},
            {"description", "Status"},
            {"enum", {"active", "inactive", "pending"}},
            {"default", "active"}}},
          {"verified", {{"type", "boolean"}, {"description", "Verified"}, {"default", true}}}};
}

Json enum_fields() {
  const Json options{"option1", "option2", "option3"};
  return {{"untitledSingle", {{"type", "string"}, {"enum", options}}},
          {"titledSingle", {{"type", "string"}, {"oneOf", titled("Option")}}},
          {"legacyEnum",
           {{"type", "string"},
            {"enum", {"opt1", "opt2", "opt3"}},
            {"enumNames", {"Option One", "Option Two", "Option Three"}}}},
          {"untitledMulti",
           {{"type", "array"},
            {"minItems", 1},
            {"maxItems", 3},
            {"items", {{"type", "string"}, {"enum", options}}}}},
          {"titledMulti",
           {{"type", "array"},
            {"minItems", 1},
            {"maxItems", 3},
            {"items", {{"anyOf", titled("Choice")}}}}}};
}

}  // namespace

void check_asking_tools(const ClientSession& session, Heard& heard, Report& report) {
  const auto text_of = [&](const std::string& tool, const Json& arguments = Json::object()) {
    return session.call_tool(tool, arguments).text();
  };
  report.check("test_sampling", "LLM response: forty-two", [&] {
    return text_of("test_sampling", {{"prompt", "What is the answer?"}});
  });
  report.check(
      "test_sampling: what the model is asked",
      Json{
          {"maxTokens", 100},
          {"messages",
           {{{"role", "user"}, {"content", {{"type", "text"}, {"text", "What is the answer?"}}}}}}},
      [&] { return heard.model_questions.take(1).at(0); });
  report.check("test_elicitation", R"(User response: action=accept, content={"response":"yes"})",
               [&] {
                 return text_of("test_elicitation", {{"message", "Do you agree?"}});
               });
  report.check("test_elicitation: what the user is asked", "Do you agree?",
               [&] { return heard.user_questions.take(1).at(0).at("message"); });
  report.check("test_elicitation_sep1034_defaults",
               "Elicitation completed: action=accept, content="
               R"({"age":30,"name":"John Doe","score":95.5,"status":"active","verified":true})",
               [&] { return text_of("test_elicitation_sep1034_defaults"); });
  report.check("test_elicitation_sep1034_defaults: the form", default_fields(),
               [&] { return heard.user_questions.take(1).at(0).at("schema").at("properties"); });
  report.check("test_elicitation_sep1330_enums", "Elicitation completed: action=accept, content={}",
               [&] { return text_of("test_elicitation_sep1330_enums"); });
  report.check("test_elicitation_sep1330_enums: the form", enum_fields(),
               [&] { return heard.user_questions.take(1).at(0).at("schema").at("properties"); });
}

}  // namespace conformance
