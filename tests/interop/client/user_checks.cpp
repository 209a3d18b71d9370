#include <string>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {

using mcp_mqtt::ClientSession;
using mcp_mqtt::ElicitAction;
using mcp_mqtt::ElicitForm;
using mcp_mqtt::ElicitRequest;
using mcp_mqtt::ElicitResult;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
namespace error_code = mcp_mqtt::error_code;

namespace {

Host::User accepts(const Json& content) {
  return [content](const ElicitRequest&) {
    return ElicitResult{.action = ElicitAction::accept, .content = content};
  };
}

Host::User does(ElicitAction action) {
  return [action](const ElicitRequest&) { return ElicitResult{.action = action}; };
}

/// The answer of `tool` while the user does `user`, and what the user was asked.
std::pair<Json, ElicitRequest> ask(const ClientSession& session, Host& host,
                                   const std::string& tool, Host::User user) {
  host.set_user(std::move(user));
  host.user_asked.take();
  const Json said = json_answer(session.call_tool(tool));
  const auto asked = host.user_asked.take();
  require_equal(asked.size(), 1, "how often the user was asked");
  return {said, asked[0]};
}

Json accepted(const Json& content) { return {{"action", "accept"}, {"content", content}}; }

void check_forms(Checks& checks, const ClientSession& session, Host& host) {
  const Json full{{"name", "Grace"},
                  {"email", "grace@example.com"},
                  {"age", 85},
                  {"score", 1.5},
                  {"member", false}};
  checks.check("a form has texts, numbers and a yes or no, with bounds and defaults", [&] {
    const auto [said, asked] = ask(session, host, "ask_person", accepts(full));
    require_equal(said, accepted(full), "the answer");
    require_equal(asked.message, "Who are you?", "the message");
    require(!asked.is_url(), "it is an URL");
    const ElicitForm form =
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
            .boolean("member", {.default_value = true});
    require_equal(asked.requested_schema, form.schema(), "the form");
  });
  checks.check("what the user leaves as it is has its default", [&] {
    const auto [said, asked] = ask(session, host, "ask_person", accepts({{"name", "Grace"}}));
    require_equal(said,
                  accepted({{"name", "Grace"}, {"age", 36}, {"score", 9.5}, {"member", true}}),
                  "the answer");
  });
  checks.check("the user may decline and cancel", [&] {
    require_equal(ask(session, host, "ask_person", does(ElicitAction::decline)).first,
                  {{"action", "decline"}}, "the answer");
    require_equal(ask(session, host, "ask_person", does(ElicitAction::cancel)).first,
                  {{"action", "cancel"}}, "the answer");
  });
  checks.check("what does not fit the form is not sent", [&] {
    Json wrong = full;
    wrong["age"] = -1;
    host.set_user(accepts(wrong));
    require_error(ErrorKind::rpc, error_code::internal_error,
                  [&] { session.call_tool("ask_person"); });
  });
}

void check_choices(Checks& checks, const ClientSession& session, Host& host) {
  checks.check("a form has choices, with titles and without", [&] {
    const Json chosen{{"size", "l"}, {"color", "r"}};
    const auto [said, asked] = ask(session, host, "ask_choice", accepts(chosen));
    require_equal(said, accepted(chosen), "the answer");
    const ElicitForm form =
        ElicitForm()
            .choice("size", {"s", "m", "l"}, {.required = true, .default_value = "m"})
            .choice("color", {{"r", "Red"}, {"g", "Green"}}, {.default_value = "g"});
    require_equal(asked.requested_schema, form.schema(), "the form");
  });
  checks.check("a form has multiple choices, with titles and without", [&] {
    const auto [said, asked] =
        ask(session, host, "ask_choices", accepts({{"days", {"mon", "wed"}}}));
    require_equal(said, accepted({{"days", {"mon", "wed"}}, {"extras", Json::array({"n"})}}),
                  "the answer");
    const Json& fields = asked.requested_schema.at("properties");
    const ElicitForm form =
        ElicitForm()
            .choices("days", {"mon", "tue", "wed"}, {.min_items = 1, .max_items = 2})
            .choices("extras", {{"l", "Light"}, {"n", "Noise"}}, {.default_value = {{"n"}}});
    require_equal(fields, form.schema().at("properties"), "the fields");
  });
}

void check_urls(Checks& checks, const ClientSession& session, Host& host) {
  const auto sign_in = [](const std::string& id) {
    return mcp_mqtt::elicit_url("Sign in, please", "https://example.com/sign-in?id=" + id, id);
  };
  checks.check("the user is sent to an URL, and the server tells when they are done there", [&] {
    host.elicitations_completed.take();
    const auto [said, asked] = ask(session, host, "ask_sign_in", does(ElicitAction::accept));
    require_equal(said, {{"action", "accept"}}, "the answer");
    require(asked.is_url(), "it is no URL");
    require_equal(asked.url, sign_in("sign-in-1").url, "the URL");
    require_equal(asked.message, "Sign in, please", "the message");
    require_eventually("elicitation/complete",
                       [&] { return host.elicitations_completed.size() > 0; });
    require_equal(host.elicitations_completed.take(), {"sign-in-1"}, "what was completed");
  });
  checks.check("a tool that needs an URL opened first is refused with -32042", [&] {
    const auto error = require_error(ErrorKind::rpc, error_code::url_elicitation_required,
                                     [&] { session.call_tool("needs_sign_in"); });
    const auto needed = mcp_mqtt::required_elicitations(error);
    require(needed == std::vector{sign_in("sign-in-2")}, "other URLs are needed");
  });
}

}  // namespace

void check_user(Checks& checks, const ClientSession& session, Host& host) {
  check_forms(checks, session, host);
  check_choices(checks, session, host);
  check_urls(checks, session, host);
}

}  // namespace interop
