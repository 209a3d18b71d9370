#include "integration/stop/stop_site.hpp"

// A client ends while its broker is in trouble: in time, and every call of it has its outcome.
namespace mcp_mqtt::test {
namespace {

/// A client over the shaky way with a subscription and two calls under way, one of them blocking.
class BusyClient {
 public:
  BusyClient(const ClientOptions& options, const std::string& url)
      : client(std::make_unique<McpClient>(options)) {
    client->on_state([states = states_](const ClientEvent& event) { states.push(event.kind); });
    client->connect(url);
    session_ = client->open("desk/companion", {.timeout = patience});
    watch_ = session_.subscribe("desk://state", [](const ResourceUpdated&) {});
    session_.async_call_tool("endless", Json::object(), {.timeout = 1h}, called_.callback());
    blocked_ = std::thread([this] {
      const Error error =
          error_of([&] { session_.call_tool("endless", Json::object(), {.timeout = 1h}); });
      blocked_kind_.push(error.kind);
    });
  }
  ~BusyClient() {
    client.reset();
    blocked_.join();
  }

  bool saw(ClientEvent::Kind kind) const {
    return states_.wait_for([=](ClientEvent::Kind one) { return one == kind; }).has_value();
  }
  /// A call that waits for the session to open again.
  Outcome<CallToolResult> call_meanwhile() {
    const Outcome<CallToolResult> outcome;
    session_.async_call_tool("endless", Json::object(), {.timeout = 1h}, outcome.callback());
    return outcome;
  }
  /// All calls have their outcome, as soon as the client is gone.
  void expect_calls_ended() const {
    EXPECT_EQ(called_.times_called(), 1U);
    for (const ErrorKind kind : {called_.wait().error().kind, *blocked_kind_.take()}) {
      EXPECT_TRUE(kind == ErrorKind::stopped || kind == ErrorKind::connection_lost)
          << mcp_mqtt::to_string(kind);
    }
    EXPECT_EQ(session_.state(), SessionState::closed);
    EXPECT_EQ(error_of([&] { session_.ping(); }).kind, ErrorKind::stopped);
  }

  std::unique_ptr<McpClient> client;

 private:
  EventLog<ClientEvent::Kind> states_;
  Outcome<CallToolResult> called_;
  EventLog<ErrorKind> blocked_kind_;
  ClientSession session_;
  ResourceSubscription watch_;
  std::thread blocked_;
};

class ClientEnds : public StopSite {
 protected:
  void SetUp() override {
    StopSite::SetUp();
    if (IsSkipped()) return;
    ServerOptions options = server_options("desk-1");
    options.connection.backoff.initial = 10ms;
    options.worker_threads = 8;
    server_ = std::make_unique<McpServer>(options);
    endless_.add_to(*server_);
    server_->add_resource({.uri = "desk://state", .name = "state"}, "idle");
    server_->on_connection(
        [states = server_states_](ConnectionState state, const Error&) { states.push(state); });
    server_->start(url());
  }

  std::unique_ptr<BusyClient> busy_client() {
    const std::size_t before = ended_;
    auto busy = std::make_unique<BusyClient>(shaky_client_options("host-1"), shaky_url());
    EXPECT_TRUE(endless_.wait_until_started(before + 2));
    ended_ += 2;
    return busy;
  }

  EndlessTool endless_;
  EventLog<ConnectionState> server_states_;
  std::unique_ptr<McpServer> server_;
  std::size_t ended_ = 0;
};

TEST_P(ClientEnds, WithTheBrokerFrozen) {
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    const auto busy = busy_client();
    freeze("host-1");
    const auto last = busy->call_meanwhile();
    end(busy->client, ending);
    EXPECT_TRUE(failed_with(last.wait(), ErrorKind::stopped));
    busy->expect_calls_ended();
    thaw("host-1");
  }
}

TEST_P(ClientEnds, AfterTheBrokerWasKilled) {
  bool noticed = false;
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    const auto busy = busy_client();
    server_states_.clear();
    kill_broker("host-1");
    noticed = !noticed;
    std::optional<Outcome<CallToolResult>> held;
    if (noticed) {
      EXPECT_TRUE(busy->saw(ClientEvent::Kind::session_suspended));
      held = busy->call_meanwhile();
    }
    end(busy->client, ending);
    if (held) {
      EXPECT_TRUE(failed_with(held->wait(), ErrorKind::stopped));
    }
    busy->expect_calls_ended();
    revive_broker();
    if (mosquitto_) {
      EXPECT_TRUE(server_states_.wait_for(
          [](ConnectionState state) { return state == ConnectionState::connected; }));
    }
  }
}

