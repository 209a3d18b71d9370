#include "server_harness.hpp"

// notifications/…/list_changed on the server's side (T40).
namespace mcp_mqtt::engine::test {
namespace {

const std::string tools_changed = "notifications/tools/list_changed";

std::unique_ptr<ServerHarness> online(ChangeRoute route) {
  ServerConfig config = server_config();
  config.list_changes = route;
  auto made = std::make_unique<ServerHarness>(config);
  made->bring_online();
  return made;
}

TEST(ServerListChanged, GoesToTheCapabilityTopicOnceForAll_T40) {
  const auto server = online(ChangeRoute::capability_topic);
  server->open_session("c1");
  server->open_session("c2");
  server->add(echo_tool("a"));
  const auto publish = server->actions.expect_publish(ServerHarness::capability());
  EXPECT_EQ(ActionQueue<ServerAction>::body(publish),
            (Json{{"jsonrpc", "2.0"}, {"method", tools_changed}}));
  EXPECT_FALSE(publish.message.retain);
  EXPECT_EQ(property(publish.message.user_properties, "MCP-MQTT-CLIENT-ID"), "s1");
  server->actions.expect_nothing();
}

TEST(ServerListChanged, OrToEachSession) {
  const auto server = online(ChangeRoute::per_session);
  server->open_session("c1");
  server->open_session("c2");
  server->add(echo_tool("a"));
  server->actions.expect_method(ServerHarness::rpc("c1"), tools_changed);
  server->actions.expect_method(ServerHarness::rpc("c2"), tools_changed);
  server->actions.expect_nothing();
}

TEST(ServerListChanged, OrBoth) {
  const auto server = online(ChangeRoute::both);
  server->open_session("c1");
  server->add(echo_tool("a"));
  server->actions.expect_method(ServerHarness::rpc("c1"), tools_changed);
  server->actions.expect_method(ServerHarness::capability(), tools_changed);
  server->actions.expect_nothing();
}

TEST(ServerListChanged, NobodyThereNobodyTold) {
  for (const auto route :
       {ChangeRoute::capability_topic, ChangeRoute::per_session, ChangeRoute::both}) {
    const auto server = online(route);
    server->add(echo_tool("a"));
    server->actions.expect_nothing();
    server->handshake("c1");  // provisional
    server->add(echo_tool("b"));
    server->actions.expect_nothing();
  }
}

TEST(ServerListChanged, EachListHasItsOwn) {
  ServerHarness server;
  server.add(text_resource("a://b"));
  server.add(echo_prompt("p"));
  server.bring_online();
  server.open_session("c1");
  const auto expect_method = [&](const std::string& method) {
    const auto publish = server.actions.expect_publish(ServerHarness::capability());
    EXPECT_EQ(ActionQueue<ServerAction>::body(publish)["method"], method);
    server.acknowledge(publish);
    server.actions.expect_nothing();
  };
  server.add(text_resource("a://c"));
  expect_method("notifications/resources/list_changed");
  server.add(text_template("a://{x}/d"));
  expect_method("notifications/resources/list_changed");
  server.remove_resource("a://{x}/d");
  expect_method("notifications/resources/list_changed");
  server.add(echo_prompt("q"));
  expect_method("notifications/prompts/list_changed");
  server.remove_prompt("q");
  expect_method("notifications/prompts/list_changed");
  server.change(FeatureList::tools,
                [](Features& features) { return features.tools.add(echo_tool(), true); });
  expect_method(tools_changed);
  EXPECT_TRUE(server.remove_tool("echo"));
  expect_method(tools_changed);
}

TEST(ServerListChanged, AChangeThatFailedIsNotTold) {
  ServerHarness server;
  server.bring_online();
  server.open_session("c1");
  EXPECT_FALSE(server.remove_tool("nothing"));
  const auto added = server.engine.change(
      FeatureList::tools, [](Features& features) { return features.tools.add(echo_tool()); });
  EXPECT_FALSE(added);
  EXPECT_TRUE(server.engine.take_actions().empty());
  server.actions.expect_nothing();
}

TEST(ServerListChanged, OneIsUnderWayAtATime) {
  for (const auto route : {ChangeRoute::capability_topic, ChangeRoute::per_session}) {
    const auto server = online(route);
    server->open_session("c1");
    const std::string topic =
        route == ChangeRoute::per_session ? ServerHarness::rpc("c1") : ServerHarness::capability();
    server->add(echo_tool("a"));
    const auto first = server->actions.expect_publish(topic);
    for (const char* name : {"b", "c", "d"}) server->add(echo_tool(name));
    server->actions.expect_nothing();
    server->acknowledge(first);
    const auto second = server->actions.expect_publish(topic);
    server->actions.expect_nothing();
    server->acknowledge(second);
    server->actions.expect_nothing();
  }
}

TEST(ServerListChanged, AConnectionThatEndsForgetsWhatWasUnderWay) {
  const auto server = online(ChangeRoute::capability_topic);
  server->open_session("c1");
  server->add(echo_tool("a"));
  const auto first = server->actions.expect_publish(ServerHarness::capability());
  server->add(echo_tool("b"));
  server->acknowledge(first, error_of(ErrorKind::connection_lost));
  server->lost();
  server->actions.clear();
  server->bring_online();
  server->open_session("c1");
  server->add(echo_tool("c"));
  server->actions.expect_publish(ServerHarness::capability());
}

TEST(ServerListChanged, NotToldToThoseWhoWereToldOfNoSuchList) {
  for (const auto route : {ChangeRoute::capability_topic, ChangeRoute::per_session}) {
    const auto server = online(route);
    server->open_session("c1");
    server->add(echo_prompt("p"));
    server->actions.expect_nothing();
    // Who comes later is told.
    const Json capabilities = server->handshake("c2")["result"]["capabilities"];
    EXPECT_EQ(capabilities["prompts"]["listChanged"], true);
    server->initialized("c2");
    server->actions.next<ClientConnected>();
    server->add(echo_prompt("q"));
    const std::string topic =
        route == ChangeRoute::per_session ? ServerHarness::rpc("c2") : ServerHarness::capability();
    server->actions.expect_method(topic, "notifications/prompts/list_changed");
    server->actions.expect_nothing();
  }
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
