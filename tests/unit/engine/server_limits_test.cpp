#include "server_harness.hpp"

// Each limit of a server: one beyond it gets an error, and another client notices nothing.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ServerLimits : public ::testing::Test {
 protected:
  /// A server with these limits and two clients.
  void begin(const ServerConfig& config) {
    server_.emplace(config);
    server().bring_online();
    server().add(text_resource("plant://soil"));
    server().actions.clear();
    for (const char* client : {"greedy", "calm"}) {
      server().send_control(client, ServerHarness::initialize_body(0));
      while (auto subscribe = server().actions.find<Subscribe>()) server().acknowledge(*subscribe);
      server().acknowledge(server().actions.expect_publish(ServerHarness::rpc(client)));
      server().initialized(client);
      server().actions.next<ClientConnected>();
    }
  }
  ServerHarness& server() { return *server_; }

  /// The other client is served as always.
  void expect_calm_served() {
    server().run(server().start_call("calm", "calm"));
    server().expect_result("calm", "calm");
    server().actions.expect_nothing();
  }
  /// The next publish, acknowledged: an answer to the greedy one with this error.
  void expect_greedy_refused(const Json& id, int code = error_code::server_busy) {
    const Publish sent = server().actions.expect_publish(ServerHarness::rpc("greedy"));
    const Json body = ActionQueue<ServerAction>::body(sent);
    EXPECT_EQ(body.value("id", Json()), id);
    EXPECT_EQ(body.value("/error/code"_json_pointer, 0), code) << body;
    server().acknowledge(sent);
  }

  std::optional<ServerHarness> server_;
};

TEST_F(ServerLimits, HandshakesThatAreNotDone) {
  ServerConfig config = server_config();
  config.max_provisional_sessions = 2;
  begin(config);
  server().handshake("p1");
  server().handshake("p2");
  server().send_control("p3", ServerHarness::initialize_body(3));
  EXPECT_NE(server().expect_error("p3", 3, error_code::server_busy).find("shake hands"),
            std::string::npos);
  expect_calm_served();
  server().initialized("p1");  // which makes room
  server().actions.next<ClientConnected>();
  server().handshake("p3");
  server().send_control("p4", ServerHarness::initialize_body(4));
  server().expect_error("p4", 4, error_code::server_busy);
  server().advance(seconds(30));  // they never finish
  server().actions.clear();
  server().open_session("p4");
}

TEST_F(ServerLimits, RequestsInAll) {
  ServerConfig config = server_config();
  config.max_requests = 3;
  begin(config);
  std::vector<RunHandler> runs;
  for (int id = 1; id <= 3; ++id) runs.push_back(server().start_call("greedy", id));
  server().send("greedy", ServerHarness::call_body(4));
  expect_greedy_refused(4);
  server().ask_server("calm", 1, "ping");
  server().run(runs.at(0));
  server().expect_result("greedy", 1);
  expect_calm_served();
}

TEST_F(ServerLimits, RequestsOfOneSession) {
  ServerConfig config = server_config();
  config.max_requests_per_session = 2;
  begin(config);
  for (int id = 1; id <= 2; ++id) server().start_call("greedy", id);
  server().send("greedy", ServerHarness::call_body(3));
  expect_greedy_refused(3);
  expect_calm_served();
}

TEST_F(ServerLimits, ASecondInitializeFreesNothingWhileHandlersRun) {
  ServerConfig config = server_config();
  config.max_requests_per_session = 2;
  begin(config);
  std::vector<RunHandler> runs;
  for (int id = 1; id <= 2; ++id) runs.push_back(server().start_call("greedy", id));
  server().handshake("greedy", 3);
  server().initialized("greedy");
  server().actions.clear();
  server().send("greedy", ServerHarness::call_body(1));
  expect_greedy_refused(1);
  expect_calm_served();
  server().finish(runs.at(0), text_result("late"));
  server().actions.expect_nothing();
  server().run(server().start_call("greedy", 2));
  server().expect_result("greedy", 2);
}

TEST_F(ServerLimits, NeitherDoesLeavingAndComingBack) {
  ServerConfig config = server_config();
  config.max_requests_per_session = 1;
  begin(config);
  const RunHandler run = server().start_call("greedy", 1);
  server().send("greedy", notification_json("notifications/disconnected"));
  server().actions.clear();
  server().open_session("greedy");
  server().send("greedy", ServerHarness::call_body(1));
  expect_greedy_refused(1);
  expect_calm_served();
  server().finish(run, text_result("late"));
  server().start_call("greedy", 2);
}

