#include "client_harness.hpp"

// Opening a session: find, choose, shake hands, go on with another instance.
namespace mcp_mqtt::engine::test {
namespace {

class ClientOpen : public ::testing::Test {
 protected:
  ClientOpen() { client.start(); }

  void open_with(CallToken call, SelectionPolicy policy) {
    auto request = ClientHarness::open_request(call);
    request.select = std::move(policy);
    client.open(std::move(request));
  }
  /// The instance whose topics the next subscription names.
  std::string chosen_instance() {
    const auto rpc = client.actions.find<Subscribe>();
    if (!rpc) return "";
    const std::string& topic = rpc->subscription.filter;
    client.actions.clear();
    return topic.substr(topic.find("/s") + 1, 2);
  }

  ClientHarness client;
};

TEST_F(ClientOpen, SubscribesInitializesAndSaysInitialized_T8_T20_T22) {
  client.announce("s1");
  client.open(5);
  const auto rpc = client.actions.expect_subscribe(client.rpc("s1"), true);
  const auto capability = client.actions.expect_subscribe(ClientHarness::capability("s1"), false);
  client.actions.expect_nothing();
  client.acknowledge(capability);
  client.actions.expect_nothing();
  client.acknowledge(rpc);
  const auto sent = client.actions.expect_publish(ClientHarness::control("s1"));
  EXPECT_FALSE(sent.message.retain);
  EXPECT_EQ(property(sent.message.user_properties, "MCP-MQTT-CLIENT-ID"),
            client.engine.client_id(0));
  EXPECT_EQ(property(sent.message.user_properties, "MCP-COMPONENT-TYPE"), "mcp-client");
  const Json body = ActionQueue<ClientAction>::body(sent);
  EXPECT_EQ(body["id"], 1);
  EXPECT_EQ(body["method"], "initialize");
  EXPECT_EQ(body["params"]["protocolVersion"], "2025-11-25");
  EXPECT_EQ(body["params"]["clientInfo"]["name"], "host");
  EXPECT_TRUE(body["params"]["capabilities"].is_object());

  Json result = ClientHarness::initialize_result("2025-03-26");
  result["instructions"] = "be gentle";
  client.answer("s1", answer_json(1, result));
  const Json initialized =
      client.actions.expect_method(client.rpc("s1"), "notifications/initialized");
  EXPECT_FALSE(initialized.contains("id"));
  const auto opened = client.actions.next<SessionOpened>();
  EXPECT_EQ(opened.call, 5U);
  EXPECT_EQ(opened.info.instance.server_id, "s1");
  EXPECT_EQ(opened.info.initialized.revision, Revision::v2025_03_26);
  EXPECT_EQ(opened.info.initialized.server_info.name, "companion");
  EXPECT_EQ(opened.info.initialized.instructions, "be gentle");
  EXPECT_TRUE(opened.info.initialized.capabilities.tools);
  EXPECT_EQ(opened.info.client_id, client.engine.client_id(0));
  client.actions.expect_nothing();
  EXPECT_FALSE(client.engine.next_deadline());
  EXPECT_EQ(client.engine.session_count(), 1U);
}

TEST_F(ClientOpen, WaitsForTheServiceToAppear_T12) {
  client.open(5);
  client.actions.expect_nothing();
  client.announce("s9", "other");
  client.actions.expect_nothing();
  client.announce("s1");
  client.expect_open("s1", client.expect_initialize("s1"));
}

TEST_F(ClientOpen, OfAServiceThatNobodyLookedForSubscribes_T12) {
  ClientHarness fresh;
  fresh.connected();
  fresh.open(ClientHarness::open_request(1, "plant"));
  fresh.actions.expect_subscribe("$mcp-server/presence/+/plant", false);
  ClientHarness offline;
  offline.open(ClientHarness::open_request(1, "plant"));
  offline.actions.expect_nothing();
  offline.connected();
  offline.actions.expect_subscribe("$mcp-server/presence/+/plant", false);
}

TEST_F(ClientOpen, InvalidFilterIsAnError) {
  client.open(ClientHarness::open_request(1, "desk//x"));
  EXPECT_EQ(client.expect_open_failed(1).kind, ErrorKind::invalid_argument);
}

TEST_F(ClientOpen, ThisInstanceOnly) {
  client.announce("s1");
  auto request = ClientHarness::open_request(5);
  request.server_id = "s2";
  client.open(request);
  client.actions.expect_nothing();
  client.announce("s2");
  EXPECT_EQ(chosen_instance(), "s2");
}

TEST_F(ClientOpen, NothingInTimeIsAnError) {
  client.open(5);
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(100));
  client.advance(seconds(100));
  const Error error = client.expect_open_failed(5);
  EXPECT_EQ(error.kind, ErrorKind::server_gone);
  EXPECT_NE(error.message.find("desk/companion"), std::string::npos);
  client.announce("s1");
  client.actions.expect_nothing();
}

TEST_F(ClientOpen, CancelledWhileWaitingAndWhileInitializing) {
  client.open(5);
  client.cancel(5);
  EXPECT_EQ(client.expect_open_failed(5).kind, ErrorKind::cancelled);
  client.announce("s1");
  client.actions.expect_nothing();
  client.open(6);
  const Json initialize = client.expect_initialize("s1");
  client.cancel(6);
  // MCP forbids notifications/cancelled for initialize: the server hears a goodbye instead.
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.expect_open_failed(6).kind, ErrorKind::cancelled);
  client.answer("s1", answer_json(initialize["id"], ClientHarness::initialize_result()));
  client.actions.expect_nothing();
  EXPECT_EQ(client.engine.session_count(), 0U);
}

