#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::arg;
using mcp_mqtt::Json;
using mcp_mqtt::LoggingLevel;
using mcp_mqtt::McpServer;
using mcp_mqtt::RequestContext;

namespace {

void add_growing(McpServer& server) {
  server.add_tool("grow", "Adds the tool grown", [&] {
    server.replace_tool(
        mcp_mqtt::typed_tool("grown", "Was not there before", [] { return std::string("grown"); }));
    return std::string("there is a new tool");
  });
  server.add_tool("grow_resource", "Adds the resource grown", [&] {
    server.add_resource({.uri = "device://grown", .name = "grown", .mime_type = "text/plain"},
                        "grown");
    return std::string("there is a new resource");
  });
  server.add_tool("grow_prompt", "Adds the prompt grown", [&] {
    server.replace_prompt(
        {.prompt = {.name = "grown", .description = "Was not there before"},
         .handler = [](const Json&, RequestContext&) -> mcp_mqtt::GetPromptResult {
           return {.messages = {mcp_mqtt::user_message("grown")}};
         }});
    return std::string("there is a new prompt");
  });
  server.add_tool("shrink", "Takes away what grow, grow_resource and grow_prompt added", [&] {
    server.remove_tool("grown");
    server.remove_resource("device://grown");
    server.remove_prompt("grown");
    return std::string("it is gone");
  });
  server.add_tool("touch", "Says that a resource changed", {arg("uri", "Which one")},
                  [&](const std::string& uri) {
                    server.notify_resource_updated(uri);
                    return "touched " + uri;
                  });
}

void add_logging(McpServer& server) {
  server.add_tool("log_two", "Logs \"quiet\" at level info and \"loud\" at level error",
                  [](RequestContext& context) {
                    context.log(LoggingLevel::info, "quiet");
                    context.log(LoggingLevel::error, "loud");
                    return std::string("logged");
                  });
  server.add_tool("log_all", "Logs once at each level", [](RequestContext& context) {
    for (const auto level : {LoggingLevel::debug, LoggingLevel::info, LoggingLevel::notice,
                             LoggingLevel::warning, LoggingLevel::error, LoggingLevel::critical,
                             LoggingLevel::alert, LoggingLevel::emergency}) {
      context.log(level, {{"at", to_string(level)}}, "device");
    }
    return std::string("logged");
  });
}

}  // namespace

void add_session_tools(McpServer& server, Device& device) {
  add_growing(server);
  add_logging(server);
  server.on_roots_changed([&](const mcp_mqtt::ConnectedClient& client) {
    device.roots_changed(client.info().client_id);
  });
  server.add_tool("list_roots", "Lists the client's roots, and how often they changed",
                  [&](RequestContext& context) {
                    Json uris = Json::array();
                    for (const auto& root : context.list_roots()) uris.push_back(root.uri);
                    const int changes = device.root_changes(context.client().client_id);
                    return Json{{"roots", uris}, {"changes", changes}}.dump();
                  });
  server.add_tool("ping_client", "Pings the client", [](RequestContext& context) {
    context.peer().ping();
    return std::string("pong");
  });
  server.add_tool(
      "send_request", "Sends any request to the client",
      {arg("method", "Which one"), arg("params", "Its params")},
      [](const std::string& method, const std::optional<std::map<std::string, Json>>& params,
         RequestContext& context) {
        const Json sent = params ? Json(*params) : Json::object();
        return context.peer().request(method, sent).dump();
      });
  server.add_tool("hang_up", "Answers, then ends this session from the side of the server",
                  [&](RequestContext& context) {
                    device.hang_up_soon(context.peer());
                    return std::string("good bye");
                  });
}

}  // namespace interop
