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

inline RequestTiming within(Duration timeout) { return {timeout, false, std::nullopt}; }

inline ResourceDefinition text_resource(const std::string& uri, std::string text = "text") {
  ResourceDefinition definition;
  definition.resource.uri = uri;
  definition.resource.name = uri;
  definition.handler = [text = std::move(text)](const ResourceRequest& request, RequestContext&) {
    return ReadResourceResult{{ResourceContents{request.uri, "text/plain", text}}, nullptr};
  };
  return definition;
}

/// Its text: the name, then each variable and its value.
inline ResourceTemplateDefinition text_template(const std::string& uri_template,
                                                const std::string& name = "template") {
  ResourceTemplateDefinition definition;
  definition.resource_template.uri_template = uri_template;
  definition.resource_template.name = name;
  definition.handler = [name](const ResourceRequest& request, RequestContext&) {
    std::string text = name;
    for (const auto& [variable, value] : request.variables) text += " " + variable + "=" + value;
    return ReadResourceResult{{ResourceContents{request.uri, "text/plain", text}}, nullptr};
  };
  return definition;
}

/// Its only message: its arguments.
inline PromptDefinition echo_prompt(const std::string& name,
                                    std::vector<PromptArgument> arguments = {}) {
  PromptDefinition definition;
  definition.prompt.name = name;
  definition.prompt.arguments = std::move(arguments);
  definition.handler = [](const Json& given, RequestContext&) {
    return GetPromptResult{"", {user_message(given.dump())}, nullptr};
  };
  return definition;
}

inline ToolDefinition task_tool(std::string name, TaskSupport support = TaskSupport::optional) {
  ToolDefinition definition = echo_tool(std::move(name));
  definition.tool.task_support = support;
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
  void add(const ResourceDefinition& resource) {
    change(FeatureList::resources, [&](Features& f) { return f.resources.add(resource); });
  }
  void add(const ResourceTemplateDefinition& resource_template) {
    change(FeatureList::resources, [&](Features& f) { return f.resources.add(resource_template); });
  }
  void add(const PromptDefinition& prompt) {
    change(FeatureList::prompts, [&](Features& f) { return f.prompts.add(prompt); });
  }
  void change(FeatureList list, const std::function<Result<void>(Features&)>& change) {
    engine.change(list, change).value();
    collect();
  }
  void remove_resource(const std::string& uri) {
    change(FeatureList::resources, [&](Features& features) -> Result<void> {
      if (features.resources.remove(uri) || features.resources.remove_template(uri)) return {};
      return error_of(ErrorKind::invalid_argument, uri);
    });
  }
  void remove_prompt(const std::string& name) {
    change(FeatureList::prompts, [&](Features& features) -> Result<void> {
      if (features.prompts.remove(name)) return {};
      return error_of(ErrorKind::invalid_argument, name);
    });
  }
  /// A resource changed.
  void update(const std::string& uri) {
    engine.resource_updated(uri);
    collect();
  }
  void log(const std::string& client, const LoggingMessage& message) {
    engine.log(engine.session_number(client), message, 0, now);
    collect();
  }
  void log_to_all(const LoggingMessage& message) {
    engine.log_to_all(message, now);
    collect();
  }
  /// A request to the client; its token.
  CallToken ask(const std::string& client, const std::string& method,
                const Json& params = Json::object(), CallNumber origin = 0,
                RequestTiming timing = within(std::chrono::seconds(10)),
                bool wants_progress = false) {
    engine.ask(engine.session_number(client), ++last_ask_, method, params, timing, wants_progress,
               origin, now);
    collect();
    return last_ask_;
  }
  void cancel_ask(const std::string& client, CallToken call, const std::string& reason = {}) {
    engine.cancel_ask(engine.session_number(client), call, reason, now);
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
  void drain(Duration timeout) {
    engine.drain(timeout, now);
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

  static Json initialize_body(const Json& id, std::string_view revision = "2025-11-25",
                              const Json& capabilities = Json::object()) {
    return request_json(id, "initialize",
                        {{"protocolVersion", revision},
                         {"capabilities", capabilities},
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
                 std::string_view revision = "2025-11-25",
                 const Json& capabilities = Json::object()) {
    send_control(client, initialize_body(id, revision, capabilities));
    while (auto subscribe = actions.find<Subscribe>()) acknowledge(*subscribe);
    return expect_answer(client);
  }
  /// A session in use.
  void open_session(const std::string& client, std::string_view revision = "2025-11-25",
                    const Json& capabilities = Json::object()) {
    handshake(client, 1, revision, capabilities);
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
  /// The handler's own outcome.
  void run(const RunHandler& action) {
    RequestContext context{ContextParts{action.client, {}, {}, {}, {}, action.meta}};
    finish(action.call, action.work(context));
  }
  /// A request that a handler answers; the result.
  Json ask_handler(const std::string& client, const Json& id, const std::string& method,
                   const Json& params) {
    send(client, request_json(id, method, params));
    run(actions.next<RunHandler>());
    return expect_result(client, id);
  }
  /// A request that is answered at once; the result.
  Json ask_server(const std::string& client, const Json& id, const std::string& method,
                  const Json& params = Json::object()) {
    send(client, request_json(id, method, params));
    return expect_result(client, id);
  }
  /// A request that is refused at once; the message.
  std::string ask_refused(const std::string& client, const Json& id, const std::string& method,
                          const Json& params, int code) {
    send(client, request_json(id, method, params));
    return expect_error(client, id, code);
  }
  /// The next action is this notification to the client; its params.
  Json expect_notice(const std::string& client, const std::string& method) {
    return actions.expect_method(rpc(client), method).value("params", Json::object());
  }
  /// The next action ends a request to a client; its outcome.
  Result<Json> expect_outcome(CallToken call) {
    auto action = actions.next<CompleteCall>();
    EXPECT_EQ(action.call, call);
    return std::move(action.result);
  }
  ErrorKind expect_failure(CallToken call, std::string_view text = {}) {
    const auto outcome = expect_outcome(call);
    EXPECT_FALSE(outcome);
    if (outcome) return ErrorKind::rpc;
    EXPECT_NE(outcome.error().message.find(text), std::string::npos) << describe(outcome.error());
    return outcome.error().kind;
  }

  RunHandler start_call(const std::string& client, const Json& id) {
    send(client, call_body(id));
    return actions.next<RunHandler>();
  }

 private:
  void collect() { actions.add(engine.take_actions()); }

  CallToken last_ask_ = 0;
};

}  // namespace mcp_mqtt::engine::test
