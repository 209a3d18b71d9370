#include "integration/faces/site.hpp"

// Programs that stand between hosts and servers: a client that passes on what servers ask and tell,
// and a server whose clients are answered by a backend.
namespace mcp_mqtt::test {
namespace {

/// What the backend saw, and what it answers with.
struct Behind {
  EventLog<std::string> events;
  EventLog<PeerRequest> requests;
  EventLog<ConnectedClient> clients;
};

class Session : public BackendSession {
 public:
  explicit Session(Behind behind) : behind_(std::move(behind)) {}
  ~Session() override { behind_.events.push("gone"); }

  void connected(const ConnectedClient& client) override {
    behind_.events.push("connected " + client.info().implementation.name);
    behind_.clients.push(client);
  }
  void on_request(PeerRequest request) override { behind_.requests.push(std::move(request)); }
  void on_notification(const std::string& method, const Json& params) override {
    behind_.events.push(method + " " + params.dump());
  }

 private:
  Behind behind_;
};

class Backend : public ServerBackend {
 public:
  explicit Backend(Behind behind) : behind_(std::move(behind)) {}

  std::unique_ptr<BackendSession> begin(const ClientInfo&, PeerRequest request) override {
    behind_.events.push("begin " + request.params().at("capabilities").dump());
    request.answer(Json{{"protocolVersion", request.params().at("protocolVersion")},
                        {"capabilities", {{"tools", Json::object()}, {"ours", {{"x", 1}}}}},
                        {"serverInfo", {{"name", "behind"}, {"version", "7"}}},
                        {"instructions", "be kind"}});
    return std::make_unique<Session>(behind_);
  }

 private:
  Behind behind_;
};

class Relayed : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    ServerOptions options = server_options("desk-1");
    options.backend = std::make_shared<Backend>(behind_);
    server_ = std::make_unique<McpServer>(options);
    server_->start(url());
    client_ = std::make_unique<McpClient>(client_options());
    client_->on_request(
        [asked = asked_](const ClientSession&, PeerRequest request) { asked.push(request); },
        Json{{"roots", Json::object()}, {"theirs", {{"y", 2}}}});
    client_->on_notification(
        [told = told_](const ClientSession&, const std::string& method, const Json& params) {
          told.push(method + " " + params.dump());
        });
    client_->connect(url());
    desk_ = client_->open("desk/companion", {.timeout = patience});
  }

  ConnectedClient peer() const { return behind_.clients.take().value_or(ConnectedClient()); }

  Behind behind_;
  EventLog<PeerRequest> asked_;
  EventLog<std::string> told_;
  EventLog<Result<Json>> outcomes_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession desk_;
};

TEST_P(Relayed, TheHandshakePassesThrough) {
  EXPECT_EQ(behind_.events.take(), R"(begin {"roots":{},"theirs":{"y":2}})");
  EXPECT_EQ(behind_.events.take(), "connected host");
  EXPECT_EQ(desk_.capabilities().raw.dump(), R"({"ours":{"x":1},"tools":{}})");
  EXPECT_EQ(desk_.server_info().name, "behind");
  EXPECT_EQ(desk_.instructions(), "be kind");
  desk_.close();
  EXPECT_EQ(behind_.events.take(), "gone");
}

TEST_P(Relayed, RequestsAndAnswersPassThrough) {
  CallOptions options;
  const EventLog<double> progress;
  options.on_progress = [progress](const Progress& one) { progress.push(one.progress); };
  const auto keep = [this](Result<Json> outcome) { outcomes_.push(std::move(outcome)); };
  desk_.async_request("tools/call", {{"name", "any"}, {"odd", true}}, options, keep);
  const auto request = behind_.requests.take();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method(), "tools/call");
  EXPECT_EQ(request->params().at("odd"), true);
  const ConnectedClient client = peer();
  client.notify(
      "notifications/progress",
      {{"progressToken", request->params().at("_meta").at("progressToken")}, {"progress", 0.5}});
  EXPECT_EQ(progress.take(), 0.5);
  request->answer(Json{{"content", Json::array()}, {"unknown", 1}});
  request->answer(Json("too late"));
  EXPECT_EQ(outcomes_.take()->value(), (Json{{"content", Json::array()}, {"unknown", 1}}));

  desk_.async_request("tools/call", {{"name", "fails"}}, {}, keep);
  behind_.requests.take()->answer(rpc_error(-1234, "no", Json{{"why", 1}}));
  const auto failed = outcomes_.take();
  ASSERT_TRUE(failed && !*failed);
  EXPECT_EQ(failed->error().code, -1234);
  EXPECT_EQ(failed->error().data, (Json{{"why", 1}}));

  desk_.async_request("tools/call", {{"name", "forgotten"}}, {}, keep);
  static_cast<void>(behind_.requests.take());
  EXPECT_EQ(outcomes_.take()->error().code, error_code::internal_error);
}

TEST_P(Relayed, CancellationArrivesAtTheRequest) {
  const auto call = desk_.async_request("tools/call", {{"name", "slow"}}, {}, {});
  const auto request = behind_.requests.take();
  ASSERT_TRUE(request);
  const EventLog<int> cancelled;
  const std::stop_callback watch(request->stop_token(), [cancelled] { cancelled.push(1); });
  call.cancel();
  EXPECT_EQ(cancelled.take(), 1);
  request->answer(Json::object());
  desk_.ping();
}

TEST_P(Relayed, TheServersRequestsAndNotificationsPassThrough) {
  const ConnectedClient client = peer();
  client.async_request("roots/list", {{"odd", 1}}, {},
                       [this](Result<Json> outcome) { outcomes_.push(std::move(outcome)); });
  const auto asked = asked_.take();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->method(), "roots/list");
  EXPECT_EQ(asked->params().at("odd"), 1);
  asked->answer(Json{{"roots", Json::array()}, {"unknown", 1}});
  EXPECT_EQ(outcomes_.take()->value(), (Json{{"roots", Json::array()}, {"unknown", 1}}));

  client.notify("notifications/message", {{"level", "odd"}, {"data", 1}});
  EXPECT_EQ(told_.take(), R"(notifications/message {"data":1,"level":"odd"})");
  client.notify("notifications/tools/list_changed");
  EXPECT_EQ(told_.take(), "notifications/tools/list_changed {}");
  desk_.notify("notifications/vendor", {{"a", 1}});
  EXPECT_EQ(behind_.events.wait_for(
                [](const std::string& event) { return event.starts_with("notifications/"); }),
            R"(notifications/vendor {"a":1})");
}

TEST_P(Relayed, RequestsUnderWayEndWithTheServer) {
  desk_.async_request("tools/call", {{"name", "slow"}}, {},
                      [this](Result<Json> outcome) { outcomes_.push(std::move(outcome)); });
  const auto request = behind_.requests.take();
  ASSERT_TRUE(request);
  server_.reset();
  EXPECT_EQ(outcomes_.take()->error().kind, ErrorKind::server_gone);
  request->answer(Json::object());
}

MCP_MQTT_ON_EVERY_SITE(Relayed);

}  // namespace
}  // namespace mcp_mqtt::test
