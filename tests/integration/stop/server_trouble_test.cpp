#include "integration/stop/stop_site.hpp"

// A server ends while its broker is in trouble: in time, and everything that was under way ends
// too.
namespace mcp_mqtt::test {
namespace {

/// A server over the shaky way with two calls under way: one that would never end, and one whose
/// handler waits for an answer that never comes.
class BusyServer {
 public:
  BusyServer(const ServerOptions& options, const std::string& url)
      : server(std::make_unique<McpServer>(options)) {
    endless_.add_to(*server);
    server->add_tool("ask", "Asks and waits", [asked = asked_](RequestContext& context) {
      try {
        context.create_message({.messages = {user_says("Are you there?")}}, {.timeout = 1h});
      } catch (const McpError& error) {
        asked.push(error.kind());
      }
      return "asked";
    });
    server->on_connection(
        [states = states_](ConnectionState state, const Error&) { states.push(state); });
    server->start(url);
  }

  void connect(const ClientOptions& options, const std::string& url) {
    client_ = std::make_unique<McpClient>(options);
    client_->on_sampling([thinking = thinking_](auto&, ClientRequestContext& context) {
      thinking.push(true);
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock lock(mutex);
      wake.wait_for(lock, context.stop_token(), patience, [] { return false; });
      return CreateMessageResult();
    });
    client_->connect(url);
    session_ = client_->open("desk/companion", {.timeout = patience});
    session_.async_call_tool("endless", Json::object(), {.timeout = 1h}, called_.callback());
    session_.async_call_tool("ask", Json::object(), {.timeout = 1h}, also_called_.callback());
    ASSERT_TRUE(endless_.wait_until_started());
    ASSERT_TRUE(thinking_.take());
  }

  bool saw(ConnectionState state) const {
    return states_.wait_for([=](ConnectionState one) { return one == state; }).has_value();
  }
  /// The handlers have ended. What they were told depends on who noticed first.
  void expect_handlers_ended() const {
    EXPECT_TRUE(endless_.wait_until_cancelled());
    const auto kind = asked_.take();
    ASSERT_TRUE(kind);
    EXPECT_TRUE(*kind == ErrorKind::stopped || *kind == ErrorKind::connection_lost ||
                *kind == ErrorKind::client_gone || *kind == ErrorKind::cancelled)
        << mcp_mqtt::to_string(*kind);
  }
  void expect_calls_ended() const {
    EXPECT_FALSE(called_.wait());
    EXPECT_FALSE(also_called_.wait());
  }

  std::unique_ptr<McpServer> server;

 private:
  EndlessTool endless_;
  EventLog<ErrorKind> asked_;
  EventLog<ConnectionState> states_;
  EventLog<bool> thinking_;
  Outcome<CallToolResult> called_, also_called_;
  std::unique_ptr<McpClient> client_;
  ClientSession session_;
};

class ServerEnds : public StopSite {};

TEST_P(ServerEnds, WithTheBrokerFrozen) {
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    BusyServer busy(shaky_server_options("desk-1"), shaky_url());
    busy.connect(client_options(), url());
    freeze("desk-1");
    end(busy.server, ending);
    busy.expect_handlers_ended();
    thaw("desk-1");
    busy.expect_calls_ended();  // the will said so (T6)
  }
}

TEST_P(ServerEnds, AfterTheBrokerWasKilled) {
  bool noticed = false;
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    BusyServer busy(shaky_server_options("desk-1"), shaky_url());
    busy.connect(client_options(), url());
    kill_broker("desk-1");
    noticed = !noticed;
    if (noticed) {
      EXPECT_TRUE(busy.saw(ConnectionState::lost));
    }
    end(busy.server, ending);
    busy.expect_handlers_ended();
    revive_broker();
  }
}

TEST_P(ServerEnds, DuringConnect) {
  for (const Ending ending : every_ending) {
    if (ending == Ending::destroy) continue;  // not while start() runs
    SCOPED_TRACE(to_string(ending));
    auto server = std::make_unique<McpServer>(shaky_server_options("desk-1"));
    silence_connects();
    const EventLog<ErrorKind> failed;
    std::thread starting([&] { failed.push(error_of([&] { server->start(shaky_url()); }).kind); });
    EXPECT_TRUE(connecting());
    in_time(brief_stop, [&] {
      stop_as(*server, ending);
      starting.join();
      EXPECT_FALSE(server->running());
      server.reset();
    });
    EXPECT_EQ(failed.take(), ErrorKind::stopped);
    answer_connects();
  }
}

TEST_P(ServerEnds, DuringReconnect) {
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    BusyServer busy(shaky_server_options("desk-1"), shaky_url());
    busy.connect(client_options(), url());
    silence_connects();
    cut("desk-1");
    EXPECT_TRUE(connecting());
    end(busy.server, ending);
    busy.expect_handlers_ended();
    busy.expect_calls_ended();
    answer_connects();
  }
}

TEST_P(ServerEnds, DestroyedWhileAHandlerStopsItToo) {
  auto server = std::make_unique<McpServer>(server_options("desk-1"));
  const EventLog<bool> started, stopped;
  server->add_tool("stop", "Stops when it is cancelled", [&](RequestContext& context) {
    McpServer& itself = *server;  // before the destructor begins
    started.push(true);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, context.stop_token(), patience, [] { return false; });
    itself.stop();
    itself.log(LoggingLevel::info, "stopped");
    stopped.push(true);
    return "stopped";
  });
  server->start(url());
  McpClient client(client_options());
  client.connect(url());
  client.open("desk/companion", {.timeout = patience})
      .async_call_tool("stop", Json::object(), {}, [](auto) {});
  ASSERT_TRUE(started.take());
  end(server, Ending::destroy);
  EXPECT_EQ(stopped.size(), 1U);
}

TEST_P(ServerEnds, AndStartsAgainAfterATroubledStop) {
  McpServer server(shaky_server_options("desk-1"));
  add_desk_tools(server);
  server.start(shaky_url());
  freeze("desk-1");
  server.stop();
  EXPECT_FALSE(server.running());
  thaw("desk-1");
  server.start(shaky_url());
  McpClient client(client_options());
  client.connect(url());
  const auto session = client.open("desk/companion", {.timeout = patience});
  EXPECT_EQ(session.call_tool("set_volume", {{"volume", 3}}).text(), "volume is 3");
}

MCP_MQTT_ON_EVERY_SITE(ServerEnds);

}  // namespace
}  // namespace mcp_mqtt::test
