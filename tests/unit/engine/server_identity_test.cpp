#include "server_harness.hpp"

// Who is asking: what a client, or somebody who poses as one, can do to another client's session.
namespace mcp_mqtt::engine::test {
namespace {

using std::chrono::seconds;

class ServerIdentity : public ::testing::Test {
 protected:
  ServerIdentity() {
    server.bring_online();
    server.add(task_tool("slow"));
    server.add(text_resource("plant://soil"));
    server.actions.clear();
    server.open_session("victim");
    server.open_session("thief");
  }

  /// A message on `topic` from `sender`.
  void deliver(const std::string& sender, const std::string& topic, const Json& body,
               bool retain = false) {
    mqtt::Message message = message_of(sender, topic, body.dump());
    message.retain = retain;
    server.deliver(message);
  }
  /// The victim's session is as before.
  void expect_victim_served() {
    EXPECT_EQ(server.engine.clients().size(), 2U);
    server.run(server.start_call("victim", "check"));
    server.expect_result("victim", "check");
    server.actions.expect_nothing();
  }

  ServerHarness server;
  const Json goodbye = notification_json("notifications/disconnected");
};

TEST_F(ServerIdentity, AForeignSenderOnAClientsTopicsIsNotHeard_T4) {
  const RunHandler run = server.start_call("victim", 1);
  for (const char* topic : {"$mcp-rpc/victim/s1/desk/companion", "$mcp-client/presence/victim",
                            "$mcp-client/capability/victim"}) {
    for (const Json& body :
         {goodbye, notification_json("notifications/cancelled", {{"requestId", 1}}),
          notification_json("notifications/roots/list_changed"), ServerHarness::call_body(2),
          request_json(3, "ping")}) {
      deliver("thief", topic, body);
      server.actions.expect_nothing();
    }
  }
  deliver("thief", "$mcp-client/presence/victim", "");
  mqtt::Message empty = message_of("thief", "$mcp-client/presence/victim", "");
  server.deliver(empty);
  server.actions.expect_nothing();
  server.run(run);
  server.expect_result("victim", 1);
  expect_victim_served();
}

TEST_F(ServerIdentity, WhoDoesNotSayWhoItIsIsTakenByItsTopic) {
  deliver("", ServerHarness::rpc("victim"), request_json(1, "ping"));
  server.expect_result("victim", 1);
  deliver("", "$mcp-client/presence/victim", goodbye);
  EXPECT_EQ(server.actions.find<ClientGone>()->client.client_id, "victim");
}

TEST_F(ServerIdentity, OneClientCannotCancelTheRequestOfAnother) {
  const RunHandler run = server.start_call("victim", 1);
  server.send("thief", notification_json("notifications/cancelled", {{"requestId", 1}}));
  server.actions.expect_nothing();
  server.run(run);
  server.expect_result("victim", 1);
  expect_victim_served();
}

TEST_F(ServerIdentity, OneClientCannotAnswerTheQuestionToAnother) {
  const CallToken call = server.ask("victim", "ping");
  const Json asked = server.expect_answer("victim");
  server.send("thief", answer_json(asked.at("id"), {{"stolen", true}}));
  server.actions.expect_nothing();
  server.send("victim", answer_json(asked.at("id"), {{"mine", true}}));
  EXPECT_EQ(server.expect_outcome(call).value(), Json({{"mine", true}}));
}

TEST_F(ServerIdentity, AnAnswerNeedsTheTypeOfItsIdToo) {
  const CallToken call = server.ask("victim", "ping");
  const auto id = server.expect_answer("victim").at("id").get<int>();
  for (const Json& other : {Json(std::to_string(id)), Json(id + 1), Json(0), Json(-id)}) {
    server.send("victim", answer_json(other, Json::object()));
    server.actions.expect_nothing();
  }
  server.send("victim", answer_json(id, Json::object()));
  EXPECT_TRUE(server.expect_outcome(call));
}

TEST_F(ServerIdentity, ACancellationNeedsTheTypeOfTheIdToo) {
  const RunHandler run = server.start_call("victim", 1);
  server.send("victim", notification_json("notifications/cancelled", {{"requestId", "1"}}));
  server.actions.expect_nothing();
  server.send("victim", notification_json("notifications/cancelled", {{"requestId", 1}}));
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
}

TEST_F(ServerIdentity, TasksAndProgressStayWithTheirSession) {
  Json call = ServerHarness::call_body(1, "slow");
  call["params"]["task"] = Json::object();
  server.send("victim", call);
  server.actions.clear();
  for (const char* method : {"tasks/get", "tasks/result", "tasks/cancel"}) {
    server.ask_refused("thief", method, method, {{"taskId", "task-000001"}},
                       error_code::invalid_params);
  }
  EXPECT_TRUE(server.ask_server("thief", 9, "tasks/list")["tasks"].empty());
  EXPECT_EQ(server.ask_server("victim", 9, "tasks/list")["tasks"].size(), 1U);
}

TEST_F(ServerIdentity, SubscriptionsAndLevelsStayWithTheirSession) {
  server.send("thief", request_json(1, "resources/subscribe", {{"uri", "plant://soil"}}));
  server.actions.next<SubscriptionChanged>();
  server.expect_result("thief", 1);
  server.ask_server("thief", 2, "logging/setLevel", {{"level", "emergency"}});
  server.update("plant://soil");
  server.expect_notice("thief", "notifications/resources/updated");
  server.log_to_all({LoggingLevel::error, "", "x"});
  server.expect_notice("victim", "notifications/message");
  server.actions.expect_nothing();
}

// --- Claims on the control topic

TEST_F(ServerIdentity, AClaimToBeAnotherDisturbsNothing) {
  const RunHandler run = server.start_call("victim", 1);
  for (int i = 2; i < 100; ++i) {
    deliver("victim", ServerHarness::control(), ServerHarness::initialize_body(i, "2024-11-05"));
    server.expect_result("victim", i);  // on the victim's own topic: the thief does not see it
  }
  server.actions.expect_nothing();
  server.run(run);
  server.expect_result("victim", 1);
  expect_victim_served();
  EXPECT_EQ(server.engine.clients().at(1).revision, Revision::v2025_11_25);
}

TEST_F(ServerIdentity, AClaimDoesNotAnswerARequestUnderWay) {
  const RunHandler run = server.start_call("victim", 1);
  Json broken = ServerHarness::initialize_body(1);
  broken["jsonrpc"] = "1.0";
  for (const Json& body : {ServerHarness::initialize_body(1), request_json(1, "tools/list"), broken,
                           request_json(1, "initialize")}) {
    deliver("victim", ServerHarness::control(), body);
    server.actions.expect_nothing();
  }
  deliver("victim", ServerHarness::control(), ServerHarness::initialize_body("1"));
  server.expect_result("victim", "1");  // another id
  server.run(run);
  server.expect_result("victim", 1);
  expect_victim_served();
}

TEST_F(ServerIdentity, AClaimIsNotProvedOnAnotherClientsTopic) {
  deliver("victim", ServerHarness::control(), ServerHarness::initialize_body(7, "2024-11-05"));
  server.expect_result("victim", 7);
  deliver("victim", ServerHarness::rpc("thief"), notification_json("notifications/initialized"));
  deliver("thief", ServerHarness::rpc("victim"), notification_json("notifications/initialized"));
  deliver("thief", ServerHarness::rpc("thief"), notification_json("notifications/initialized"));
  deliver("victim", ServerHarness::control(), notification_json("notifications/initialized"));
  server.actions.expect_nothing();
  server.advance(seconds(30));
  expect_victim_served();
}

TEST_F(ServerIdentity, TwoIdsInOneMessageAreTheFirst) {
  mqtt::Message message =
      message_of("thief", ServerHarness::rpc("victim"), ServerHarness::call_body(1).dump());
  message.user_properties.emplace_back("MCP-MQTT-CLIENT-ID", "victim");
  server.deliver(message);
  server.actions.expect_nothing();
}

TEST_F(ServerIdentity, IdsThatWouldChangeATopicAreNotAnswered) {
  for (const char* id : {"a/b", "victim/s1", "+", "#", "a+b", "a#", "", "\x01", "$mcp/x"}) {
    deliver(id, ServerHarness::control(), ServerHarness::initialize_body(1));
    server.actions.expect_nothing();
  }
  expect_victim_served();
}

// --- Messages that the broker kept

TEST_F(ServerIdentity, ARetainedInitializeOpensNothing) {
  deliver("stale", ServerHarness::control(), ServerHarness::initialize_body(1), true);
  deliver("victim", ServerHarness::control(), ServerHarness::initialize_body(1), true);
  server.actions.expect_nothing();
  deliver("stale", ServerHarness::control(), ServerHarness::initialize_body(1));
  EXPECT_EQ(server.actions.count<Subscribe>(), 3U);
}

TEST_F(ServerIdentity, ARetainedMessageOnAClientsTopicIsOfAnotherTime) {
  deliver("victim", ServerHarness::rpc("victim"), ServerHarness::call_body(1), true);
  deliver("victim", ServerHarness::rpc("victim"), goodbye, true);
  deliver("victim", "$mcp-client/presence/victim", goodbye, true);
  deliver("", "$mcp-client/presence/victim", goodbye, true);
  deliver("victim", "$mcp-client/capability/victim",
          notification_json("notifications/roots/list_changed"), true);
  server.actions.expect_nothing();
  expect_victim_served();
}

// --- What could grow

TEST_F(ServerIdentity, ClaimsUnderManyIdsLeaveNothingBehind) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 3'000; ++i) {
      deliver("made-up-" + std::to_string(i), ServerHarness::control(),
              ServerHarness::initialize_body(1));
    }
    EXPECT_EQ(server.actions.count<Subscribe>(), 7'500U) << "so many are taken";
    server.actions.clear();
    server.advance(seconds(30));
    EXPECT_EQ(server.actions.count<Unsubscribe>(), 7'500U);
    server.actions.clear();
  }
  EXPECT_EQ(server.engine.next_deadline(), std::nullopt);
  expect_victim_served();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
