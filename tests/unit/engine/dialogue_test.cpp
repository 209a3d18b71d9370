#include "client_harness.hpp"
#include "server_harness.hpp"
#include "world.hpp"

// Whole dialogues between engines over a broker, on virtual time.
namespace mcp_mqtt::engine::test {
namespace {

/// A world with servers that echo and a client whose events are kept.
class Dialogue : public ::testing::Test {
 protected:
  ServerPeer& add_server(const std::string& id, const std::string& name = "desk/companion") {
    ServerConfig config = server_config();
    config.instance.server_id = id;
    config.instance.server_name = name;
    auto& peer = servers.emplace_back();
    peer = std::make_unique<ServerPeer>(world, config, [this, id](const ServerAction& action) {
      lines.push_back(id + ": " + std::visit(Describe(), action));
      if (const auto* run = std::get_if<RunHandler>(&action)) answer_later(id, run->call);
    });
    add_tool(peer->engine, echo_tool());
    ids.push_back(id);
    return *peer;
  }
  ClientPeer& add_client(const std::string& id, ClientConfig config = client_config()) {
    clients.push_back(std::make_unique<ClientPeer>(
        world, config, id, [this](const ClientAction& action) { events.add({action}); }));
    return *clients.back();
  }
  void answer_later(const std::string& id, CallNumber call) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] != id) continue;
      ServerPeer& peer = *servers[i];
      peer.later(handler_time, [&peer, id, call] { peer.finish(call, text_result("by " + id)); });
    }
  }

  SessionNumber open(ClientPeer& client, CallToken call) {
    client.run([&](ClientEngine& engine, TimePoint now) {
      engine.open(ClientHarness::open_request(call), now);
    });
    world.run_for(seconds(5));
    const auto opened = events.find<SessionOpened>();
    EXPECT_TRUE(opened) << ::testing::PrintToString(events.lines());
    return opened ? opened->session : 0;
  }
  void call(ClientPeer& client, SessionNumber session, CallToken token) {
    client.run([&](ClientEngine& engine, TimePoint now) {
      engine.request(session, token, "tools/call", Json{{"name", "echo"}}, {seconds(60), false, {}},
                     false, now);
    });
  }
  std::string answer_of(CallToken token) {
    const auto done = events.find<CompleteCall>();
    if (!done) return "nothing";
    EXPECT_EQ(done->call, token);
    return done->result ? (*done->result)["content"][0]["text"].get<std::string>()
                        : describe(done->result.error());
  }

  World world;
  Duration handler_time = milliseconds(10);
  std::vector<std::unique_ptr<ServerPeer>> servers;
  std::vector<std::string> ids;
  std::vector<std::unique_ptr<ClientPeer>> clients;
  ActionQueue<ClientAction> events;
  std::vector<std::string> lines;
};

TEST_F(Dialogue, DiscoverOpenCallClose_T10_T12_T20_T21_T22_T41) {
  auto& server = add_server("s1");
  auto& client = add_client("c-000001");
  client.run([](ClientEngine& engine, TimePoint) { engine.discover(1, "#"); });
  world.run_for(seconds(5));
  events.clear();
  const auto session = open(client, 2);
  EXPECT_EQ(server.engine.clients().size(), 1U);
  call(client, session, 3);
  world.run_for(seconds(1));
  EXPECT_EQ(answer_of(3), "by s1");
  client.run([&](ClientEngine& engine, TimePoint now) { engine.close(session, now); });
  world.run_for(seconds(1));
  EXPECT_TRUE(server.engine.clients().empty());
  EXPECT_EQ(server.link()->subscriptions.size(), 1U);         // the control topic
  EXPECT_EQ(client.links().at(0)->subscriptions.size(), 1U);  // discovery
}

TEST_F(Dialogue, OneClientManyServersAndManyClientsOneServer_T30) {
  add_server("s1", "a");
  add_server("s2", "b");
  for (int i = 0; i < 20; ++i) add_client("client-" + std::to_string(100 + i));
  CallToken token = 0;
  for (auto& client : clients) {
    for (const char* name : {"a", "b"}) {
      client->run([&](ClientEngine& engine, TimePoint now) {
        engine.open(ClientHarness::open_request(++token, name), now);
      });
    }
  }
  world.run_for(seconds(10));
  EXPECT_EQ(events.count<SessionOpened>(), 40U);
  EXPECT_EQ(servers[0]->engine.clients().size(), 20U);
  EXPECT_EQ(servers[1]->engine.clients().size(), 20U);
  EXPECT_EQ(world.broker.links().size(), 22U);  // one connection each
}

TEST_F(Dialogue, ServerLeavesAndTheClientGoesOnElsewhere_T11_T43) {
  ClientConfig config = client_config();
  config.open_every_service = true;
  config.select = select_first();
  auto& first = add_server("s1");
  auto& client = add_client("c-000001", config);
  client.run([](ClientEngine& engine, TimePoint) { engine.discover(1, "#"); });
  world.run_for(seconds(5));
  auto opened = events.find<SessionOpened>();
  ASSERT_TRUE(opened);
  auto& second = add_server("s2");
  world.run_for(seconds(5));
  handler_time = seconds(50);
  call(client, opened->session, 2);
  world.run_for(milliseconds(100));
  first.leave();
  world.run_for(seconds(5));
  EXPECT_TRUE(first.left());
  EXPECT_EQ(events.find<SessionClosed>()->reason.kind, ErrorKind::server_gone);
  opened = events.find<SessionOpened>();
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->info.instance.server_id, "s2");
  EXPECT_EQ(second.engine.clients().size(), 1U);
}

