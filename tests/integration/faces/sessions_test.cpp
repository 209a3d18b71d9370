#include <set>
#include <stdexcept>
#include <thread>

#include "integration/faces/site.hpp"

// Finding servers, opening sessions, and what both sides see when one leaves.
namespace mcp_mqtt::test {
namespace {

class Sessions : public Site {
 protected:
  std::unique_ptr<McpServer> serve(const std::string& id,
                                   const std::string& name = "desk/companion") {
    auto server = std::make_unique<McpServer>(server_options(id, name));
    add_desk_tools(*server);
    server->start(url());
    return server;
  }

  std::unique_ptr<McpClient> connected(ClientOptions options) {
    auto client = std::make_unique<McpClient>(std::move(options));
    client->connect(url());
    return client;
  }
};

TEST_P(Sessions, DiscoversServersWithDescriptionAndMetadata) {
  auto options = server_options("desk-1");
  options.meta = {{"location", "Berlin"}};
  McpServer server(options);
  server.start(url());
  const auto other = serve("lamp-1", "lamp");
  const auto client = connected(client_options());
  const auto all = client->discover();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], (ServerInstance{"desk-1", "desk/companion", "A desk", options.meta}));
  EXPECT_EQ(all[1].server_name, "lamp");
  EXPECT_EQ(client->servers("desk/+").size(), 1U);
  EXPECT_EQ(client->servers("nothing/#").size(), 0U);
}

TEST_P(Sessions, TellsOfServersThatComeAndGo) {
  McpClient client(client_options());
  const EventLog<std::string> events;
  client.on_server_discovered([=](auto& server) { events.push("online " + server.server_id); });
  client.on_server_gone([=](auto& server) { events.push("gone " + server.server_id); });
  client.connect(url());
  client.discover("desk/#");
  auto server = serve("desk-1");
  EXPECT_EQ(events.take(), "online desk-1");
  server->stop();
  EXPECT_EQ(events.take(), "gone desk-1");
}

TEST_P(Sessions, TellsOfEveryServerThatWasThereThoughACallbackThrows) {
  const auto first = serve("desk-1");
  const auto second = serve("desk-2");
  const auto third = serve("desk-3");
  McpClient client(client_options());
  const EventLog<std::string> events;
  client.on_server_discovered([=](auto& server) {
    events.push(server.server_id);
    throw std::runtime_error("a callback that fails");
  });
  client.connect(url());
  client.discover("desk/#");
  std::set<std::string> found;
  for (int i = 0; i < 3; ++i) found.insert(events.take().value_or("nobody"));
  EXPECT_EQ(found, (std::set<std::string>{"desk-1", "desk-2", "desk-3"}));
}

TEST_P(Sessions, WaitsForAServerThatIsNotThereYet) {
  const auto client = connected(client_options());
  std::unique_ptr<McpServer> server;
  std::thread later([&] { server = serve("desk-1"); });
  EXPECT_EQ(client->wait_for_server("desk/+", patience).server_id, "desk-1");
  later.join();
  const Error error = error_of([&] { client->wait_for_server("lamp", 30ms); });
  EXPECT_EQ(error.kind, ErrorKind::server_gone);
  EXPECT_NE(error.message.find("lamp"), std::string::npos);
}

TEST_P(Sessions, OpenFailsInTimeWhenNobodyServes) {
  const auto client = connected(client_options());
  EXPECT_EQ(error_of([&] { client->open("nobody", {.timeout = 50ms}); }).kind,
            ErrorKind::server_gone);
  EXPECT_EQ(error_of([&] { client->open("no/+/#/filter"); }).kind, ErrorKind::invalid_argument);
}

TEST_P(Sessions, TheHostsPolicyChoosesTheInstance) {
  const auto first = serve("desk-1");
  const auto second = serve("desk-2");
  const auto client = connected(client_options());
  client->discover("desk/companion");
  const auto last = [](const std::vector<ServerInstance>& all) { return all.size() - 1; };
  EXPECT_EQ(client->open("desk/companion", {.select = last}).instance().server_id, "desk-2");
  EXPECT_EQ(client->open("desk/companion", {.select = select_first()}).instance().server_id,
            "desk-1");
  EXPECT_EQ(client->open("desk/+", {.server_id = "desk-2"}).instance().server_id, "desk-2");
  const Error error = error_of([&] {
    client->open("desk/companion", {.select = [](const auto&) -> std::size_t {
                   throw std::runtime_error("no taste");
                 }});
  });
  EXPECT_NE(error.message.find("no taste"), std::string::npos);
}

// T30
TEST_P(Sessions, ASecondSessionWithOneInstanceHasAClientIdOfItsOwn) {
  const auto server = serve("desk-1");
  const auto client = connected(client_options());
  const auto first = client->open("desk/companion", {.timeout = patience});
  const auto second = client->open("desk/companion", {.timeout = patience});
  EXPECT_NE(first.client_id(), second.client_id());
  EXPECT_EQ(first.client_id().size(), second.client_id().size());
  EXPECT_EQ(first.call_tool("set_volume", {{"volume", 1}}).text(), "volume is 1");
  EXPECT_EQ(second.call_tool("set_volume", {{"volume", 2}}).text(), "volume is 2");
  second.close();
  EXPECT_EQ(first.call_tool("set_volume", {{"volume", 3}}).text(), "volume is 3");
}

