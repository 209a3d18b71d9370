#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {

using mcp_mqtt::assistant_message;
using mcp_mqtt::ClientSession;
using mcp_mqtt::CompleteRequest;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::Prompt;
using mcp_mqtt::PromptMessage;
using mcp_mqtt::PromptReference;
using mcp_mqtt::ResourceReference;
using mcp_mqtt::Role;
using mcp_mqtt::user_message;
namespace error_code = mcp_mqtt::error_code;

namespace {

using Arguments = std::map<std::string, std::string>;

void check_list(Checks& checks, const ClientSession& session) {
  checks.check("every prompt is listed, over all pages, with all that is said", [&] {
    std::map<std::string, Prompt> prompts;
    for (const Prompt& prompt : session.list_prompts()) prompts.emplace(prompt.name, prompt);
    std::set<std::string> names;
    for (const auto& [name, prompt] : prompts) names.insert(name);
    require_equal(names, std::set<std::string>{"greet", "repeat", "show_logo", "show_manual"},
                  "the names");
    const Prompt& greet = prompts.at("greet");
    require_equal(greet.title, "Greet somebody", "the title");
    require_equal(greet.description, "Greets", "the description");
    require(greet.icons == std::vector{device_icon()}, "the icon is another one");
    require_equal(greet.meta, {{"example.com/kind", "greeting"}}, "_meta");
    require_equal(greet.arguments.size(), 2, "the number of arguments");
    require_equal(greet.arguments[0].name, "name", "the first argument");
    require_equal(greet.arguments[0].description, "Who is greeted", "its description");
    require(greet.arguments[0].required && !greet.arguments[1].required, "required is wrong");
  });
}

void check_messages(Checks& checks, const ClientSession& session) {
  const auto gives = [&](const std::string& what, const std::string& name,
                         const Arguments& arguments, const std::vector<PromptMessage>& wanted) {
    checks.check(what, [&] {
      require(session.get_prompt(name, arguments).messages == wanted, "the messages are others");
    });
  };
  gives("a prompt is made of its argument", "greet", {{"name", "Ada"}},
        {user_message("Say hello to Ada")});
  gives("an optional argument may be given", "greet", {{"name", "Ada"}, {"style", "formal"}},
        {user_message("Say hello to Ada in formal style")});
  gives("an argument may be a number", "repeat", {{"word", "ho"}, {"times", "3"}},
        {user_message("ho ho ho")});
  gives(
      "a prompt may bring a resource along, and have several messages", "show_manual", {},
      {{.role = Role::user,
        .content = mcp_mqtt::EmbeddedResource{.resource = mcp_mqtt::text_contents(
                                                  "device://manual", "turn it on", "text/plain")}},
       assistant_message("I have read it"),
       user_message("Explain it")});
  gives("a prompt may bring an image along", "show_logo", {},
        {{.role = Role::user,
          .content = mcp_mqtt::ImageContent{.data = picture(), .mime_type = "image/png"}},
         user_message("What is on it?")});
  const auto refused = [&](const std::string& what, const std::string& name,
                           const Arguments& arguments) {
    checks.check(what + " is refused with -32602", [&] {
      require_error(ErrorKind::rpc, error_code::invalid_params,
                    [&] { session.get_prompt(name, arguments); });
    });
  };
  refused("a prompt without its argument", "greet", {});
  refused("an argument of the wrong type", "repeat", {{"word", "ho"}, {"times", "often"}});
  refused("an unknown prompt", "no_such_prompt", {});
}

void check_completion(Checks& checks, const ClientSession& session) {
  const PromptReference greet{"greet"};
  const ResourceReference reading{"device://rooms/{room}/{reading}"};
  const auto completes = [&](const std::string& what, const CompleteRequest& request,
                             const std::vector<std::string>& wanted) {
    checks.check(what,
                 [&] { require_equal(session.complete(request).values, wanted, "the values"); });
  };
  completes("the argument of a prompt is completed",
            {.reference = greet, .argument = "name", .value = "A"}, {"Ada", "Alan"});
  completes("the variable of a template is completed",
            {.reference = reading, .argument = "room", .value = "ki"}, {"kids", "kitchen"});
  completes("completion knows the arguments of a prompt that have a value",
            {.reference = greet, .argument = "style", .value = "", .context = {{"name", "Ada"}}},
            {"formal"});
  completes(
      "completion knows the variables of a template that have a value",
      {.reference = reading, .argument = "reading", .value = "", .context = {{"room", "kitchen"}}},
      {"humidity", "temperature"});
  checks.check("of more than 100 values the first 100 come, with the number of all", [&] {
    const auto found =
        session.complete({.reference = ResourceReference{"device://find{?text,limit}"},
                          .argument = "text",
                          .value = "item "});
    require_equal(found.values.size(), 100, "the number of values");
    require_equal(found.total.value_or(0), 150, "the total");
    require(found.has_more.value_or(false), "has_more is not set");
  });
  checks.check("completion for an unknown prompt is refused with -32602", [&] {
    require_error(ErrorKind::rpc, error_code::invalid_params, [&] {
      session.complete(
          {.reference = PromptReference{"no_such_prompt"}, .argument = "a", .value = ""});
    });
  });
}

}  // namespace

void check_prompts(Checks& checks, const ClientSession& session) {
  check_list(checks, session);
  check_messages(checks, session);
  check_completion(checks, session);
}

}  // namespace interop
