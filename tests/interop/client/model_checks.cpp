#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {

using namespace std::chrono_literals;
using mcp_mqtt::CallToolResult;
using mcp_mqtt::ClientSession;
using mcp_mqtt::CreateMessageRequest;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::Result;
using mcp_mqtt::Role;
using mcp_mqtt::user_says;

namespace {

void check_roots(Checks& checks, mcp_mqtt::McpClient& client, const ClientSession& session) {
  checks.check("the server lists the roots, and hears that they changed", [&] {
    const auto roots = [&] { return json_answer(session.call_tool("list_roots")); };
    const Json before = roots();
    require_equal(before.at("roots"), {"file:///one"}, "the roots");
    client.set_roots({{.uri = "file:///one", .name = "One"}, {.uri = "file:///two"}});
    require_eventually("roots/list_changed",
                       [&] { return roots().at("changes") > before.at("changes"); });
    require_equal(roots().at("roots"), {"file:///one", "file:///two"}, "the roots");
  });
}

void check_answers(Checks& checks, const ClientSession& session, Host& host) {
  checks.check("the server asks the model", [&] {
    require_answer(session, "ask_model", {{"prompt", "hello"}}, "model said: you wrote hello");
  });
  checks.check("the user may reject what the model is asked", [&] {
    const auto error = require_error(ErrorKind::rpc, -1, [&] {
      session.call_tool("ask_model", {{"prompt", "reject"}});
    });
    require(error.message.find("the user rejected it") != std::string::npos, error.message);
  });
  checks.check("cancelling a tool cancels what it asked the model", [&] {
    const auto asked = host.model_asked.size();
    const int cancelled = host.cancelled;
    const auto ended = std::make_shared<std::promise<Result<CallToolResult>>>();
    const auto call = session.async_call_tool(
        "ask_model", {{"prompt", "wait"}}, {},
        [ended](Result<CallToolResult> result) { ended->set_value(std::move(result)); });
    require_eventually("the request to the model", [&] { return host.model_asked.size() > asked; });
    call.cancel("the user went away");
    require_error(ErrorKind::cancelled, 0, [&] { ended->get_future().get().value(); });
    require_eventually("the cancellation of the request to the model",
                       [&] { return host.cancelled > cancelled; });
  });
  checks.check("the client tells the progress of its model", [&] {
    const Json told = json_answer(session.call_tool("ask_model_slowly", {{"prompt", "slowly"}}));
    require_equal(told.at("text"), "you wrote slowly", "the answer");
    // Steps that come faster than they are sent may be lost, but for the last.
    require_equal(told.at("progress").back(), {2, 2}, "the last progress");
  });
}

CreateMessageRequest full_request() {
  return {
      .messages = {user_says("What is this?"),
                   {.role = Role::user,
                    .content = {mcp_mqtt::ImageContent{.data = picture(),
                                                       .mime_type = "image/png"}}},
                   {.role = Role::user,
                    .content = {mcp_mqtt::AudioContent{.data = sound(), .mime_type = "audio/wav"}}},
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
}

void check_requests(Checks& checks, const ClientSession& session, Host& host) {
  checks.check("everything that is said to the model comes through", [&] {
    host.model_asked.take();
    require_equal(json_answer(session.call_tool("ask_model_fully")),
                  {{"role", "assistant"},
                   {"model", "parrot"},
                   {"stopReason", "endTurn"},
                   {"text", "you wrote Which one?"}},
                  "the answer");
    CreateMessageRequest asked = host.model_asked.take().at(0);
    asked.meta = nullptr;
    require(asked == full_request(), "the request is another one");
  });
  checks.check("the model uses a tool of the server, and gets its result", [&] {
    host.model_asked.take();
    require_answer(session, "ask_model_with_tools", Json::object(),
                   "model said: it says weather in Paris: rain");
    const auto asked = host.model_asked.take();
    require_equal(asked.size(), 2, "the number of requests");
    require_equal(asked[0].tools.at(0).name, "weather", "the tool");
    require(asked[0].tool_choice == mcp_mqtt::ToolChoice::automatic, "the first choice is wrong");
    require(asked[1].tool_choice == mcp_mqtt::ToolChoice::none, "the second choice is wrong");
    const auto& use = std::get<mcp_mqtt::ToolUseContent>(asked[1].messages.at(1).content.at(0));
    require_equal(use.input, {{"city", "Paris"}}, "the use of the tool");
    const auto& result =
        std::get<mcp_mqtt::ToolResultContent>(asked[1].messages.at(2).content.at(0));
    require_equal(result.tool_use_id, "use-1", "the id of the result");
  });
}

}  // namespace

void check_model(Checks& checks, mcp_mqtt::McpClient& client, const ClientSession& session,
                 Host& host) {
  checks.check("the client answers the server's ping during a call (T44)",
               [&] { require_answer(session, "ping_client", Json::object(), "pong"); });
  check_roots(checks, client, session);
  check_answers(checks, session, host);
  check_requests(checks, session, host);
}

}  // namespace interop