TEST_P(Sessions, ManyServicesOverOneConnection) {
  std::vector<std::unique_ptr<McpServer>> servers;
  const auto client = connected(client_options());
  for (int i = 0; i < 5; ++i) {
    const std::string number = std::to_string(i);
    servers.push_back(serve("id-" + number, "service/" + number));
    const auto session = client->open("service/" + number, {.timeout = patience});
    EXPECT_EQ(session.client_id(), client->client_id());
    EXPECT_EQ(session.call_tool("set_volume", {{"volume", i}}).text(), "volume is " + number);
  }
  EXPECT_EQ(client->sessions().size(), 5U);
}

TEST_P(Sessions, OpensEveryServiceThatAppears) {
  auto options = client_options();
  options.open_every_service = true;
  options.filters = {"#"};
  McpClient client(options);
  const EventLog<std::string> events;
  client.on_connected([=](auto session) { events.push("open " + session.instance().server_id); });
  client.on_disconnected(
      [=](auto session, auto&) { events.push("over " + session.instance().server_id); });
  client.connect(url());
  auto first = serve("desk-1");
  EXPECT_EQ(events.take(), "open desk-1");
  const auto second = serve("desk-2");
  const auto lamp = serve("lamp-1", "lamp");
  EXPECT_EQ(events.take(), "open lamp-1");
  first->stop();
  EXPECT_EQ(events.take(), "over desk-1");
  EXPECT_EQ(events.take(), "open desk-2");
}

TEST_P(Sessions, TheServerSeesItsClientsComeAndGo) {
  McpServer server(server_options("desk-1"));
  const EventLog<std::string> events;
  server.on_client_connected([=](auto& client) { events.push("here " + client.info().client_id); });
  server.on_client_gone([=](auto& client, auto&) { events.push("gone " + client.client_id); });
  server.start(url());
  auto options = client_options();
  options.client_id = "host-1";
  auto client = connected(options);
  const auto session = client->open("desk/companion", {.timeout = patience});
  EXPECT_EQ(events.take(), "here host-1");
  session.close();  // T41
  EXPECT_EQ(events.take(), "gone host-1");
  EXPECT_FALSE(session.is_open());
  EXPECT_EQ(error_of([&] { session.ping(); }).kind, ErrorKind::stopped);
  client->stop();

  options.client_id = "host-2";
  client = connected(options);
  client->open("desk/companion", {.timeout = patience});
  EXPECT_EQ(events.take(), "here host-2");
  client->stop();  // T42
  EXPECT_EQ(events.take(), "gone host-2");

  options.client_id = "host-3";
  client = connected(options);
  client->open("desk/companion", {.timeout = patience});
  EXPECT_EQ(events.take(), "here host-3");
  client.reset();  // without a goodbye: the broker publishes the will (T7)
  EXPECT_EQ(events.take(), "gone host-3");
}

// T43
TEST_P(Sessions, PendingCallsFailAtOnceWhenTheServerGoes) {
  auto server = std::make_unique<McpServer>(server_options("desk-1"));
  EndlessTool endless;
  endless.add_to(*server);
  server->start(url());
  McpClient client(client_options());
  const EventLog<Error> over;
  client.on_disconnected([=](auto, auto& reason) { over.push(reason); });
  client.connect(url());
  const auto session = client.open("desk/companion", {.timeout = patience});
  const Outcome<CallToolResult> outcome;
  session.async_call_tool("endless", {}, {.timeout = 1h}, outcome.callback());
  ASSERT_TRUE(endless.wait_until_started());
  server->stop();
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::server_gone));
  ASSERT_TRUE(over.take());
  EXPECT_FALSE(session.is_open());
  EXPECT_EQ(error_of([&] { session.ping(); }).kind, ErrorKind::server_gone);
}

TEST_P(Sessions, ANameWithSpacesAndWithoutLevelsIsFound) {
  const auto server = serve("esp-1", "ESP32 Demo Server");
  const auto client = connected(client_options());
  EXPECT_EQ(client->open("ESP32 Demo Server", {.timeout = patience}).instance().server_id, "esp-1");
}

TEST_P(Sessions, EachRevisionCanBeAskedFor) {
  const auto server = serve("desk-1");
  for (const Revision revision : all_revisions) {
    const auto client = connected(client_options());
    const auto session =
        client->open("desk/companion", {.timeout = patience, .revision = revision});
    EXPECT_EQ(session.revision(), revision);
    EXPECT_EQ(session.call_tool("set_volume", {{"volume", 7}}).text(), "volume is 7");
    // A fault of the arguments is an error of the protocol before 2025-11-25, a result since.
    if (revision < Revision::v2025_11_25) {
      EXPECT_EQ(error_of([&] {
                  session.call_tool("set_volume", {{"volume", -1}});
                }).code,
                error_code::invalid_params);
    } else {
      EXPECT_TRUE(session.call_tool("set_volume", {{"volume", -1}}).is_error);
    }
  }
}

MCP_MQTT_ON_EVERY_SITE(Sessions);

}  // namespace
}  // namespace mcp_mqtt::test
