#pragma once

#include <string>
#include <utility>

#include <mcp_mqtt/context.hpp>

#include "action_queue.hpp"
#include "engine/server_engine.hpp"

namespace mcp_mqtt::engine::test {

inline ServerConfig server_config() {
  ServerConfig config;
  config.instance = {"s1", "desk/companion", "Volume and display", Json{{"room", "study"}}};
  config.implementation = {"companion", "1.0.0"};
  return config;
}

inline ToolDefinition echo_tool(std::string name = "echo") {
  ToolDefinition definition;
  definition.tool.name = std::move(name);
  definition.tool.description = "says it again";
  definition.handler = [](const Json& arguments, RequestContext&) {
    return text_result(arguments.dump());
  };
  return definition;
}

inline void add_tool(ServerEngine& engine, const ToolDefinition& tool) {
  engine.change(FeatureList::tools, [&](Features& features) { return features.tools.add(tool); })
      .value();
}

/// What the echo tool was called with.
inline Json arguments_of(const RunHandler& run) {
  RequestContext context;
  const Json answer = run.work(context).value();
  return Json::parse(answer.at("content")[0].at("text").get<std::string>());
}

/// A server engine on a virtual clock, and what it asked for.
class ServerHarness {
 public:
  explicit ServerHarness(ServerConfig config = server_config()) : engine(std::move(config)) {
    add_tool(engine, echo_tool());
  }

  ServerEngine engine;
  ActionQueue<ServerAction> actions;
  TimePoint now{std::chrono::hours(1)};

  static std::string control() { return "$mcp-server/s1/desk/companion"; }
  static std::string presence() { return "$mcp-server/presence/s1/desk/companion"; }
  static std::string capability() { return "$mcp-server/capability/s1/desk/companion"; }
  static std::string rpc(const std::string& client) {
    return "$mcp-rpc/" + client + "/s1/desk/companion";
  }

  void connected(mqtt::UserProperties properties = {}) {
    mqtt::ConnectionInfo info;
    info.user_properties = std::move(properties);
    engine.on_connected(info, now);
    collect();
  }
  void lost() {
    engine.on_connection_lost(error_of(ErrorKind::connection_lost, "the broker is gone"));
    collect();
  }
  void acknowledge(const Subscribe& action, Result<void> outcome = {}) {
    engine.on_subscribed(action.ticket, outcome, now);
    collect();
  }
  void acknowledge(const Publish& action, Result<void> outcome = {}) {
    engine.on_published(action.ticket, outcome, now);
    collect();
  }
  void deliver(const mqtt::Message& message) {
    engine.on_message(message, now);
    collect();
  }
  void advance(Duration step) {
    now += step;
    engine.on_time(now);
    collect();
  }
  /// A tool's handler came to this.
  void finish(const RunHandler& run, const Result<CallToolResult>& outcome) {
    finish(run.call, tool_answer(outcome, run.client.revision));
  }
  void finish(CallNumber call, Result<Json> outcome) {
    engine.finish(call, std::move(outcome), now);
    collect();
  }
  void progress(CallNumber call, Progress value) {
    engine.report_progress(call, value);
    collect();
  }
  void add(const ToolDefinition& tool) {
    add_tool(engine, tool);
    collect();
  }
  bool remove_tool(std::string_view name) {
    const auto removed = engine.change(FeatureList::tools, [&](Features& features) -> Result<void> {
      if (features.tools.remove(name)) return {};
      return error_of(ErrorKind::invalid_argument);
    });
    collect();
    return removed.has_value();
  }
  void leave() {
    engine.leave();
    collect();
  }

  /// Connected, subscribed, announced.
  void bring_online() {
    connected();
    acknowledge(actions.next<Subscribe>());
    acknowledge(actions.next<Publish>());
    actions.next<ServerOnline>();
    actions.expect_nothing();
  }

  static Json initialize_body(const Json& id, std::string_view revision = "2025-11-25") {
    return request_json(id, "initialize",
                        {{"protocolVersion", revision},
                         {"capabilities", Json::object()},
                         {"clientInfo", {{"name", "host"}, {"version", "2"}}}});
  }
  void send_control(const std::string& client, const Json& body) {
    deliver(message_of(client, control(), body.dump()));
  }
  void send(const std::string& client, const Json& body) { send_text(client, body.dump()); }
  void send_text(const std::string& client, const std::string& payload) {
    deliver(message_of(client, rpc(client), payload));
  }
  void initialized(const std::string& client) {
    send(client, notification_json("notifications/initialized"));
  }

  /// `initialize` up to its answer; the answer.
  Json handshake(const std::string& client, const Json& id = 1,
                 std::string_view revision = "2025-11-25") {
    send_control(client, initialize_body(id, revision));
    while (auto subscribe = actions.find<Subscribe>()) acknowledge(*subscribe);
    return expect_answer(client);
  }
  /// A session in use.
  void open_session(const std::string& client, std::string_view revision = "2025-11-25") {
    handshake(client, 1, revision);
    initialized(client);
    EXPECT_EQ(actions.next<ClientConnected>().client.client_id, client);
    actions.expect_nothing();
  }

  /// The next action is a publish to the client; its body.
  Json expect_answer(const std::string& client) {
    return ActionQueue<ServerAction>::body(actions.expect_publish(rpc(client)));
  }
  Json expect_result(const std::string& client, const Json& id) {
    const Json answer = expect_answer(client);
    EXPECT_EQ(answer.value("id", Json()), id) << answer;
    EXPECT_TRUE(answer.contains("result")) << answer;
    return answer.value("result", Json::object());
  }
  /// The next action is an error answer with this code; its message.
  std::string expect_error(const std::string& client, const Json& id, int code) {
    const Json answer = expect_answer(client);
    EXPECT_EQ(answer.value("id", Json("none")), id) << answer;
    const Json error = answer.value("error", Json::object());
    EXPECT_EQ(error.value("code", 0), code) << answer;
    return error.value("message", std::string());
  }

  static Json call_body(const Json& id, const std::string& tool = "echo",
                        Json arguments = Json::object()) {
    return request_json(id, "tools/call", {{"name", tool}, {"arguments", std::move(arguments)}});
  }
  RunHandler start_call(const std::string& client, const Json& id) {
    send(client, call_body(id));
    return actions.next<RunHandler>();
  }

 private:
  void collect() { actions.add(engine.take_actions()); }
};

}  // namespace mcp_mqtt::engine::test
