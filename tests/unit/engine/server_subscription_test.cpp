#include "server_harness.hpp"

// resources/subscribe and notifications/resources/updated on the server's side (T40).
namespace mcp_mqtt::engine::test {
namespace {

const std::string volume = "device://volume";
const std::string updated = "notifications/resources/updated";

class ServerSubscriptions : public ::testing::Test {
 protected:
  ServerSubscriptions() : server(make(ChangeRoute::per_session)) {}

  static ServerConfig config_with(ChangeRoute route) {
    ServerConfig config = server_config();
    config.resource_updates = route;
    config.max_subscriptions_per_session = 2;
    return config;
  }
  static std::unique_ptr<ServerHarness> make(ChangeRoute route) {
    auto made = std::make_unique<ServerHarness>(config_with(route));
    made->add(text_resource(volume));
    made->add(text_template("plant://{bed}/soil"));
    made->bring_online();
    for (const char* client : {"c1", "c2"}) made->open_session(client);
    return made;
  }
  void remake(ChangeRoute route) { server = make(route); }

  void subscribe(const std::string& client, const std::string& uri = volume) {
    server->send(client, request_json(20, "resources/subscribe", {{"uri", uri}}));
    const auto change = server->actions.next<SubscriptionChanged>();
    EXPECT_TRUE(change.subscribed);
    EXPECT_EQ(change.uri, uri);
    EXPECT_EQ(change.client.client_id, client);
    EXPECT_EQ(server->expect_result(client, 20), Json::object());
    server->actions.expect_nothing();
  }
  void unsubscribe(const std::string& client, const std::string& uri = volume) {
    server->send(client, request_json(21, "resources/unsubscribe", {{"uri", uri}}));
    const auto change = server->actions.next<SubscriptionChanged>();
    EXPECT_FALSE(change.subscribed);
    EXPECT_EQ(change.uri, uri);
    EXPECT_EQ(server->expect_result(client, 21), Json::object());
  }
  Publish expect_update(const std::string& topic, const std::string& uri = volume) {
    const auto publish = server->actions.expect_publish(topic);
    EXPECT_EQ(ActionQueue<ServerAction>::body(publish), notification_json(updated, {{"uri", uri}}));
    return publish;
  }

  std::unique_ptr<ServerHarness> server;
};

TEST_F(ServerSubscriptions, AreDeclared) {
  const Json result = server->handshake("c3")["result"];
  EXPECT_EQ(result["capabilities"]["resources"]["subscribe"], true);
}

TEST_F(ServerSubscriptions, AnUpdateReachesSubscribersOnly) {
  subscribe("c1");
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));
  server->update("plant://north/soil");
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, NobodySubscribedNobodyTold) {
  for (const auto route :
       {ChangeRoute::per_session, ChangeRoute::capability_topic, ChangeRoute::both}) {
    remake(route);
    server->update(volume);
    server->actions.expect_nothing();
  }
}

TEST_F(ServerSubscriptions, ByTheCapabilityTopicOnceForAll_T40) {
  remake(ChangeRoute::capability_topic);
  subscribe("c1");
  subscribe("c2");
  server->update(volume);
  expect_update(ServerHarness::capability());
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, ByBothRoutes) {
  remake(ChangeRoute::both);
  subscribe("c1");
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));
  expect_update(ServerHarness::capability());
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, OneIsUnderWayAtATimeAndTheLastChangeIsTold) {
  subscribe("c1");
  server->update(volume);
  const auto first = expect_update(ServerHarness::rpc("c1"));
  for (int i = 0; i < 10; ++i) server->update(volume);
  server->actions.expect_nothing();
  server->acknowledge(first);
  const auto second = expect_update(ServerHarness::rpc("c1"));
  server->actions.expect_nothing();
  server->acknowledge(second);
  server->actions.expect_nothing();
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));
}

TEST_F(ServerSubscriptions, OnTheCapabilityTopicToo) {
  remake(ChangeRoute::capability_topic);
  subscribe("c1");
  server->update(volume);
  const auto first = expect_update(ServerHarness::capability());
  server->update(volume);
  server->update(volume);
  server->actions.expect_nothing();
  server->acknowledge(first);
  server->acknowledge(expect_update(ServerHarness::capability()));
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, ResourcesDoNotHoldUpEachOther) {
  subscribe("c1");
  subscribe("c1", "plant://north/soil");
  server->update(volume);
  server->update("plant://north/soil");
  expect_update(ServerHarness::rpc("c1"));
  expect_update(ServerHarness::rpc("c1"), "plant://north/soil");
}

