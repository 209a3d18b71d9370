#include <algorithm>
#include <condition_variable>
#include <gtest/gtest.h>
#include <mutex>

#include "hostile/parties.hpp"

// The rows of the table that are sent to a server: a real McpServer, to which a real McpClient has
// a session with a call under way all the time.
namespace mcp_mqtt::hostile {
namespace {

using namespace std::chrono_literals;

constexpr const char* server_topic = "server-1/desk/companion";

std::vector<std::string> groups_to_server() {
  std::vector<std::string> names;
  for (const Group& group : groups()) {
    if (group.to_server && group.name != "connack_to_server") names.push_back(group.name);
  }
  return names;
}

class ToServer : public ::testing::TestWithParam<std::tuple<BrokerKind, std::string>> {
 protected:
  void SetUp() override {
    if (!broker_.available()) GTEST_SKIP() << "mosquitto is not installed";
    start_server();
    start_victim();
  }

  void TearDown() override {
    if (!server_) return;
    EXPECT_EQ(victim_call_.times_called(), 0U) << "somebody ended the victim's call";
    victim_pending_.cancel();
    expect_service();
    victim_client_.reset();
    server_.reset();
  }

  void start_server() {
    ServerOptions options{.name = "desk/companion", .version = "1.2.3"};
    options.server_id = "server-1";
    options.connection = broker_.connection(&tap_);
    options.page_size = 2;
    server_ = std::make_unique<McpServer>(std::move(options));
    server_->add_tool("set_volume", "Set the volume", {arg("volume", "Level").range(0, 100)},
                      [](int volume) { return "volume is " + std::to_string(volume); });
    server_->add_tool("endless", "Runs until it is cancelled", [](RequestContext& context) {
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock lock(mutex);
      wake.wait(lock, context.stop_token(), [&] { return context.cancelled(); });
      return std::string("ended");
    });
    ToolDefinition render = typed_tool("render", "A task", [] { return std::string("done"); });
    render.tool.task_support = TaskSupport::optional;
    server_->add_tool(render);
    Tool raw{.name = "raw", .description = "Takes what fits its schema"};
    raw.input_schema = Json::parse(R"({"type":"object","properties":{"n":{"type":"integer"},
      "s":{"type":"string","pattern":"^(a+)+$"}},"required":["n"]})");
    server_->add_tool(raw, [](const Json& arguments) { return arguments.dump().substr(0, 99); });
    server_->add_resource({"test://note", "note"}, "a note");
    ResourceTemplate plant;
    plant.uri_template = "test://plant/{bed}";
    plant.name = "plant";
    server_->add_resource_template(plant, [](const ResourceRequest&) { return std::string("x"); });
    server_->add_prompt("greet", "Greets", {arg("who", "Whom")},
                        [](const std::string& who) { return "Greet " + who; });
    server_->complete_prompt("greet", "who",
                             [](const std::string&) { return std::vector<std::string>{"you"}; });
    server_->on_client_gone(
        [gone = gone_](const ClientInfo& client, const Error&) { gone.push(client.client_id); });
    server_->start(broker_.url());
  }

  void start_victim() {
    ClientOptions options{.name = "victim"};
    options.client_id = "victim-1";
    options.connection = broker_.connection();
    victim_client_ = std::make_unique<McpClient>(std::move(options));
    victim_client_->connect(broker_.url());
    victim_ = victim_client_->open("desk/companion");
    CallOptions calls;
    calls.timeout = 600s;
    victim_pending_ =
        victim_.async_call_tool("endless", Json::object(), calls, victim_call_.callback());
    // A task of the victim's, for others to grope for.
    EXPECT_FALSE(victim_.call_tool_as_task("render").task_id.empty());
  }

  void expect_service() {
    EXPECT_EQ(victim_.call_tool("set_volume", {{"volume", 30}}).text(), "volume is 30");
    ClientOptions options{.name = "newcomer"};
    options.connection = broker_.connection();
    McpClient newcomer(std::move(options));
    newcomer.connect(broker_.url());
    EXPECT_EQ(newcomer.open("desk/companion").call_tool("set_volume", {{"volume", 3}}).text(),
              "volume is 3");
    EXPECT_EQ(server_->clients().size(), 2U) << "somebody else has a session";
  }

  // --- The sender of one row

  static std::string rpc(const std::string& client) {
    return "$mcp-rpc/" + client + "/" + server_topic;
  }
  static std::string control() { return std::string("$mcp-server/") + server_topic; }

