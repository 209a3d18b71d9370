#include "command_line/workshop.hpp"

#include <condition_variable>
#include <mutex>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace mcp_mqtt::test {
namespace {

std::string wait_until_cancelled(const EventLog<std::string>& events, RequestContext& context) {
  events.push("slow");
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, context.stop_token(), patience, [&] { return context.cancelled(); });
  events.push(context.cancelled() ? "cancelled" : "never cancelled");
  return "done";
}

}  // namespace

Workshop::Workshop(const std::string& broker_url, const std::string& name) {
  server_ = std::make_unique<McpServer>(
      ServerOptions{.name = name, .version = "4.2", .instructions = "Mind your fingers."});
  server_->on_client_connected([events = events_](const ConnectedClient& client) {
    events.push("client " + client.info().implementation.name);
  });
  server_->on_roots_changed(
      [events = events_](const ConnectedClient&) { events.push("roots changed"); });
  server_->on_subscription(
      [events = events_](const ClientInfo&, const std::string& uri, bool subscribed) {
        events.push((subscribed ? "watches " : "leaves ") + uri);
      });
  add_tools();
  add_tools_that_ask();
  add_the_rest();
  server_->start(broker_url);
}

void Workshop::add_tools() {
  server_->add_tool("saw", "Saw a board", {arg("cuts", "How many")},
                    [](int cuts, RequestContext& context) {
                      context.log(LoggingLevel::warning, "dust", "saw");
                      for (int cut = 1; cut <= cuts; ++cut) {
                        context.report_progress(cut, cuts, "cut " + std::to_string(cut));
                      }
                      return std::to_string(cuts) + " cuts";
                    });
  server_->add_tool("slow", "Waits until it is cancelled",
                    [events = events_](RequestContext& context) {
                      return wait_until_cancelled(events, context);
                    });
  server_->add_tool("show", "Shows the plan", [] {
    CallToolResult result;
    result.content.emplace_back(ResourceLink{.uri = "plan://1", .name = "plan"});
    result.content.emplace_back(
        EmbeddedResource{{.uri = "plan://2", .mime_type = "text/plain", .text = "Measure twice."}});
    return result;
  });
  auto print = typed_tool("print", "Print a part", [] { return std::string("printed"); });
  print.tool.task_support = TaskSupport::optional;
  server_->add_tool(std::move(print));
}

void Workshop::add_tools_that_ask() {
  server_->add_tool(
      "ask_model", "Asks the host's model", [events = events_](RequestContext& context) {
        CallOptions options;
        options.on_progress = [events](const Progress&) { events.push("model at work"); };
        return context
            .create_message({.messages = {user_says("Which glue?")}, .max_tokens = 20}, options)
            .text();
      });
  server_->add_tool("ask_user", "Asks the user", [](RequestContext& context) {
    context.report_progress(1, 2, "asking");
    const auto answer = context.elicit(elicit_form("Which colour?", ElicitForm().text("colour")));
    return answer.content.value("colour", std::string("none"));
  });
  server_->add_tool("ask_roots", "Asks for the roots", [](RequestContext& context) {
    std::string out;
    for (const Root& root : context.list_roots()) out += root.uri;
    return out;
  });
}

void Workshop::add_the_rest() {
  server_->add_resource({.uri = "plan://1", .name = "plan", .mime_type = "text/plain"},
                        "Measure once.");
  server_->add_resource_template(
      {.uri_template = "wood://{kind}", .name = "wood"},
      [](const ResourceRequest& request) { return request.variables.at("kind") + " is wood"; });
  server_->complete_resource_template("wood://{kind}", "kind", [](const std::string&) {
    return std::vector<std::string>{"oak", "ash"};
  });
  server_->add_prompt("build", "Asks for a plan",
                      {arg("what", "What to build").one_of({"box", "bench"})},
                      [](const std::string& what) { return "Build a " + what; });
}

}  // namespace mcp_mqtt::test