TEST_F(ServerSubscriptions, ARefusedUpdateIsNotTriedForEver) {
  subscribe("c1");
  server->update(volume);
  server->acknowledge(expect_update(ServerHarness::rpc("c1")),
                      error_of(ErrorKind::refused, "quota", 0x97));
  server->actions.expect_nothing();
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));
}

TEST_F(ServerSubscriptions, TwiceIsOnce) {
  subscribe("c1");
  EXPECT_EQ(server->ask_server("c1", 3, "resources/subscribe", {{"uri", volume}}), Json::object());
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, UnsubscribedHearsNothingMore) {
  subscribe("c1");
  server->update(volume);
  const auto first = expect_update(ServerHarness::rpc("c1"));
  server->update(volume);  // waits behind the first
  unsubscribe("c1");
  server->acknowledge(first);
  server->update(volume);
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, SubscribedAgainHearsAgain) {
  subscribe("c1");
  server->update(volume);
  const auto first = expect_update(ServerHarness::rpc("c1"));
  unsubscribe("c1");
  subscribe("c1");
  server->update(volume);
  server->acknowledge(first);
  expect_update(ServerHarness::rpc("c1"));
}

TEST_F(ServerSubscriptions, UnsubscribeWithoutOneIsFine) {
  EXPECT_EQ(server->ask_server("c1", 3, "resources/unsubscribe", {{"uri", volume}}),
            Json::object());
  EXPECT_EQ(server->ask_server("c1", 4, "resources/unsubscribe", {{"uri", "no://such"}}),
            Json::object());
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, UnknownIsNotFoundWithItsUri) {
  server->send("c1", request_json(3, "resources/subscribe", {{"uri", "device://nothing"}}));
  const Json error = server->expect_answer("c1")["error"];
  EXPECT_EQ(error["code"], error_code::resource_not_found);
  EXPECT_EQ(error["data"]["uri"], "device://nothing");
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, TheLimitAnswersBusy) {
  subscribe("c1");
  subscribe("c1", "plant://north/soil");
  server->ask_refused("c1", 3, "resources/subscribe", {{"uri", "plant://south/soil"}},
                      error_code::server_busy);
  EXPECT_EQ(server->ask_server("c1", 4, "resources/subscribe", {{"uri", volume}}), Json::object());
  subscribe("c2", "plant://south/soil");  // a limit of each session
  unsubscribe("c1");
  subscribe("c1", "plant://south/soil");
}

TEST_F(ServerSubscriptions, ARemovedResourceKeepsItsSubscribers) {
  subscribe("c1");
  server->remove_resource(volume);
  server->actions.expect_method(ServerHarness::capability(),
                                "notifications/resources/list_changed");
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));
  unsubscribe("c1");
}

TEST_F(ServerSubscriptions, EndWithTheSession) {
  subscribe("c1");
  server->update(volume);
  const auto under_way = expect_update(ServerHarness::rpc("c1"));
  server->update(volume);
  server->send("c1", notification_json("notifications/disconnected"));
  const auto change = server->actions.next<SubscriptionChanged>();
  EXPECT_FALSE(change.subscribed);
  EXPECT_EQ(change.uri, volume);
  server->actions.next<ClientGone>();
  server->actions.clear();
  server->acknowledge(under_way);
  server->update(volume);
  server->actions.expect_nothing();
  server->open_session("c1");
  server->update(volume);
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, EndWithASecondInitialization) {
  subscribe("c1");
  server->handshake("c1", 5);
  server->update(volume);
  expect_update(ServerHarness::rpc("c1"));  // only claimed so far
  server->initialized("c1");
  EXPECT_FALSE(server->actions.next<SubscriptionChanged>().subscribed);
  server->actions.next<ClientGone>();
  server->actions.next<ClientConnected>();
  server->update(volume);
  server->actions.expect_nothing();
}

TEST_F(ServerSubscriptions, EndWithTheConnection) {
  subscribe("c1");
  server->lost();
  EXPECT_FALSE(server->actions.next<SubscriptionChanged>().subscribed);
  server->actions.clear();
  server->update(volume);
  server->actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