  std::string topic_of(const Row& row, const std::string& self) const {
    switch (row.place) {
      case Place::control:
        return control();
      case Place::capability:
        return "$mcp-client/capability/" + self;
      case Place::presence:
        return "$mcp-client/presence/" + self;
      case Place::victim_rpc:
        return rpc("victim-1");
      case Place::victim_capability:
        return "$mcp-client/capability/victim-1";
      case Place::victim_presence:
        return "$mcp-client/presence/victim-1";
      case Place::topic:
        return replaced(row.topic, "$SELF", self);
      default:
        return rpc(self);
    }
  }

  std::string initialize(const std::string& id, const std::string& revision) const {
    return request(id, "initialize",
                   R"({"protocolVersion":")" + revision +
                       R"(","capabilities":{"roots":{}},"clientInfo":{"name":"mallory"}})");
  }

  void prepare(Stranger& sender, const Row& row) {
    sender.subscribe(rpc(sender.id()));
    if (row.stage == Stage::none) return;
    sender.say(control(), initialize("1", row.revision));
    EXPECT_TRUE(sender.next().contains("result"));
    if (row.stage == Stage::proposed) return;
    sender.say(rpc(sender.id()), notification("notifications/initialized"));
    sender.say(rpc(sender.id()), request("2", "ping"));
    EXPECT_EQ(sender.next()["id"], 2);
  }

  void send(Stranger& sender, const Row& row, std::string payload) {
    mqtt::Message message = sender.message(topic_of(row, sender.id()), std::move(payload));
    message.retain = row.retain;
    for (auto& [name, value] : message.user_properties) {
      if (name == "MCP-MQTT-CLIENT-ID" && row.sender) value = *row.sender;
      if (name == "MCP-COMPONENT-TYPE" && !row.component.empty()) value = row.component;
    }
    std::erase_if(message.user_properties, [](const auto& p) { return p.second.empty(); });
    if (row.no_broker) {
      tap_->inject(std::move(message));
    } else {
      EXPECT_TRUE(test::succeeded(sender.publish(std::move(message))));
    }
  }

  /// What the server says of a message that comes after all that was sent: nothing came before.
  void expect_nothing_before(Stranger& sender, const Row& row) {
    const bool live = row.stage == Stage::open;
    if (row.stage == Stage::proposed) {
      // The handshake can still be finished.
      sender.say(rpc(sender.id()), notification("notifications/initialized"));
    }
    if (live || row.stage == Stage::proposed) {
      sender.say(rpc(sender.id()), request("\"barrier\"", "ping"));
    } else {
      sender.say(control(), initialize("\"barrier\"", row.revision));
    }
    Json next = sender.next();
    // A row that starts a task hears of it.
    while (next.is_object() && next.value("method", "") == "notifications/tasks/status") {
      next = sender.next();
    }
    EXPECT_EQ(next.value("id", Json()), "barrier") << next.dump().substr(0, 500);
    EXPECT_TRUE(next.contains("result")) << next.dump().substr(0, 500);
  }

  void expect_answer(const Json& message, const Outcome& outcome) {
    Json answer = message;
    if (message.is_array()) {
      const auto wanted = std::find_if(message.begin(), message.end(), [&](const Json& one) {
        return outcome.kind == Outcome::Kind::refused ? one.contains("error")
                                                      : one.contains("result");
      });
      ASSERT_NE(wanted, message.end()) << message;
      answer = *wanted;
    }
    const std::string shown = answer.dump().substr(0, 500);
    if (outcome.id != "any") {
      EXPECT_EQ(answer.value("id", Json("none")), outcome.id) << shown;
    }
    if (outcome.kind == Outcome::Kind::answered) {
      EXPECT_TRUE(answer.contains("result")) << shown;
    } else {
      ASSERT_TRUE(answer.contains("error")) << shown;
      EXPECT_EQ(answer["error"]["code"], outcome.code) << shown;
    }
  }

  void run(const Row& row) {
    Stranger sender(broker_, "mallory-" + std::to_string(++senders_), "mcp-client");
    prepare(sender, row);
    log_.clear();
    if (row.before) send(sender, row, row.before());
    if (row.place == Place::answer || row.place == Place::other_answer) {
      answer_question(sender, row);
    } else {
      send(sender, row, row.payload());
      expect_outcome(sender, row);
    }
    if (tap_) {
      for (const std::string& topic : tap_->take_topics()) {
        EXPECT_EQ(topic.find_first_of(std::string_view("+#\0\n", 4)), std::string::npos)
            << "a name got out of its topic: " << topic;
      }
    }
    // Whatever came of it, the server goes on, for the victim as well.
    EXPECT_EQ(victim_.call_tool("set_volume", {{"volume", 30}}).text(), "volume is 30");
    EXPECT_TRUE(victim_.is_open());
    sender.say("$mcp-client/presence/" + sender.id(), notification("notifications/disconnected"));
  }

  void expect_outcome(Stranger& sender, const Row& row) {
    switch (row.outcome.kind) {
      case Outcome::Kind::answered:
      case Outcome::Kind::refused:
        expect_answer(sender.next(), row.outcome);
        break;
      case Outcome::Kind::warned:
        EXPECT_TRUE(log_.wait_for(row.outcome.text)) << ::testing::PrintToString(log_.all());
        break;
      case Outcome::Kind::ended:
        EXPECT_TRUE(
            gone_.wait_for([&](const std::string& id) { return id == sender.id(); }, patience));
        return;
      default:
        break;
    }
    expect_nothing_before(sender, row);
  }

  // --- Questions of the server

  using Roots = Result<std::vector<Root>>;

  /// The id of the question that `client` is asked.
  std::string ask(Stranger& client, const test::Outcome<std::vector<Root>>& outcome) {
    const auto peer = server_->client(client.id());
    if (!peer) {
      ADD_FAILURE() << client.id() << " has no session";
      return {};
    }
    peer->async_list_roots({.timeout = patience}, outcome.callback());
    const Json question = client.next();
    EXPECT_EQ(question.value("method", ""), "roots/list");
    return question.value("id", Json()).dump();
  }

  void answer_question(Stranger& sender, const Row& row) {
    test::Outcome<std::vector<Root>> outcome;
    if (row.place == Place::answer) {
      const std::string id = ask(sender, outcome);
      send(sender, row, replaced(row.payload(), "$ID", id));
      EXPECT_TRUE(test::failed_with(outcome.wait(patience), row.outcome.error));
      expect_nothing_before(sender, row);
      return;
    }
    Stranger other(broker_, "other-" + std::to_string(senders_), "mcp-client");
    prepare(other, row);
    const std::string id = ask(other, outcome);
    send(sender, row, replaced(row.payload(), "$ID", id));
    expect_nothing_before(sender, row);
    EXPECT_EQ(outcome.times_called(), 0U) << "somebody else's answer counted";
    other.say(rpc(other.id()), R"({"jsonrpc":"2.0","id":)" + id +
                                   R"(,"result":{"roots":[{"uri":"file:///mine"}]}})");
    const Roots roots = outcome.wait(patience);
    ASSERT_TRUE(test::succeeded(roots));
    ASSERT_EQ(roots->size(), 1U);
    EXPECT_EQ(roots->front().uri, "file:///mine");
    other.say("$mcp-client/presence/" + other.id(), notification("notifications/disconnected"));
  }

  LogWatch log_;
  Broker broker_{std::get<0>(GetParam())};
  std::shared_ptr<Tap> tap_;
  test::EventLog<std::string> gone_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> victim_client_;
  ClientSession victim_;
  PendingCall victim_pending_;
  test::Outcome<CallToolResult> victim_call_;
  int senders_ = 0;
};

TEST_P(ToServer, Rows) {
  for (const Group& group : groups()) {
    if (group.name != std::get<1>(GetParam())) continue;
    std::size_t runs = 0;
    for (const Row& row : group.rows) {
      if (row.no_broker && !broker_.loopback) continue;
      SCOPED_TRACE(row.name + ": " + row.sent);
      run(row);
      ++runs;
      if (HasFatalFailure()) return;
    }
    std::printf("hostile: target=server group=%s rows=%zu\n", group.name.c_str(), runs);
  }
}

std::string test_name(const ::testing::TestParamInfo<std::tuple<BrokerKind, std::string>>& info) {
  return std::get<1>(info.param) +
         (std::get<0>(info.param) == BrokerKind::loopback ? "_loopback" : "_mosquitto");
}

INSTANTIATE_TEST_SUITE_P(Table, ToServer,
                         ::testing::Combine(::testing::Values(BrokerKind::loopback,
                                                              BrokerKind::mosquitto),
                                            ::testing::ValuesIn(groups_to_server())),
                         test_name);

}  // namespace
}  // namespace mcp_mqtt::hostile