TEST_F(Dialogue, WillsTellOfDeadPeers_T6_T7) {
  auto& server = add_server("s1");
  auto& client = add_client("c-000001");
  client.run([](ClientEngine& engine, TimePoint) { engine.discover(1, "#"); });
  world.run_for(seconds(5));
  open(client, 2);
  world.broker.cut(LinkPtr(client.links().at(0)));
  world.run_for(milliseconds(10));
  EXPECT_TRUE(server.engine.clients().empty());
  EXPECT_EQ(server.link()->subscriptions.size(), 1U);
  world.run_for(seconds(5));
  events.clear();
  open(client, 3);
  world.broker.cut(LinkPtr(server.link()));
  world.run_for(milliseconds(10));
  EXPECT_EQ(events.find<SessionClosed>()->reason.kind, ErrorKind::server_gone);
  EXPECT_EQ(client.links().at(0)->subscriptions.size(), 1U);
}

TEST_F(Dialogue, GoodbyeOfAClientReachesEveryServer_T42) {
  add_server("s1", "a");
  add_server("s2", "a");
  auto& client = add_client("c-000001");
  CallToken token = 0;
  // Three sessions with two instances: two connections.
  for (int i = 0; i < 3; ++i) {
    client.run([&](ClientEngine& engine, TimePoint now) {
      auto request = ClientHarness::open_request(++token, "a");
      request.select = select_first();
      if (i == 1) request.server_id = "s2";
      engine.open(request, now);
    });
    world.run_for(seconds(5));
  }
  EXPECT_EQ(events.count<SessionOpened>(), 3U);
  EXPECT_EQ(client.links().size(), 2U);
  client.run([](ClientEngine& engine, TimePoint now) { engine.leave(now); });
  world.run_for(seconds(1));
  EXPECT_TRUE(client.left());
  for (const auto& server : servers) EXPECT_TRUE(server->engine.clients().empty());
  EXPECT_EQ(world.broker.links().size(), 2U);
}

TEST_F(Dialogue, AdoptedNameIsTheWillsToo_T5_T6) {
  auto& server = add_server("s1");
  server.connack = {{"MCP-SERVER-NAME", "site/desk"}};
  world.run_for(seconds(10));
  ASSERT_EQ(world.broker.retained().size(), 1U);
  EXPECT_EQ(world.broker.retained().begin()->first, "$mcp-server/presence/s1/site/desk");
  world.broker.cut(LinkPtr(server.link()));
  world.run_for(milliseconds(5));
  EXPECT_TRUE(world.broker.retained().empty());
}

TEST_F(Dialogue, GhostIsPassedOver_T45) {
  add_server("s2");
  world.run_for(seconds(5));
  // A presence whose server died without a will.
  auto ghost = world.broker.retained().begin()->second;
  ghost.topic = ClientHarness::presence("s1");
  ghost.user_properties.clear();
  auto visitor = std::make_shared<BrokerLink>();
  visitor->client_id = "visitor";
  world.broker.attach(visitor);
  world.broker.publish(visitor, ghost, nullptr);
  auto& client = add_client("c-000001");
  client.run([](ClientEngine& engine, TimePoint) { engine.discover(1, "#"); });
  world.run_for(seconds(5));
  client.run([](ClientEngine& engine, TimePoint now) {
    engine.open(ClientHarness::open_request(2), now);
  });
  world.run_for(seconds(29));
  EXPECT_EQ(events.count<SessionOpened>(), 0U);
  world.run_for(seconds(2));
  const auto opened = events.find<SessionOpened>();
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->info.instance.server_id, "s2");
}

TEST_F(Dialogue, CancelledAndTimedOutCallsLeaveNothingBehind) {
  handler_time = seconds(3);
  add_server("s1");
  auto& client = add_client("c-000001");
  client.run([](ClientEngine& engine, TimePoint) { engine.discover(1, "#"); });
  world.run_for(seconds(5));
  events.clear();
  const auto session = open(client, 2);
  call(client, session, 3);
  world.run_for(seconds(1));
  client.run([](ClientEngine& engine, TimePoint now) { engine.cancel(3, "", now); });
  client.run([&](ClientEngine& engine, TimePoint now) {
    engine.request(session, 4, "tools/call", Json{{"name", "echo"}}, {seconds(2), false, {}}, false,
                   now);
  });
  world.run_for(seconds(10));
  EXPECT_EQ(answer_of(3), "cancelled 0: tools/call was cancelled");
  EXPECT_EQ(answer_of(4), "timeout 0: tools/call: no answer from desk/companion (s1) within 2 s");
  events.expect_nothing();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) { return line.find("CancelRun") < line.size(); }),
            2);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
