#pragma once

#include <string>
#include <utility>
#include <vector>

#include "action_queue.hpp"
#include "engine/client_engine.hpp"

namespace mcp_mqtt::engine::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline ClientConfig client_config() {
  ClientConfig config;
  config.implementation = {"host", "2.0.0"};
  // Most tests have one instance and say what comes next: client_choice_test.cpp has the waiting.
  config.choice_window = {};
  config.own_instance_grace = {};
  return config;
}

/// A client engine on a virtual clock, and what it asked for.
class ClientHarness {
 public:
  explicit ClientHarness(ClientConfig config = client_config())
      : engine(std::move(config), "client-0123456789", 7) {}

  ClientEngine engine;
  ActionQueue<ClientAction> actions;
  TimePoint now{std::chrono::hours(1)};

  static std::string presence(const std::string& id, const std::string& name = "desk/companion") {
    return "$mcp-server/presence/" + id + "/" + name;
  }
  static std::string control(const std::string& id, const std::string& name = "desk/companion") {
    return "$mcp-server/" + id + "/" + name;
  }
  static std::string capability(const std::string& id, const std::string& name = "desk/companion") {
    return "$mcp-server/capability/" + id + "/" + name;
  }
  std::string rpc(const std::string& id, ConnectionNumber connection = 0,
                  const std::string& name = "desk/companion") const {
    return "$mcp-rpc/" + engine.client_id(connection) + "/" + id + "/" + name;
  }