// --- The choice

TEST_F(ClientOpen, FirstChoosesTheLowestId) {
  client.announce("s2");
  client.announce("s1");
  open_with(5, select_first());
  EXPECT_EQ(chosen_instance(), "s1");
}

TEST_F(ClientOpen, NoPolicyChoosesTheFirst) {
  client.announce("s2");
  open_with(5, nullptr);
  EXPECT_EQ(chosen_instance(), "s2");
}

TEST_F(ClientOpen, RoundRobinTakesTurnsAndRandomTakesAll) {
  for (const char* id : {"s1", "s2", "s3"}) client.announce(id);
  const auto policy = select_round_robin();
  std::vector<std::string> turns;
  CallToken call = 10;
  for (int i = 0; i < 4; ++i) {
    open_with(++call, policy);
    turns.push_back(chosen_instance());
    client.cancel(call);
    client.actions.clear();
  }
  // An instance that saw this client id needs another connection: its turn shows no subscription.
  EXPECT_EQ(turns, (std::vector<std::string>{"s1", "s2", "s3", ""}));
  open_with(++call, select_random());
  EXPECT_EQ(client.actions.count<OpenConnection>(), 1U);
}

TEST_F(ClientOpen, CustomPolicySeesTheCandidatesInOrder) {
  client.announce("s2");
  client.announce("s1");
  std::vector<std::string> seen;
  open_with(5, [&](const std::vector<ServerInstance>& candidates) {
    for (const auto& candidate : candidates) seen.push_back(candidate.server_id);
    return std::size_t{1};
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"s1", "s2"}));
  EXPECT_EQ(chosen_instance(), "s2");
}

TEST_F(ClientOpen, NoChoiceWaitsForABetterOne) {
  client.announce("s1");
  open_with(5, [](const std::vector<ServerInstance>& candidates) {
    return candidates.size() > 1 ? std::size_t{1} : no_choice;
  });
  client.actions.expect_nothing();
  client.announce("s2");
  EXPECT_EQ(chosen_instance(), "s2");
}

TEST_F(ClientOpen, ThrowingPolicyEndsTheOpen) {
  client.announce("s1");
  open_with(5, [](const auto&) -> std::size_t { throw std::runtime_error("no idea"); });
  const Error error = client.expect_open_failed(5);
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_NE(error.message.find("no idea"), std::string::npos);
  open_with(6, [](const auto&) -> std::size_t { throw 7; });
  EXPECT_EQ(client.expect_open_failed(6).kind, ErrorKind::invalid_argument);
  client.actions.expect_nothing();
}

// --- Instances that fail

TEST_F(ClientOpen, SilentInstanceIsAvoidedAndTheNextTried_T45) {
  client.announce("s1");
  client.announce("s2");
  client.open(5);
  client.expect_initialize("s1");
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(30));
  client.advance(seconds(30));
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  client.expect_open("s2", client.expect_initialize("s2"));
  client.actions.expect_nothing();
  client.open(6);  // s2 saw this client id, s1 is avoided
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
}

TEST_F(ClientOpen, AllFailingIsTheLastError) {
  client.announce("s1");
  client.announce("s2");
  client.open(5);
  client.expect_initialize("s1");
  client.advance(seconds(30));
  client.actions.clear();
  client.engine.next_deadline();
  client.advance(seconds(30));
  const auto failed = client.actions.find<OpenFailed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->error.kind, ErrorKind::timeout);
  EXPECT_NE(failed->error.message.find("s2"), std::string::npos) << failed->error.message;
  EXPECT_EQ(client.engine.session_count(), 0U);
}

TEST_F(ClientOpen, AvoidedInstanceIsTriedAgainLater) {
  client.announce("s1");
  client.open(5);
  client.expect_initialize("s1");
  client.advance(seconds(30));
  client.actions.clear();
  client.open(6);
  client.actions.expect_nothing();  // avoided: wait for another
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(5));
  client.advance(seconds(5));
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
}

TEST_F(ClientOpen, InstanceIsNotBlamedForAConnectionThatDied) {
  client.announce("s1");
  client.open(5);
  client.expect_initialize("s1");
  client.advance(seconds(30));
  client.lost();
  client.actions.clear();
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.announce_quietly("s1");
  client.open(6);
  client.expect_initialize("s1");
}