TEST_F(ServerLimits, BytesOfRequestsOfOneSession) {
  ServerConfig config = server_config();
  config.max_request_bytes_per_session = 10'000;
  begin(config);
  const Json large{{"text", std::string(9'000, 'x')}};
  server().send("greedy", ServerHarness::call_body(1, "echo", large));
  const auto run = server().actions.next<RunHandler>();
  server().send("greedy", ServerHarness::call_body(2, "echo", large));
  expect_greedy_refused(2);
  expect_calm_served();
  server().run(run);
  server().expect_result("greedy", 1);
  // A single one is taken whatever its size.
  server().send("greedy",
                ServerHarness::call_body(3, "echo", {{"text", std::string(90'000, 'x')}}));
  server().actions.next<RunHandler>();
}

TEST_F(ServerLimits, BytesOfRequestsInAll) {
  ServerConfig config = server_config();
  config.max_request_bytes = 10'000;
  begin(config);
  const Json large{{"text", std::string(8'000, 'x')}};
  server().send("greedy", ServerHarness::call_body(1, "echo", large));
  server().actions.next<RunHandler>();
  server().send("greedy", ServerHarness::call_body(2, "echo", large));
  expect_greedy_refused(2);
  expect_calm_served();
}

TEST_F(ServerLimits, MessagesThatWaitForOneClient) {
  ServerConfig config = server_config();
  config.outbox.messages_per_client = 10;
  config.outbox.client_messages_under_way = 5;
  begin(config);
  // The broker acknowledges nothing: five answers are under way and five wait, which is crowded;
  // five refusals fill the rest, and what is beyond hears nothing.
  for (int id = 1; id <= 100; ++id) server().send("greedy", request_json(id, "ping"));
  std::vector<Publish> under_way;
  while (auto sent = server().actions.find<Publish>()) under_way.push_back(*sent);
  EXPECT_EQ(under_way.size(), 5U);
  expect_calm_served();
  std::vector<int> answered;
  std::vector<int> refused;
  for (std::size_t i = 0; i < under_way.size(); ++i) {
    const Json body = ActionQueue<ServerAction>::body(under_way[i]);
    (body.contains("result") ? answered : refused).push_back(body.at("id").get<int>());
    server().acknowledge(under_way[i]);
    while (auto next = server().actions.find<Publish>()) under_way.push_back(*next);
  }
  EXPECT_EQ(answered, std::vector<int>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(refused, std::vector<int>({11, 12, 13, 14, 15}));
  server().ask_server("greedy", 101, "ping");  // and all is well again
}

TEST_F(ServerLimits, BytesThatWaitForOneClient) {
  ServerConfig config = server_config();
  config.outbox.bytes_per_client = 50'000;
  config.outbox.client_bytes_under_way = 10'000;
  begin(config);
  std::vector<RunHandler> runs;
  for (int id = 1; id <= 3; ++id) runs.push_back(server().start_call("greedy", id));
  for (const RunHandler& run : runs) server().finish(run, text_result(std::string(40'000, 'x')));
  const Publish first = server().actions.expect_publish(ServerHarness::rpc("greedy"));
  EXPECT_TRUE(ActionQueue<ServerAction>::body(first).contains("result"));
  expect_calm_served();
  server().acknowledge(first);
  const Publish second = server().actions.expect_publish(ServerHarness::rpc("greedy"));
  EXPECT_TRUE(ActionQueue<ServerAction>::body(second).contains("result"));
  server().acknowledge(second);
  expect_greedy_refused(3);  // its answer did not fit any more
  server().actions.expect_nothing();
}

TEST_F(ServerLimits, SubscriptionsOfOneSession) {
  ServerConfig config = server_config();
  config.max_subscriptions_per_session = 1;
  begin(config);
  server().add(text_resource("plant://light"));
  server().actions.clear();
  server().send("greedy", request_json(1, "resources/subscribe", {{"uri", "plant://soil"}}));
  server().actions.clear();
  server().send("greedy", request_json(2, "resources/subscribe", {{"uri", "plant://light"}}));
  expect_greedy_refused(2);
  server().send("calm", request_json(3, "resources/subscribe", {{"uri", "plant://light"}}));
  server().actions.next<SubscriptionChanged>();
  server().expect_result("calm", 3);
}

TEST_F(ServerLimits, BytesOfTheUrisOfSubscriptions) {
  ServerConfig config = server_config();
  config.max_subscription_bytes_per_session = 30;
  begin(config);
  server().add(text_template("plant://{name}"));
  server().actions.clear();
  const auto subscribe = [&](const std::string& client, int id, const std::string& uri) {
    server().send(client, request_json(id, "resources/subscribe", {{"uri", uri}}));
  };
  subscribe("greedy", 1, "plant://aaaaaaaaaaaa");
  server().actions.next<SubscriptionChanged>();
  server().expect_result("greedy", 1);
  subscribe("greedy", 2, "plant://bbbbbbbbbbbb");
  expect_greedy_refused(2);
  subscribe("greedy", 3, "plant://aaaaaaaaaaaa");  // has it already
  server().expect_result("greedy", 3);
  subscribe("calm", 4, "plant://bbbbbbbbbbbb");
  server().actions.next<SubscriptionChanged>();
  server().expect_result("calm", 4);
  server().send("greedy",
                request_json(5, "resources/unsubscribe", {{"uri", "plant://aaaaaaaaaaaa"}}));
  server().actions.next<SubscriptionChanged>();
  server().expect_result("greedy", 5);
  subscribe("greedy", 6, "plant://bbbbbbbbbbbb");
  server().actions.next<SubscriptionChanged>();
  server().expect_result("greedy", 6);
}

TEST_F(ServerLimits, LogMessagesPerSecond) {
  ServerConfig config = server_config();
  config.log_burst = 3;
  config.log_messages_per_second = 10;
  begin(config);
  for (int i = 0; i < 10; ++i) server().log("greedy", {LoggingLevel::error, "", i});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(server().expect_notice("greedy", "notifications/message")["data"], i);
  }
  server().actions.expect_nothing();
  server().log("calm", {LoggingLevel::error, "", "heard"});
  EXPECT_EQ(server().expect_notice("calm", "notifications/message")["data"], "heard");
  EXPECT_EQ(server().engine.next_deadline(), server().now + milliseconds(100));
  server().advance(milliseconds(100));
  const Json told = server().expect_notice("greedy", "notifications/message");
  EXPECT_EQ(told["level"], "warning");
  EXPECT_EQ(told["data"], "7 log messages were left out: a client gets 10 a second");
  server().actions.expect_nothing();
  server().advance(milliseconds(100));
  server().log("greedy", {LoggingLevel::error, "", "again"});
  EXPECT_EQ(server().expect_notice("greedy", "notifications/message")["data"], "again");
  server().actions.expect_nothing();
}

TEST_F(ServerLimits, LogMessagesToAllAreBoundedForEach) {
  ServerConfig config = server_config();
  config.log_burst = 2;
  config.log_messages_per_second = 1;
  begin(config);
  server().log("greedy", {LoggingLevel::error, "", "one"});
  server().log("greedy", {LoggingLevel::error, "", "two"});
  server().actions.clear();
  server().log_to_all({LoggingLevel::error, "", "all"});
  EXPECT_EQ(server().expect_notice("calm", "notifications/message")["data"], "all");
  server().actions.expect_nothing();
}

TEST_F(ServerLimits, WhoWantsNoWarningsIsNotToldOfTheGap) {
  ServerConfig config = server_config();
  config.log_burst = 1;
  begin(config);
  server().ask_server("greedy", 1, "logging/setLevel", {{"level", "critical"}});
  for (int i = 0; i < 3; ++i) server().log("greedy", {LoggingLevel::critical, "", i});
  server().actions.clear();
  server().advance(seconds(1));
  server().actions.expect_nothing();
  EXPECT_EQ(server().engine.next_deadline(), std::nullopt);
}

TEST_F(ServerLimits, LengthOfIds) {
  begin(server_config());
  const std::string fits(1'024, 'i');
  server().send("greedy", request_json(fits, "ping"));
  server().expect_result("greedy", fits);
  server().send("greedy", request_json(fits + "i", "ping"));
  const Json answer = server().expect_answer("greedy");
  EXPECT_TRUE(answer.at("id").is_null());
  EXPECT_EQ(answer.at("error").at("code"), error_code::invalid_request);
  expect_calm_served();
}

TEST_F(ServerLimits, LengthOfProgressTokens) {
  begin(server_config());
  const auto call = [&](int id, std::size_t bytes) {
    Json body = ServerHarness::call_body(id);
    body["params"]["_meta"]["progressToken"] = std::string(bytes, 't');
    server().send("greedy", body);
  };
  call(1, 1'024);
  server().actions.next<RunHandler>();
  call(2, 1'025);
  expect_greedy_refused(2, error_code::invalid_params);
  expect_calm_served();
}

TEST_F(ServerLimits, LengthOfCursors) {
  begin(server_config());
  server().send("greedy", request_json(1, "tools/list", {{"cursor", std::string(200'000, 'A')}}));
  expect_greedy_refused(1, error_code::invalid_params);
  expect_calm_served();
}

TEST_F(ServerLimits, SizeDepthAndNumberOfMessages) {
  ServerConfig config = server_config();
  config.message_limits.max_bytes = 1'000;
  config.message_limits.max_depth = 16;
  begin(config);
  server().send("greedy", request_json(1, "ping", {{"x", std::string(1'000, 'x')}}));
  EXPECT_EQ(server().expect_answer("greedy").at("error").at("code"), error_code::parse_error);
  Json deep = 1;
  for (int i = 0; i < 17; ++i) deep = Json::array({std::move(deep)});
  server().send("greedy", request_json(2, "ping", {{"x", deep}}));
  EXPECT_EQ(server().expect_answer("greedy").at("error").at("code"), error_code::parse_error);
  const RunHandler run = server().start_call("greedy", 3);
  server().finish(run, text_result(std::string(2'000, 'x')));
  server().expect_error("greedy", 3, error_code::internal_error);
  expect_calm_served();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
