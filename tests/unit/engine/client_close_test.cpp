#include "client_harness.hpp"

// T41 to T43 on the client's side, and sessions that open by themselves.
namespace mcp_mqtt::engine::test {
namespace {

class ClientClose : public ::testing::Test {
 protected:
  ClientClose() {
    client.start();
    client.announce("s1");
    session = client.open_session(2, "s1");
  }
  ClientHarness client;
  SessionNumber session = 0;
};

TEST_F(ClientClose, SaysGoodbyeThenUnsubscribesCapabilityAndRpc_T41) {
  client.request(session, 10);
  client.actions.clear();
  client.close(session);
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::stopped);
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  const auto closed = client.actions.next<SessionClosed>();
  EXPECT_EQ(closed.session, session);
  EXPECT_EQ(closed.reason.kind, ErrorKind::stopped);
  client.actions.expect_nothing();
  client.close(session);
  client.request(session, 11);
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::server_gone);
  client.actions.expect_nothing();
}

TEST_F(ClientClose, EmptyPresenceFailsPendingCallsAtOnce_T43) {
  client.request(session, 10);
  client.request(session, 11);
  client.actions.clear();
  client.clear_presence("s1");
  EXPECT_EQ(client.actions.next<InstanceChanged>().change.kind, InstanceChange::Kind::offline);
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::server_gone);
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::server_gone);
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::server_gone);
  client.actions.expect_nothing();
  EXPECT_FALSE(client.engine.next_deadline());
}

TEST_F(ClientClose, PresenceOfAnotherInstanceOrServiceIsNothing_T43) {
  client.announce("s2");
  client.announce("s1", "plant");
  client.clear_presence("s2");
  client.clear_presence("s1", "plant");
  client.actions.clear();
  EXPECT_EQ(client.engine.session_count(), 1U);
}

TEST_F(ClientClose, DisconnectedOnRpcFailsPendingCallsAtOnce_T43) {
  for (const char* payload :
       {R"({"jsonrpc":"2.0","method":"notifications/disconnected"})",
        R"({"jsonrpc":"2.0","method":"notifications/disconnected","params":null})"}) {
    ClientHarness other;
    other.start();
    other.announce("s1");
    const auto number = other.open_session(2, "s1");
    other.request(number, 10);
    other.actions.clear();
    other.deliver(message_of("s1", other.rpc("s1"), payload));
    const Error error = other.expect_call_failed(10);
    EXPECT_EQ(error.kind, ErrorKind::server_gone);
    EXPECT_NE(error.message.find("s1"), std::string::npos);
    other.expect_unsubscribed("s1");
    other.actions.next<SessionClosed>();
    other.actions.expect_nothing();
    other.deliver(message_of("s1", other.rpc("s1"), payload));  // said twice
    other.actions.expect_nothing();
  }
}

TEST_F(ClientClose, LeavingSaysGoodbyeOnPresenceAndEndsEverything_T42) {
  client.announce("s9", "other");
  client.request(session, 10);
  client.discover(11, "more/#");
  client.wait_for_instance(12, "never", seconds(50));
  client.open(ClientHarness::open_request(13, "nowhere"));
  client.actions.clear();
  client.leave();
  EXPECT_EQ(client.expect_open_failed(13).kind, ErrorKind::stopped);
  const auto found = client.actions.next<InstanceFound>();
  EXPECT_EQ(found.call, 12U);
  EXPECT_EQ(found.instance.error().kind, ErrorKind::stopped);
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::stopped);
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::stopped);
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::stopped);
  const auto goodbye =
      client.actions.expect_publish("$mcp-client/presence/" + client.engine.client_id(0));
  EXPECT_EQ(ActionQueue<ClientAction>::body(goodbye)["method"], "notifications/disconnected");
  client.actions.expect_nothing();
  client.acknowledge(goodbye);
  client.actions.next<ClientLeft>();
  EXPECT_FALSE(client.engine.next_deadline());

  client.leave();
  client.open(ClientHarness::open_request(20));
  EXPECT_EQ(client.expect_open_failed(20).kind, ErrorKind::stopped);
  client.wait_for_instance(21, "desk/companion", seconds(5));
  EXPECT_EQ(client.actions.next<InstanceFound>().instance.error().kind, ErrorKind::stopped);
  client.request(session, 22);
  client.expect_call_failed(22);
  client.announce_quietly("s7");
  client.actions.expect_nothing();
}