TEST_P(ClientEnds, DuringConnect) {
  for (const Ending ending : every_ending) {
    if (ending == Ending::destroy) continue;  // not while connect() runs
    SCOPED_TRACE(to_string(ending));
    auto client = std::make_unique<McpClient>(shaky_client_options("host-1"));
    silence_connects();
    const EventLog<ErrorKind> failed;
    std::thread starting(
        [&] { failed.push(error_of([&] { client->connect(shaky_url()); }).kind); });
    EXPECT_TRUE(connecting());
    in_time(brief_stop, [&] {
      stop_as(*client, ending);
      starting.join();
      client.reset();
    });
    EXPECT_EQ(failed.take(), ErrorKind::stopped);
    answer_connects();
  }
}

TEST_P(ClientEnds, DuringReconnect) {
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    const auto busy = busy_client();
    silence_connects();
    cut("host-1");
    EXPECT_TRUE(connecting());
    end(busy->client, ending);
    busy->expect_calls_ended();
    answer_connects();
  }
}

TEST_P(ClientEnds, DuringOpen) {
  // A server that is announced and does not answer.
  publish("$mcp-server/presence/ghost-1/desk/ghost",
          R"({"jsonrpc":"2.0","method":"notifications/server/online","params":{}})", true);
  for (const Ending ending : every_ending) {
    SCOPED_TRACE(to_string(ending));
    auto client = std::make_unique<McpClient>(shaky_client_options("host-1"));
    const EventLog<bool> initializing;
    client->connect(shaky_url());
    const Outcome<ClientSession> ghost, nobody;
    const auto policy = [=](const std::vector<ServerInstance>&) {
      initializing.push(true);
      return std::size_t{0};
    };
    client->async_open("desk/ghost", {.timeout = 1h, .initialize_timeout = 1h, .select = policy},
                       ghost.callback());
    client->async_open("desk/nobody", {.timeout = 1h}, nobody.callback());
    EXPECT_TRUE(initializing.take());
    const EventLog<ErrorKind> blocked;
    std::vector<std::thread> threads;
    if (ending != Ending::destroy) {  // not while a member runs
      threads.emplace_back([&] {
        blocked.push(error_of([&] { client->open("desk/none", {.timeout = 1h}); }).kind);
      });
      threads.emplace_back(
          [&] { blocked.push(error_of([&] { client->wait_for_server("none", 1h); }).kind); });
    }
    in_time(brief_stop, [&] {
      stop_as(*client, ending);
      for (std::thread& thread : threads) thread.join();
      client.reset();
    });
    EXPECT_TRUE(failed_with(ghost.wait(), ErrorKind::stopped));
    EXPECT_TRUE(failed_with(nobody.wait(), ErrorKind::stopped));
    for (const ErrorKind kind : blocked.all()) EXPECT_EQ(kind, ErrorKind::stopped);
    EXPECT_EQ(blocked.size(), threads.size());
  }
}

TEST_P(ClientEnds, DestroyedWhileAHandlerStopsItToo) {
  auto client = std::make_unique<McpClient>(client_options());
  const EventLog<bool> started, stopped;
  client->on_sampling([&](auto&, ClientRequestContext& context) {
    McpClient& itself = *client;  // before the destructor begins
    started.push(true);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, context.stop_token(), patience, [] { return false; });
    itself.stop();
    stopped.push(true);
    return CreateMessageResult();
  });
  client->connect(url());
  client->open("desk/companion", {.timeout = patience}).ping();
  server_->clients().at(0).async_create_message({.messages = {user_says("Hello")}}, {},
                                                [](auto) {});
  ASSERT_TRUE(started.take());
  end(client, Ending::destroy);
  EXPECT_EQ(stopped.size(), 1U);
}

TEST_P(ClientEnds, AndConnectsAgainAfterATroubledStop) {
  McpClient client(shaky_client_options("host-1"));
  client.connect(shaky_url());
  freeze("host-1");
  client.stop();
  thaw("host-1");
  client.connect(shaky_url());
  EXPECT_TRUE(client.open("desk/companion", {.timeout = patience}).is_open());
}

MCP_MQTT_ON_EVERY_SITE(ClientEnds);

}  // namespace
}  // namespace mcp_mqtt::test
