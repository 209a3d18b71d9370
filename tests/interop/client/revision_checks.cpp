#include <chrono>
#include <string>
#include <variant>

#include "client/session_checks.hpp"

namespace interop {

using namespace std::chrono_literals;
using mcp_mqtt::ClientSession;
using mcp_mqtt::ElicitAction;
using mcp_mqtt::ElicitRequest;
using mcp_mqtt::ElicitResult;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::Revision;
namespace error_code = mcp_mqtt::error_code;

namespace {

/// server.mjs sends nothing that the revision lacks, and tells when it gets that from here.
void check_gates(Checks& checks, const ClientSession& session, Host& host) {
  const std::string revision(to_string(session.revision()));
  checks.check(revision + ": everything that the revision has works", [&] {
    const auto measured = session.call_tool("measure", {{"room", "kitchen"}});
    require_equal(json_answer(measured).at("celsius"), 21.5, "the text");
    require_equal(session.call_tool("contents").content.size(), 6, "the number of contents");
    require_equal(session.list_resources().size(), 4, "the number of resources");
    require_equal(session.read_resource("device://manual").text(), "turn it on", "the manual");
    require_equal(session.get_prompt("show_logo").messages.size(), 2, "the number of messages");
    require_answer(session, "ask_model", {{"prompt", "hello"}}, "model said: you wrote hello");
  });
  checks.check(revision + ": what is known already is left out of a completion where need be", [&] {
    const auto styles = session.complete({.reference = mcp_mqtt::PromptReference{"greet"},
                                          .argument = "style",
                                          .value = "",
                                          .context = {{"name", "Ada"}}});
    const std::size_t wanted = session.revision() < Revision::v2025_06_18 ? 2 : 1;
    require_equal(styles.values.size(), wanted, "the number of values");
  });
  checks.check(revision + ": tasks are refused before they are sent", [&] {
    require_error(ErrorKind::unsupported, 0, [&] {
      session.call_tool_as_task("render", {{"steps", 1}});
    });
    require_error(ErrorKind::unsupported, 0, [&] { session.list_tasks(); });
  });
  if (session.revision() < Revision::v2025_06_18) return;
  checks.check(revision + ": a form works as the revision has it", [&] {
    host.set_user([](const ElicitRequest&) {
      return ElicitResult{.action = ElicitAction::accept,
                          .content = {{"size", "l"}, {"color", "r"}}};
    });
    host.user_asked.take();
    require_equal(json_answer(session.call_tool("ask_choice")).at("action"), "accept",
                  "the action");
    const Json color = host.user_asked.take().at(0).requested_schema.at("properties").at("color");
    require_equal(color.at("enumNames"), {"Red", "Green"}, "the titles");
  });
}

void check_batch(Checks& checks, const ClientSession& session, Host& host) {
  if (session.revision() != Revision::v2025_03_26) return;
  checks.check("2025-03-26: a batch of the server is taken and answered", [&] {
    host.logs.take();
    require_equal(json_answer(session.call_tool("send_batch")),
                  Json::array({Json::object(), Json::object()}), "the answers");
    require_eventually("the log message", [&] { return host.logs.size() > 0; });
    require_equal(host.logs.take().at(0).data, "in a batch", "the log message");
  });
}

}  // namespace

void check_revision(Checks& checks, mcp_mqtt::McpClient& client, Host& host,
                    const std::string& name, Revision revision) {
  const std::string wanted(to_string(revision));
  ClientSession session;
  checks.check("a session opens in revision " + wanted, [&] {
    session = client.open(name, {.timeout = 20s, .revision = revision});
    require_equal(to_string(session.revision()), wanted, "the revision");
  });
  if (!session.is_open()) return;
  check_gates(checks, session, host);
  check_batch(checks, session, host);
  session.close();
}

void check_bare_client(Checks& checks, const ClientSession& session) {
  // The server hands the client's refusal on as its own answer.
  for (const std::string method : {"sampling/createMessage", "roots/list", "elicitation/create"}) {
    checks.check("what the client did not declare is refused with -32601: " + method, [&] {
      require_error(ErrorKind::rpc, error_code::method_not_found, [&] {
        session.call_tool("send_request", {{"method", method}});
      });
    });
  }
}

}  // namespace interop