TEST_F(ClientClose, LeavingSaysGoodbyeOnEveryConnection_T42) {
  client.open(5);
  client.actions.next<OpenConnection>();
  client.connected(1);
  client.expect_open("s1", client.expect_initialize("s1", 1), 1);
  client.leave();
  EXPECT_EQ(client.actions.count<CloseConnection>(), 0U);  // not before the goodbye
  const auto first = client.actions.find<Publish>();
  const auto second = client.actions.find<Publish>();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->message.topic, client.engine.will(0).topic);
  EXPECT_EQ(second->message.topic, client.engine.will(1).topic);
  EXPECT_EQ(second->connection, 1U);
  client.actions.clear();
  client.acknowledge(*second);
  client.actions.expect_nothing();
  client.acknowledge(*first, error_of(ErrorKind::connection_lost));
  client.actions.next<ClientLeft>();
}

TEST_F(ClientClose, LeavingWithoutAConnectionIsImmediate_T42) {
  ClientHarness offline;
  offline.leave();
  offline.actions.next<ClientLeft>();
  offline.actions.expect_nothing();
}

TEST_F(ClientClose, LeavingDuringAHandshakeTellsThatServer_T42) {
  client.announce("s2");
  auto request = ClientHarness::open_request(5);
  request.server_id = "s2";
  client.open(request);
  client.expect_initialize("s2");
  client.leave();
  client.actions.expect_method(client.rpc("s2"), "notifications/disconnected");
  EXPECT_EQ(client.actions.find<OpenFailed>()->error.kind, ErrorKind::stopped);
}

// --- open_every_service

class ClientOpensEverything : public ::testing::Test {
 protected:
  static ClientConfig config() {
    ClientConfig config = client_config();
    config.open_every_service = true;
    config.select = select_first();
    return config;
  }
  ClientOpensEverything() { client.start(); }

  void expect_opened(const std::string& id) {
    EXPECT_EQ(client.expect_open(id, client.expect_initialize(id)).call, 0U);
    client.actions.expect_nothing();
  }

  ClientHarness client{config()};
};

TEST_F(ClientOpensEverything, OneSessionPerService) {
  client.announce("s1");
  expect_opened("s1");
  client.announce("s2");  // another instance of the same service
  client.actions.expect_nothing();
  client.announce("p1", "plant");
  EXPECT_EQ(client.actions.next<Subscribe>().subscription.filter, client.rpc("p1", 0, "plant"));
}

TEST_F(ClientOpensEverything, GoesOnWithAnotherInstanceAtOnce_T43) {
  client.announce("s1");
  expect_opened("s1");
  client.announce("s2");
  client.clear_presence("s1");
  client.actions.next<InstanceChanged>();
  client.expect_unsubscribed("s1");
  client.actions.next<SessionClosed>();
  expect_opened("s2");
}

TEST_F(ClientOpensEverything, NotAgainAfterTheHostClosedItUntilTheServiceReturns) {
  client.announce("s1");
  client.open(ClientHarness::open_request(0));
  client.actions.clear();
  ClientHarness other(config());
  other.start();
  other.announce("s1");
  const auto opened = other.expect_open("s1", other.expect_initialize("s1"));
  other.close(opened.session);
  other.actions.clear();
  other.announce("s2");
  other.advance(std::chrono::hours(1));
  other.actions.expect_nothing();
  other.clear_presence("s1");
  other.clear_presence("s2");
  other.actions.clear();
  other.announce("s2");
  other.expect_open("s2", other.expect_initialize("s2"));
}

// A server that ends each session at once must not be hammered.
TEST_F(ClientOpensEverything, PausesWhereTheServerEndedTheSession_T43) {
  client.announce("s1");
  expect_opened("s1");
  client.answer("s1", notification_json("notifications/disconnected"));
  client.expect_unsubscribed("s1");
  client.actions.next<SessionClosed>();
  client.actions.expect_nothing();
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(1));
  client.advance(seconds(1));
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
}

TEST_F(ClientOpensEverything, FailureIsTriedAgainAfterAWhile) {
  client.announce("s1");
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", error_json(initialize["id"], -32099, "not today"));
  client.expect_unsubscribed("s1");
  client.actions.expect_nothing();
  EXPECT_EQ(client.engine.next_deadline(), client.now + seconds(60));
  client.advance(seconds(60));
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
}

TEST_F(ClientOpensEverything, OpensAgainAfterAReconnect) {
  client.announce("s1");
  expect_opened("s1");
  client.lost();
  client.actions.next<SessionClosed>();
  client.actions.expect_nothing();
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.actions.expect_nothing();  // s1 may be gone as well
  client.announce_quietly("s1");
  expect_opened("s1");
}

TEST_F(ClientOpensEverything, NothingAfterLeaving) {
  client.announce("s1");
  expect_opened("s1");
  client.leave();
  client.actions.clear();
  client.advance(std::chrono::hours(1));
  client.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
