#include "client_reopen_fixture.hpp"

// What a session that opens again restores: the log level and subscriptions.
namespace mcp_mqtt::engine::test {
namespace {

class ClientResubscribe : public ClientReopen {
 protected:
  /// A second session, with another instance.
  SessionNumber open_s2() {
    client.announce("s2");
    auto request = ClientHarness::open_request(6);
    request.select = [](const std::vector<ServerInstance>&) { return std::size_t(1); };
    client.open(request);
    return client
        .expect_open("s2", client.expect_initialize("s2"), 0,
                     ClientHarness::initialize_result_with_all())
        .session;
  }
  void subscribed(SessionNumber session, CallToken call, const std::string& id = "s1") {
    client.subscribe(session, call, "plant://soil");
    client.answer(
        id, answer_json(ActionQueue<ClientAction>::body(sent("resources/subscribe", id))["id"],
                        Json::object()));
    client.expect_call_done(call);
  }
  void close_s1(SessionNumber session) {
    client.close(session);
    client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
    client.expect_unsubscribed("s1");
    client.actions.next<SessionClosed>();
  }
};

TEST_F(ClientResubscribe, LogLevelAndSubscriptionsAreRestored) {
  const SessionNumber session = open_kept();
  client.request(session, 7, "logging/setLevel", {{"level", "info"}});
  client.answer("s1", answer_json(ActionQueue<ClientAction>::body(sent("logging/setLevel"))["id"],
                                  Json::object()));
  client.expect_call_done(7);
  subscribed(session, 8);
  lose();
  client.subscribe(session, 9, "plant://light");
  client.actions.expect_nothing();
  back();
  reopened();
  EXPECT_EQ(ActionQueue<ClientAction>::body(sent("logging/setLevel"))["params"]["level"], "info");
  const Json soil = ActionQueue<ClientAction>::body(sent("resources/subscribe"));
  EXPECT_EQ(soil["params"]["uri"], "plant://soil");
  const Json light = ActionQueue<ClientAction>::body(sent("resources/subscribe"));
  EXPECT_EQ(light["params"]["uri"], "plant://light");
  client.answer("s1", answer_json(soil["id"], Json::object()));
  EXPECT_TRUE(client.actions.next<ResourceChanged>().renewed);
  client.answer("s1", answer_json(light["id"], Json::object()));
  client.expect_call_done(9);
}

TEST_F(ClientResubscribe, ASubscriptionThatJoinsAnotherIsRenewedAtOnce) {
  const SessionNumber first = open_kept();
  const SessionNumber second = open_s2();
  subscribed(first, 8);
  subscribed(second, 9, "s2");
  close_s1(first);
  const auto renewed = client.actions.next<ResourceChanged>();
  EXPECT_TRUE(renewed.renewed);
  EXPECT_EQ(renewed.subscriptions, std::vector<SubscriptionNumber>{8});
  client.actions.expect_nothing();
}

// One request serves both, and it is in a hurry for one of them only.
TEST_F(ClientResubscribe, AnImpatientSubscriptionDoesNotCostAnotherItsRenewal) {
  const SessionNumber session = open_kept();
  subscribed(session, 8);
  lose();
  client.subscribe(session, 9, "plant://soil", seconds(5));
  back();
  reopened();
  sent("resources/subscribe");
  client.actions.expect_nothing();
  client.advance(seconds(5));
  sent("notifications/cancelled");
  EXPECT_EQ(client.expect_call_failed(9).kind, ErrorKind::timeout);
  const Json again = ActionQueue<ClientAction>::body(sent("resources/subscribe"));
  client.answer("s1", answer_json(again["id"], Json::object()));
  const auto renewed = client.actions.next<ResourceChanged>();
  EXPECT_TRUE(renewed.renewed);
  EXPECT_EQ(renewed.subscriptions, std::vector<SubscriptionNumber>{8});
}

TEST_F(ClientResubscribe, SubscriptionsGoOnInASessionThatIsOpenAlready) {
  const SessionNumber first = open_kept();
  open_s2();
  subscribed(first, 8);
  close_s1(first);
  const Json again = ActionQueue<ClientAction>::body(sent("resources/subscribe", "s2"));
  EXPECT_EQ(again["params"]["uri"], "plant://soil");
  client.answer("s2", answer_json(again["id"], Json::object()));
  EXPECT_TRUE(client.actions.next<ResourceChanged>().renewed);
}

TEST_F(ClientResubscribe, SubscriptionOfASessionThatIsOverForGoodFails) {
  const SessionNumber session = open_kept();
  lose();
  client.subscribe(session, 9, "plant://light");
  client.close(session);
  EXPECT_EQ(client.expect_call_failed(9).kind, ErrorKind::stopped);
  client.actions.next<SessionClosed>();
  client.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