TEST_F(ClientOpen, RestartedInstanceIsNotAvoided) {
  client.announce("s1");
  client.open(5);
  client.expect_initialize("s1");
  client.advance(seconds(30));
  client.actions.clear();
  client.open(6);
  client.clear_presence("s1");
  client.actions.clear();
  client.announce("s1");
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
}

TEST_F(ClientOpen, BusyInstanceIsPassedOver) {
  client.announce("s1");
  client.announce("s2");
  client.open(5);
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", error_json(initialize["id"], error_code::server_busy, "busy"));
  client.expect_unsubscribed("s1");
  client.expect_open("s2", client.expect_initialize("s2"));
}

TEST_F(ClientOpen, InstanceThatLeavesDuringTheHandshakeIsPassedOver_T43) {
  client.announce("s1");
  client.announce("s2");
  client.open(5);
  client.expect_initialize("s1");
  client.clear_presence("s1");
  client.actions.next<InstanceChanged>();
  client.expect_unsubscribed("s1");
  const Json initialize = client.expect_initialize("s2");
  client.answer("s2", notification_json("notifications/disconnected"));
  client.expect_unsubscribed("s2");
  EXPECT_EQ(client.expect_open_failed(5).kind, ErrorKind::server_gone);
  client.answer("s2", answer_json(initialize["id"], ClientHarness::initialize_result()));
  client.actions.expect_nothing();
}

TEST_F(ClientOpen, RefusalsOfTheServerAndTheBrokerEndIt) {
  client.announce("s1");
  client.announce("s2");
  client.open(5);
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", error_json(initialize["id"], -32099, "go away"));
  client.expect_unsubscribed("s1");
  const Error error = client.expect_open_failed(5);
  EXPECT_EQ(error.code, -32099);
  EXPECT_EQ(error.message, "go away");
  client.open(6);  // on s2: this client id is used up for s1
  client.actions.next<OpenConnection>();
  client.cancel(6);
  client.actions.clear();
  auto request = ClientHarness::open_request(7);
  request.server_id = "s2";
  client.open(request);
  client.acknowledge(client.actions.next<Subscribe>(), error_of(ErrorKind::refused, "acl", 0x87));
  client.actions.next<Subscribe>();
  client.expect_unsubscribed("s2");
  EXPECT_EQ(client.expect_open_failed(7).code, 0x87);
}

TEST_F(ClientOpen, RefusedInitializePublishEndsIt) {
  client.announce("s1");
  client.open(5);
  client.acknowledge(client.actions.next<Subscribe>());
  client.acknowledge(client.actions.next<Subscribe>());
  client.acknowledge(client.actions.next<Publish>(), error_of(ErrorKind::refused, "acl", 0x87));
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.expect_open_failed(5).code, 0x87);
}

TEST_F(ClientOpen, AnswerThatCannotBeUsedEndsIt) {
  client.announce("s1");
  client.open(5);
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", answer_json(initialize["id"], Json{{"capabilities", Json::object()}}));
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.expect_open_failed(5).kind, ErrorKind::protocol_violation);
}

TEST_F(ClientOpen, AnotherSendersAnswerIsDropped_T4) {
  client.announce("s1");
  client.open(5);
  const Json initialize = client.expect_initialize("s1");
  const Json answer = answer_json(initialize["id"], ClientHarness::initialize_result());
  client.deliver(message_of("evil", client.rpc("s1"), answer.dump()));
  client.actions.expect_nothing();
  client.deliver(message_of("", client.rpc("s1"), answer.dump()));  // no properties: accepted
  client.actions.next<Publish>();
  client.actions.next<SessionOpened>();
}

TEST(ClientQos, ConcernsTheRpcTopicsAlone) {
  ClientConfig config = client_config();
  config.qos = mqtt::Qos::at_most_once;
  ClientHarness client(config);
  client.start();
  client.announce("s1");
  client.open(ClientHarness::open_request(5));
  while (auto subscribe = client.actions.find<Subscribe>()) {
    EXPECT_EQ(subscribe->subscription.qos, subscribe->subscription.filter == client.rpc("s1")
                                               ? mqtt::Qos::at_most_once
                                               : mqtt::Qos::at_least_once)
        << subscribe->subscription.filter;
    client.acknowledge(*subscribe);
  }
  const auto initialize = client.actions.next<Publish>();
  EXPECT_EQ(initialize.message.topic, ClientHarness::control("s1"));
  EXPECT_EQ(initialize.message.qos, mqtt::Qos::at_least_once);
  const Json id = ActionQueue<ClientAction>::body(initialize).at("id");
  client.answer("s1", answer_json(id, ClientHarness::initialize_result()));
  EXPECT_EQ(client.actions.next<Publish>().message.qos, mqtt::Qos::at_most_once);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
