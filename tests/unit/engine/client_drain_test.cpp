#include "client_harness.hpp"

// A server that is being drained, as its clients see it.
namespace mcp_mqtt::engine::test {
namespace {

class ClientDrain : public ::testing::Test {
 protected:
  ClientDrain() {
    client.start();
    client.announce("s1");
    session = client.open_session(2, "s1");
  }

  void withdraw(const std::string& id) {
    auto message = message_of(id, ClientHarness::presence(id), "");
    message.user_properties.emplace_back("MCP-DRAINING", "true");
    client.deliver(message);
  }
  /// The client says goodbye by itself, so that the server need not wait.
  void expect_end() {
    client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
    client.expect_unsubscribed("s1");
    const auto closed = client.actions.next<SessionClosed>();
    EXPECT_EQ(closed.session, session);
    EXPECT_EQ(closed.reason.kind, ErrorKind::server_gone);
    client.actions.expect_nothing();
    EXPECT_EQ(client.engine.session_count(), 0U);
  }
  void expect_offline(const std::string& id) {
    const auto change = client.actions.next<InstanceChanged>().change;
    EXPECT_EQ(change.kind, InstanceChange::Kind::offline);
    EXPECT_EQ(change.instance.server_id, id);
  }

  ClientHarness client;
  SessionNumber session = 0;
};

TEST_F(ClientDrain, RequestsUnderWayFinishAndNoneBegins) {
  client.request(session, 10);
  const Json first = ActionQueue<ClientAction>::body(client.actions.next<Publish>());
  client.request(session, 11);
  const Json second = ActionQueue<ClientAction>::body(client.actions.next<Publish>());
  withdraw("s1");
  expect_offline("s1");
  client.actions.expect_nothing();
  client.request(session, 12);
  const Error refused = client.expect_call_failed(12);
  EXPECT_EQ(refused.kind, ErrorKind::server_gone);
  EXPECT_NE(refused.message.find("drained"), std::string::npos);
  client.actions.expect_nothing();  // nothing was sent
  client.answer("s1", answer_json(first.at("id"), {{"tools", Json::array()}}));
  client.expect_call_done(10);
  client.actions.expect_nothing();
  client.answer("s1", answer_json(second.at("id"), {{"tools", Json::array()}}));
  client.expect_call_done(11);
  expect_end();
}

TEST_F(ClientDrain, AnIdleSessionEndsAtOnce) {
  withdraw("s1");
  expect_offline("s1");
  expect_end();
}

TEST_F(ClientDrain, TheLastRequestMayEndByCancellationOrTimeout) {
  client.request(session, 10);
  client.request(session, 11);
  client.actions.clear();
  withdraw("s1");
  expect_offline("s1");
  client.cancel(10);
  client.actions.expect_method(client.rpc("s1"), "notifications/cancelled");
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::cancelled);
  client.actions.expect_nothing();
  client.advance(seconds(10));
  client.actions.expect_method(client.rpc("s1"), "notifications/cancelled");
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::timeout);
  expect_end();
}

TEST_F(ClientDrain, ACancelledLastRequestEndsTheSession) {
  client.request(session, 10);
  client.actions.clear();
  withdraw("s1");
  expect_offline("s1");
  client.cancel(10);
  client.actions.next<Publish>();
  client.expect_call_failed(10);
  expect_end();
}

TEST_F(ClientDrain, TheServersGoodbyeOrItsWillEndsWhatIsUnderWay_T43) {
  for (const bool will : {true, false}) {
    ClientHarness other;
    other.start();
    other.announce("s1");
    const auto number = other.open_session(2, "s1");
    other.request(number, 10);
    other.actions.clear();
    auto message = message_of("s1", ClientHarness::presence("s1"), "");
    message.user_properties.emplace_back("MCP-DRAINING", "true");
    other.deliver(message);
    other.actions.next<InstanceChanged>();
    if (will) {
      other.clear_presence("s1");
    } else {
      other.answer("s1", notification_json("notifications/disconnected"));
    }
    EXPECT_EQ(other.expect_call_failed(10).kind, ErrorKind::server_gone);
    other.expect_unsubscribed("s1");
    other.actions.next<SessionClosed>();
    other.actions.expect_nothing();
  }
}

TEST_F(ClientDrain, AnOpeningGoesOnWithAnotherInstance) {
  client.announce("s2");
  client.announce("s3");
  auto request = ClientHarness::open_request(20);
  request.select = [](const std::vector<ServerInstance>& all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].server_id == "s2") return i;
    }
    return all.size() - 1;
  };
  client.open(request);
  client.expect_initialize("s2");
  withdraw("s2");
  expect_offline("s2");
  client.expect_unsubscribed("s2");
  client.expect_open("s3", client.expect_initialize("s3"));
}

TEST_F(ClientDrain, ABusyAnswerToInitializeIsTriedWithAnotherInstance) {
  client.announce("s2");
  auto request = ClientHarness::open_request(20);
  request.server_id.reset();
  request.select = [](const std::vector<ServerInstance>& all) { return all.size() - 1; };
  client.open(request);
  const Json initialize = client.expect_initialize("s2");
  client.answer("s2", error_json(initialize.at("id"), error_code::server_busy, "drained"));
  EXPECT_EQ(client.actions.count<OpenFailed>(), 0U);
  client.expect_unsubscribed("s2");
  client.actions.next<OpenConnection>();  // s1 knows this client id already (T30)
}

TEST_F(ClientDrain, ASessionThatMayMoveTakesItsRequestsAlong) {
  ClientHarness other;
  other.start();
  other.announce("s1");
  other.announce("s2");
  auto request = ClientHarness::open_request(2);
  request.reopen = Reopen::always;
  other.open(request);
  const auto number = other.expect_open("s1", other.expect_initialize("s1")).session;
  other.request(number, 10);
  const Json sent = ActionQueue<ClientAction>::body(other.actions.next<Publish>());
  auto message = message_of("s1", ClientHarness::presence("s1"), "");
  message.user_properties.emplace_back("MCP-DRAINING", "true");
  other.deliver(message);
  other.actions.next<InstanceChanged>();
  other.request(number, 11);
  other.actions.expect_nothing();  // it waits for the other instance
  other.answer("s1", answer_json(sent.at("id"), {{"tools", Json::array()}}));
  other.expect_call_done(10);
  other.actions.expect_method(other.rpc("s1"), "notifications/disconnected");
  other.expect_unsubscribed("s1");
  EXPECT_EQ(other.actions.next<SessionSuspended>().session, number);
  const Json initialize = other.expect_initialize("s2");
  other.answer("s2", answer_json(initialize.at("id"), ClientHarness::initialize_result()));
  other.actions.expect_method(other.rpc("s2"), "notifications/initialized");
  EXPECT_EQ(other.actions.next<SessionReopened>().session, number);
  const Json again = ActionQueue<ClientAction>::body(other.actions.expect_publish(other.rpc("s2")));
  other.answer("s2", answer_json(again.at("id"), {{"tools", Json::array()}}));
  other.expect_call_done(11);
  other.actions.expect_nothing();
}

TEST_F(ClientDrain, AnotherInstancesDrainIsNothing) {
  client.announce("s2");
  client.request(session, 10);
  client.actions.clear();
  withdraw("s2");
  expect_offline("s2");
  client.actions.expect_nothing();
  client.request(session, 11);
  client.actions.next<Publish>();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