  void connected(ConnectionNumber connection = 0, mqtt::UserProperties properties = {}) {
    mqtt::ConnectionInfo info;
    info.user_properties = std::move(properties);
    engine.on_connected(connection, info, now);
    collect();
  }
  void connect_failed(ConnectionNumber connection, const Error& reason) {
    engine.on_connect_failed(connection, reason, now);
    collect();
  }
  void lost(ConnectionNumber connection = 0) {
    engine.on_connection_lost(connection,
                              error_of(ErrorKind::connection_lost, "the broker is gone"), now);
    collect();
  }
  void gave_up(const Error& reason) {
    engine.on_gave_up(reason, now);
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
  void deliver(const mqtt::Message& message, ConnectionNumber connection = 0) {
    engine.on_message(connection, message, now);
    collect();
  }
  void advance(Duration step) {
    now += step;
    engine.on_time(now);
    collect();
  }
  void leave() {
    engine.leave(now);
    collect();
  }
  void close(SessionNumber session) {
    engine.close(session, now);
    collect();
  }
  void cancel(CallToken call, const std::string& reason = "") {
    engine.cancel(call, reason, now);
    collect();
  }
  void discover(CallToken call, const std::string& filter) {
    engine.discover(call, filter);
    collect();
  }
  void wait_for_instance(CallToken call, const std::string& filter, Duration timeout) {
    engine.wait_for_instance(call, filter, timeout, now);
    collect();
  }
  void request(SessionNumber session, CallToken call, std::string method = "tools/list",
               Json params = Json::object(), RequestTiming timing = {seconds(10), false, {}},
               bool wants_progress = false) {
    engine.request(session, call, std::move(method), std::move(params), timing, wants_progress,
                   now);
    collect();
  }

  void subscribe(SessionNumber session, CallToken call, const std::string& uri,
                 Duration timeout = seconds(10)) {
    engine.subscribe(session, call, uri, {timeout, false, {}}, now);
    collect();
  }
  void unsubscribe(SubscriptionNumber subscription) {
    engine.unsubscribe(subscription, now);
    collect();
  }
  void finish(CallNumber call, Result<Json> outcome) {
    engine.answer(call, std::move(outcome), now);
    collect();
  }
  void report_progress(CallNumber call, const Progress& progress) {
    engine.report_progress(call, progress);
    collect();
  }
  void notify_roots_changed() {
    engine.notify_roots_changed();
    collect();
  }
  /// The next publish answers a request of the server; its body.
  Json expect_answer(const std::string& id, const Json& request) {
    Json body = ActionQueue<ClientAction>::body(actions.expect_publish(rpc(id)));
    EXPECT_EQ(body.value("id", Json()), request) << body;
    return body;
  }

  /// Connected, looking for all services.
  void start() {
    connected();
    discover(1, "#");
    acknowledge(actions.expect_subscribe("$mcp-server/presence/+/#", false));
    actions.next<CompleteCall>();
    actions.expect_nothing();
  }

  void announce_quietly(const std::string& id, const std::string& name = "desk/companion",
                        const Json& meta = Json::object()) {
    const Json params{{"server_name", name}, {"description", "of " + id}, {"meta", meta}};
    deliver(message_of(id, presence(id, name),
                       notification_json("notifications/server/online", params).dump()));
  }
  void announce(const std::string& id, const std::string& name = "desk/companion") {
    announce_quietly(id, name);
    const auto change = actions.next<InstanceChanged>().change;
    EXPECT_EQ(change.kind, InstanceChange::Kind::online);
    EXPECT_EQ(change.instance.server_id, id);
  }
  void clear_presence(const std::string& id, const std::string& name = "desk/companion") {
    deliver(message_of(id, presence(id, name), ""));
  }
  void answer(const std::string& id, const Json& body, ConnectionNumber connection = 0) {
    deliver(message_of(id, rpc(id, connection), body.dump()), connection);
  }

  static OpenRequest open_request(CallToken call, const std::string& filter = "desk/companion") {
    OpenRequest request;
    request.call = call;
    request.server_name_filter = filter;
    request.select = select_first();
    request.timeout = seconds(100);
    request.initialize_timeout = seconds(30);
    return request;
  }
  void open(OpenRequest request) {
    engine.open(std::move(request), now);
    collect();
  }
  void open(CallToken call) { open(open_request(call)); }

  /// The engine subscribes for a session with `id` and sends `initialize`; its body.
  Json expect_initialize(const std::string& id, ConnectionNumber connection = 0) {
    const auto first = actions.expect_subscribe(rpc(id, connection), true);
    const auto second = actions.expect_subscribe(capability(id), false);
    EXPECT_EQ(first.connection, connection);
    acknowledge(first);
    acknowledge(second);
    const auto sent = actions.expect_publish(control(id));
    EXPECT_EQ(sent.connection, connection);
    return ActionQueue<ClientAction>::body(sent);
  }
  static Json initialize_result(std::string_view revision = "2025-11-25") {
    return Json{{"protocolVersion", revision},
                {"capabilities", {{"tools", Json::object()}}},
                {"serverInfo", {{"name", "companion"}, {"version", "1"}}}};
  }
  /// Of a server that declares all there is.
  static Json initialize_result_with_all(std::string_view revision = "2025-11-25") {
    Json result = initialize_result(revision);
    result["capabilities"] = Json::parse(R"({"tools":{"listChanged":true},
      "resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},
      "logging":{},"completions":{},
      "tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}})");
    return result;
  }
  /// The session that `expect_initialize` began opens.
  SessionOpened expect_open(const std::string& id, const Json& initialize,
                            ConnectionNumber connection = 0,
                            const Json& result = initialize_result()) {
    answer(id, answer_json(initialize.at("id"), result), connection);
    actions.expect_method(rpc(id, connection), "notifications/initialized");
    return actions.next<SessionOpened>();
  }
  /// A session in use with an instance that is announced already.
  SessionNumber open_session(CallToken call, const std::string& id,
                             const Json& result = initialize_result()) {
    open(call);
    const auto opened = expect_open(id, expect_initialize(id), 0, result);
    EXPECT_EQ(opened.call, call);
    actions.expect_nothing();
    return opened.session;
  }

  Error expect_open_failed(CallToken call) {
    const auto failed = actions.next<OpenFailed>();
    EXPECT_EQ(failed.call, call);
    return failed.error;
  }
  /// The next action completes the call with an error.
  Error expect_call_failed(CallToken call) {
    const auto done = actions.next<CompleteCall>();
    EXPECT_EQ(done.call, call);
    if (!done.result) return done.result.error();
    ADD_FAILURE() << "the call succeeded: " << *done.result;
    return {};
  }
  Json expect_call_done(CallToken call) {
    const auto done = actions.next<CompleteCall>();
    EXPECT_EQ(done.call, call);
    if (done.result) return *done.result;
    ADD_FAILURE() << "the call failed: " << describe(done.result.error());
    return {};
  }
  void expect_unsubscribed(const std::string& id, ConnectionNumber connection = 0) {
    actions.expect_unsubscribe(capability(id));
    actions.expect_unsubscribe(rpc(id, connection));
  }

 private:
  void collect() { actions.add(engine.take_actions()); }
};

}  // namespace mcp_mqtt::engine::test
