#include "mcp-mqtt/relay/aggregate.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include <mcp_mqtt/server.hpp>
#include <mcp_mqtt/server_backend.hpp>

#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

// Several servers as one, where the program would take its time.
namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using test::EventLog;
using test::MosquittoBroker;
using test::patience;

class LoggedHost final : public HostLink {
 public:
  explicit LoggedHost(EventLog<wire::RpcMessage> said) : said_(std::move(said)) {}
  void send(wire::RpcMessage message, const std::optional<RequestId>&) override {
    said_.push(std::move(message));
  }
  void ended(const Error&) override {}

 private:
  EventLog<wire::RpcMessage> said_;
};

/// A server that answers when the test says so.
class HeldSession final : public BackendSession {
 public:
  explicit HeldSession(EventLog<PeerRequest> held) : held_(std::move(held)) {}
  void connected(const ConnectedClient&) override {}
  void on_request(PeerRequest request) override { held_.push(std::move(request)); }
  void on_notification(const std::string&, const Json&) override {}

 private:
  EventLog<PeerRequest> held_;
};

class HeldBackend final : public ServerBackend {
 public:
  explicit HeldBackend(EventLog<PeerRequest> held) : held_(std::move(held)) {}
  std::unique_ptr<BackendSession> begin(const ClientInfo&, PeerRequest request) override {
    request.answer(Json{{"protocolVersion", "2025-11-25"},
                        {"capabilities", {{"tools", Json::object()}}},
                        {"serverInfo", {{"name", "held"}, {"version", "1"}}}});
    return std::make_unique<HeldSession>(held_);
  }

 private:
  EventLog<PeerRequest> held_;
};

class AggregateOfServers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    broker_ = std::make_unique<MosquittoBroker>();
  }
  void TearDown() override { session_.reset(); }

  void begin(AggregateSetup setup) {
    setup.broker = setup.broker_name = broker_->url();
    setup.note = [notes = notes_](const std::string& line) { notes.push(line); };
    session_ = make_aggregate(std::move(setup), std::make_shared<LoggedHost>(said_));
    ask("initialize", {{"protocolVersion", "2025-11-25"}});
    session_->on_message(wire::Notification{"notifications/initialized"});
  }
  /// Sends a request and waits for its answer.
  Json ask(const std::string& method, Json params = Json::object()) {
    const std::int64_t id = ++last_id_;
    session_->on_message(wire::Request{id, method, std::move(params)});
    const auto answer = said_.wait_for([id](const wire::RpcMessage& message) {
      const auto* response = std::get_if<wire::Response>(&message);
      return response != nullptr && response->id == RequestId(id);
    });
    return answer ? std::get<wire::Response>(*answer).result : Json();
  }
  static std::vector<std::string> names(const Json& page) {
    std::vector<std::string> out;
    for (const Json& tool : page.value("tools", Json::array())) out.push_back(tool.at("name"));
    return out;
  }
  bool told(const std::string& method) const {
    return said_
        .wait_for([&](const wire::RpcMessage& message) {
          const auto* notification = std::get_if<wire::Notification>(&message);
          return notification != nullptr && notification->method == method;
        })
        .has_value();
  }

  std::unique_ptr<MosquittoBroker> broker_;
  EventLog<wire::RpcMessage> said_;
  EventLog<std::string> notes_;
  std::unique_ptr<HostSession> session_;
  std::int64_t last_id_ = 0;
};

TEST_F(AggregateOfServers, ASlowServerDoesNotHoldUpTheOthers) {
  EventLog<PeerRequest> held;
  ServerOptions options{.name = "slow"};
  options.backend = std::make_shared<HeldBackend>(held);
  McpServer slow(std::move(options));
  slow.start(broker_->url());
  McpServer quick(ServerOptions{.name = "quick"});
  quick.add_tool("run", "Run", [] { return std::string("ran"); });
  quick.start(broker_->url());
  AggregateSetup setup;
  setup.filters = {"quick", "slow"};
  setup.wait = patience;
  setup.list = 200ms;
  begin(std::move(setup));

  EXPECT_EQ(names(ask("tools/list")), std::vector<std::string>{"quick__run"});
  EXPECT_TRUE(notes_.wait_for(
      [](const std::string& line) { return line.starts_with("slow is left out of tools/list"); }));
  // It is asked once more, at leisure, and the host hears of it.
  ASSERT_TRUE(held.take());
  const auto last = held.take();
  ASSERT_TRUE(last);
  said_.clear();
  last->answer(Json{{"tools", {{{"name", "crawl"}}}}});
  EXPECT_TRUE(told("notifications/tools/list_changed"));
  EXPECT_EQ(names(ask("tools/list")), (std::vector<std::string>{"quick__run", "slow__crawl"}));
}

TEST_F(AggregateOfServers, AnAnswerThatIsNoneIsLeftOut) {
  EventLog<PeerRequest> held;
  ServerOptions options{.name = "odd"};
  options.backend = std::make_shared<HeldBackend>(held);
  McpServer odd(std::move(options));
  odd.start(broker_->url());
  AggregateSetup setup;
  setup.filters = {"odd"};
  setup.wait = patience;
  begin(std::move(setup));
  const std::vector<Json> answers{Json::array(), Json::object(), Json{{"tools", "none"}},
                                  Json{{"tools", {1, nullptr, {{"name", 5}}}}}};
  for (const Json& answer : answers) {
    const std::int64_t id = ++last_id_;
    session_->on_message(wire::Request{id, "tools/list"});
    held.take()->answer(answer);
    const auto said = said_.wait_for([id](const wire::RpcMessage& message) {
      const auto* response = std::get_if<wire::Response>(&message);
      return response != nullptr && response->id == RequestId(id);
    });
    ASSERT_TRUE(said);
    EXPECT_EQ(std::get<wire::Response>(*said).result, (Json{{"tools", Json::array()}})) << answer;
  }
}

TEST_F(AggregateOfServers, PagesOfAllServersComeTogether) {
  std::vector<std::unique_ptr<McpServer>> servers;
  const std::map<std::string, int> sizes{{"a", 1}, {"b", 5}, {"c", 3}};
  for (const auto& [name, size] : sizes) {
    ServerOptions options{.name = name};
    options.page_size = 2;
    servers.push_back(std::make_unique<McpServer>(std::move(options)));
    for (int tool = 0; tool < size; ++tool) {
      servers.back()->add_tool("t" + std::to_string(tool), "", [] { return std::string(); });
    }
    servers.back()->start(broker_->url());
  }
  AggregateSetup setup;
  setup.filters = {"a", "b", "c"};
  setup.wait = patience;
  begin(std::move(setup));
  std::vector<std::size_t> pages;
  std::set<std::string> all;
  Json params = Json::object();
  while (true) {
    const Json page = ask("tools/list", params);
    const auto found = names(page);
    pages.push_back(found.size());
    all.insert(found.begin(), found.end());
    if (!page.contains("nextCursor")) break;
    params["cursor"] = page.at("nextCursor");
  }
  EXPECT_EQ(pages, (std::vector<std::size_t>{5, 3, 1}));
  EXPECT_EQ(all.size(), 9U);
}

}  // namespace
}  // namespace mcp_mqtt::command_line
