#include <csignal>
#include <thread>

#include "integration/faces/site.hpp"

// start, stop, run; from other threads, handlers and callbacks; and what goes wrong with brokers.
namespace mcp_mqtt::test {
namespace {

class Lifecycle : public Site {};

TEST_P(Lifecycle, AServerStartsStopsAndStartsAgain) {
  McpServer server(server_options("desk-1"));
  add_desk_tools(server);
  EXPECT_FALSE(server.running());
  for (int round = 0; round < 2; ++round) {
    server.start(url());
    EXPECT_TRUE(server.running());
    EXPECT_EQ(error_of([&] { server.start(url()); }).kind, ErrorKind::invalid_argument);
    McpClient client(client_options());
    client.connect(url());
    const auto session = client.open("desk/companion", {.timeout = patience});
    EXPECT_EQ(session.call_tool("set_volume", {{"volume", 9}}).text(), "volume is 9");
    client.stop();
    server.stop();
    server.stop();
    EXPECT_FALSE(server.running());
  }
}

TEST_P(Lifecycle, AClientConnectsStopsAndConnectsAgain) {
  McpServer server(server_options("desk-1"));
  server.start(url());
  McpClient client(client_options());
  for (int round = 0; round < 2; ++round) {
    client.connect(url());
    const auto session = client.open("desk/companion", {.timeout = patience});
    EXPECT_GT(session.ping().count(), 0);
    client.stop();
    client.stop();
    EXPECT_FALSE(session.is_open());
    EXPECT_EQ(error_of([&] { session.ping(); }).kind, ErrorKind::stopped);
    EXPECT_EQ(error_of([&] { client.open("desk/companion"); }).kind, ErrorKind::stopped);
  }
}

TEST_P(Lifecycle, AHandlerMayStopItsServer) {
  McpServer server(server_options("desk-1"));
  server.add_tool("leave", "Stops the server", [&] {
    server.stop();
    return "leaving";
  });
  std::thread running([&] { server.run(url()); });
  McpClient client(client_options());
  client.connect(url());
  const auto session = client.open("desk/companion", {.timeout = patience});
  const Outcome<CallToolResult> outcome;
  session.async_call_tool("leave", {}, {}, outcome.callback());
  running.join();  // run() returns
  EXPECT_FALSE(server.running());
  // Either the answer or the goodbye came first; one of them came.
  const auto result = outcome.wait();
  EXPECT_TRUE(result || result.error().kind == ErrorKind::server_gone);
}

TEST_P(Lifecycle, ACallbackMayStopItsClient) {
  McpServer server(server_options("desk-1"));
  server.start(url());
  McpClient client(client_options());
  client.connect(url());
  const auto session = client.open("desk/companion", {.timeout = patience});
  const EventLog<bool> stopped;
  session.async_ping({}, [&, stopped](auto) {
    client.stop();
    stopped.push(true);
  });
  EXPECT_TRUE(stopped.take());
}

TEST_P(Lifecycle, RunEndsWithASignal) {
  McpServer server(server_options("desk-1"));
  McpClient client(client_options());
  const EventLog<std::string> events;
  client.on_server_discovered([=](auto&) { events.push("online"); });
  client.on_server_gone([=](auto&) { events.push("gone"); });
  client.connect(url());
  client.discover("#", 0ms);
  std::thread running([&] { server.run(url()); });
  EXPECT_EQ(events.take(), "online");
  ::kill(::getpid(), SIGTERM);
  running.join();
  EXPECT_EQ(events.take(), "gone");  // T11: the presence was cleared
}

TEST_P(Lifecycle, DestroyingAClientEndsItsCallsWithAnOutcome) {
  McpServer server(server_options("desk-1"));
  EndlessTool endless;
  endless.add_to(server);
  server.start(url());
  const Outcome<CallToolResult> outcome;
  ClientSession session;
  {
    McpClient client(client_options());
    client.connect(url());
    session = client.open("desk/companion", {.timeout = patience});
    session.async_call_tool("endless", {}, {.timeout = 1h}, outcome.callback());
    ASSERT_TRUE(endless.wait_until_started());
  }
  EXPECT_EQ(outcome.times_called(), 1U);  // before the destructor returned
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::stopped));
  EXPECT_FALSE(session.is_open());
  EXPECT_EQ(error_of([&] { session.ping(); }).kind, ErrorKind::stopped);
}

TEST_P(Lifecycle, DestroyingAServerWithAHandlerUnderWayEndsTheHandler) {
  auto server = std::make_unique<McpServer>(server_options("desk-1"));
  EndlessTool endless;
  endless.add_to(*server);
  server->start(url());
  McpClient client(client_options());
  client.connect(url());
  const auto session = client.open("desk/companion", {.timeout = patience});
  const Outcome<CallToolResult> outcome;
  session.async_call_tool("endless", {}, {.timeout = 1h}, outcome.callback());
  ASSERT_TRUE(endless.wait_until_started());
  server.reset();
  EXPECT_TRUE(endless.wait_until_cancelled());
  EXPECT_TRUE(failed_with(outcome.wait(), ErrorKind::server_gone));  // the will says so (T6)
}

TEST_P(Lifecycle, OptionsThatCannotBeUsedAreRefusedWithTheReason) {
  for (const char* name : {"", "a/+", "a/#", "/a", "a/"}) {
    auto options = server_options("desk-1", name);
    EXPECT_EQ(error_of([&] { McpServer server(options); }).kind, ErrorKind::invalid_argument)
        << name;
  }
  for (const char* id : {"a/b", "a+b", "a#b", "presence", "capability"}) {
    const Error error = error_of([&] { McpServer server(server_options(id)); });
    EXPECT_EQ(error.kind, ErrorKind::invalid_argument) << id;
  }
  EXPECT_EQ(error_of([] { McpClient client{{.name = ""}}; }).kind, ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([] { McpClient client{{.name = "a", .filters = {"a/#/b"}}}; }).kind,
            ErrorKind::invalid_argument);
  McpClient client{{.name = "host"}};
  EXPECT_EQ(error_of([&] { client.connect("http://127.0.0.1"); }).kind,
            ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] { client.open("desk"); }).kind, ErrorKind::not_connected);
}

TEST_P(Lifecycle, ToolsThatCannotBeUsedAreRefusedWithTheReason) {
  McpServer server(server_options("desk-1"));
  add_desk_tools(server);
  const auto nothing = [](const Json&) { return Json(); };
  EXPECT_NE(error_of([&] {
              server.add_tool(Tool{.name = "count"}, nothing);
            }).message.find("defined already"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { server.add_tool(Tool{.name = "no spaces"}, nothing); }).kind,
            ErrorKind::invalid_argument);
  EXPECT_THROW(server.add_tool("two", "Takes two", std::vector{arg("one")}, [](int, int) {}),
               std::invalid_argument);
}

TEST_P(Lifecycle, ABrokerThatIsNotThereIsAnErrorAtOnce) {
  auto options = client_options();
  options.connection.make_transport = {};
  McpClient client(options);
  EXPECT_NE(error_of([&] { client.connect("mqtt://127.0.0.1:1"); }).message, "");
  auto server_side = server_options("desk-1");
  server_side.connection.make_transport = {};
  McpServer server(server_side);
  EXPECT_NE(error_of([&] { server.start("mqtt://127.0.0.1:1"); }).message, "");
  EXPECT_FALSE(server.running());
}

MCP_MQTT_ON_EVERY_SITE(Lifecycle);

}  // namespace
}  // namespace mcp_mqtt::test
