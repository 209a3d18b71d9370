#include <map>
#include <string>

#include "checks.hpp"

namespace conformance {
namespace {

using mcp_mqtt::ClientSession;

Json message(const Json& content) { return {{"role", "user"}, {"content", content}}; }
Json text_message(const std::string& words) { return message({{"type", "text"}, {"text", words}}); }

void check_prompts_listed(const ClientSession& session, Report& report) {
  report.check("prompts/list",
               list(list("test_prompt_with_arguments", list("arg1", "arg2")),
                    list("test_prompt_with_embedded_resource", list("resourceUri")),
                    list("test_prompt_with_image", list()), list("test_simple_prompt", list())),
               [&] {
                 Json found = Json::array();
                 for (const auto& prompt : session.list_prompts()) {
                   Json required = Json::array();
                   for (const auto& argument : prompt.arguments) {
                     if (argument.required) required.push_back(argument.name);
                   }
                   found.push_back(list(prompt.name, required));
                 }
                 return found;
               });
}

}  // namespace

void check_prompts(const ClientSession& session, Report& report) {
  const auto expect = [&](const std::string& name, const Json& messages,
                          const std::map<std::string, std::string>& arguments = {}) {
    report.check(name, messages, [&] {
      return to_json(session.get_prompt(name, arguments), mcp_mqtt::latest_revision).at("messages");
    });
  };
  const std::string uri = "test://example-resource";
  check_prompts_listed(session, report);
  expect("test_simple_prompt", list(text_message("This is a simple prompt for testing.")));
  expect("test_prompt_with_arguments",
         list(text_message("Prompt with arguments: arg1='hello', arg2='world'")),
         {{"arg1", "hello"}, {"arg2", "world"}});
  expect("test_prompt_with_embedded_resource",
         {message({{"type", "resource"},
                   {"resource",
                    {{"uri", uri},
                     {"mimeType", "text/plain"},
                     {"text", "Embedded resource content for testing."}}}}),
          text_message("Please process the embedded resource above.")},
         {{"resourceUri", uri}});
  expect("test_prompt_with_image",
         {message({{"type", "image"}, {"data", image_base64()}, {"mimeType", "image/png"}}),
          text_message("Please analyze the image above.")});
  report.check_error("an unknown prompt", -32602, [&] {
    return to_json(session.get_prompt("test_no_such_prompt"), mcp_mqtt::latest_revision);
  });
  report.check("completion/complete", {"test", "testing", "tested"}, [&] {
    return Json(session
                    .complete({.reference = mcp_mqtt::PromptReference{"test_prompt_with_arguments"},
                               .argument = "arg1",
                               .value = "test"})
                    .values);
  });
}

}  // namespace conformance
