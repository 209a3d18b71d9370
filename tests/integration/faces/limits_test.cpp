#include <future>
#include <gmock/gmock.h>
#include <iostream>

#include "site.hpp"

// Limits that a real broker sets: its queue and its packet size. What is beyond one is told to who
// is concerned, and nothing else is lost.
namespace mcp_mqtt::test {
namespace {

using Kind = mqtt::TransportKind;

/// Keeps the library's warnings while it lives.
class Warnings {
 public:
  Warnings() {
    set_log_handler([lines = lines_](LogLevel level, std::string_view line) {
      if (level >= LogLevel::warning) lines.push(std::string(line));
    });
  }
  ~Warnings() { set_log_handler({}); }
  bool wait_for(const std::string& text) const {
    return lines_
        .wait_for([&](const std::string& line) { return line.find(text) != std::string::npos; })
        .has_value();
  }
  std::vector<std::string> all() const { return lines_.all(); }

 private:
  EventLog<std::string> lines_;
};

/// Leaves the presences of servers that are not there at a broker.
void announce(const MosquittoBroker& broker, std::size_t count) {
  const auto transport =
      mqtt::make_transport(Kind::mosquitto, mqtt::parse_broker_url(broker.url()).value()).value();
  std::promise<void> connected;
  mqtt::ConnectOptions options;
  options.broker = mqtt::parse_broker_url(broker.url()).value();
  options.client_id = "announcer";
  transport->connect(options, {}, [&](const Result<mqtt::ConnectionInfo>& info) {
    info.value();
    connected.set_value();
  });
  connected.get_future().get();
  const EventLog<bool> taken;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = "lamp-" + std::to_string(i);
    const Json presence{{"jsonrpc", "2.0"},
                        {"method", "notifications/server/online"},
                        {"params", {{"server_name", "lamp/" + id}}}};
    transport->publish({"$mcp-server/presence/" + id + "/lamp/" + id,
                        presence.dump(),
                        mqtt::Qos::at_least_once,
                        true,
                        {}},
                       [taken](Result<void> outcome) { taken.push(outcome.has_value()); });
  }
  ASSERT_TRUE(taken.wait_for_count(count));
  for (const bool one : taken.all()) ASSERT_TRUE(one);
}

class BrokerLimits : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }
  ConnectionOptions connection() const {
    ConnectionOptions options;
    options.transport = GetParam();
    return options;
  }
  std::unique_ptr<McpClient> client_at(const MosquittoBroker& broker) const {
    ClientOptions options{.name = "host"};
    options.connection = connection();
    auto client = std::make_unique<McpClient>(std::move(options));
    client->connect(broker.url());
    return client;
  }
  std::unique_ptr<McpServer> server_at(const MosquittoBroker& broker) const {
    ServerOptions options{.name = "desk/companion", .version = "1", .description = "A desk"};
    options.connection = connection();
    auto server = std::make_unique<McpServer>(std::move(options));
    add_desk_tools(*server);
    server->start(broker.url());
    return server;
  }
};

TEST_P(BrokerLimits, ADiscoveryThatAStockBrokerCutsShortIsReported) {
  constexpr std::size_t servers = 2'100;
  const MosquittoBroker broker;
  announce(broker, servers);
  const Warnings warnings;
  const auto client = client_at(broker);
  const auto found = client->discover("#", 1s);
  std::cout << "reliability: retained=" << servers << " found=" << found.size()
            << " cut_short=" << client->discovery_cut_short() << '\n';
  ASSERT_LT(found.size(), servers) << "this broker queues more than mosquitto 2.0 does";
  EXPECT_TRUE(client->discovery_cut_short());
  EXPECT_TRUE(warnings.wait_for("cut short"));
  EXPECT_TRUE(warnings.wait_for(std::to_string(found.size()) + " servers"));

  // The remedy that the warning names.
  const auto narrow = client_at(broker);
  const auto few = narrow->discover("lamp/lamp-2099", 300ms);
  ASSERT_EQ(few.size(), 1U);
  EXPECT_FALSE(narrow->discovery_cut_short());
}

TEST_P(BrokerLimits, ADiscoveryThatIsCompleteIsNot) {
  constexpr std::size_t servers = 2'500;
  MosquittoOptions options;
  options.lines = {"max_queued_messages 100000"};
  const MosquittoBroker broker(options);
  announce(broker, servers);
  const Warnings warnings;
  const auto client = client_at(broker);
  EXPECT_EQ(client->discover("#", 1s).size(), servers);
  EXPECT_FALSE(client->discovery_cut_short());
  EXPECT_THAT(warnings.all(), ::testing::IsEmpty());
}

TEST_P(BrokerLimits, APacketBeyondTheBrokersMaximumIsAnErrorForOneCall) {
  MosquittoOptions options;
  options.max_packet_size = 2'000;
  const MosquittoBroker broker(options);
  const auto server = server_at(broker);
  server->add_tool("talk", "Says much", {arg("length", "How much").range(0, 100'000)},
                   [](int length) { return std::string(static_cast<std::size_t>(length), 'x'); });
  const auto client = client_at(broker);
  const auto other = client_at(broker);
  const ClientSession desk = client->open("desk/companion");
  const ClientSession calm = other->open("desk/companion");

  const Error answer = error_of([&] { desk.call_tool("talk", {{"length", 5'000}}); });
  EXPECT_EQ(answer.kind, ErrorKind::rpc);
  EXPECT_EQ(answer.code, error_code::internal_error);
  EXPECT_NE(answer.message.find("the broker takes 2000"), std::string::npos) << answer.message;
  const Error request = error_of([&] {
    desk.call_tool("talk", {{"length", std::string(5'000, '1')}});
  });
  EXPECT_EQ(request.kind, ErrorKind::too_large) << request.message;

  // Topic and properties count too: every size near the limit is either answered or refused.
  int answered = 0;
  int refused = 0;
  for (int length = 1'600; length < 2'000; length += 7) {
    try {
      EXPECT_EQ(desk.call_tool("talk", {{"length", length}}).text().size(),
                static_cast<std::size_t>(length));
      ++answered;
    } catch (const McpError& error) {
      EXPECT_EQ(error.code(), error_code::internal_error) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(answered, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(desk.call_tool("set_volume", {{"volume", 4}}).text(), "volume is 4");
  EXPECT_EQ(calm.call_tool("set_volume", {{"volume", 5}}).text(), "volume is 5");
  EXPECT_TRUE(desk.is_open());
  EXPECT_TRUE(server->running());
}

TEST_P(BrokerLimits, AListBeyondTheBrokersMaximumComesInMorePages) {
  MosquittoOptions options;
  options.max_packet_size = 4'000;
  const MosquittoBroker broker(options);
  const auto server = server_at(broker);
  const auto client = client_at(broker);
  const ClientSession desk = client->open("desk/companion");
  const std::size_t before = desk.list_tools().size();
  for (int i = 0; i < 50; ++i) {
    server->add_tool("tool-" + std::to_string(i), std::string(300, 'x'), {}, [] { return ""; });
  }
  const auto tools = desk.list_tools();
  EXPECT_EQ(tools.size(), before + 50);
  EXPECT_EQ(tools.back().description.size(), 300U);
}

TEST_P(BrokerLimits, AFloodOfOneClientLeavesTheOthersTheirAnswers) {
  const MosquittoBroker broker;
  const auto server = server_at(broker);
  const auto greedy = client_at(broker);
  const auto other = client_at(broker);
  const ClientSession flood = greedy->open("desk/companion");
  const ClientSession calm = other->open("desk/companion");
  constexpr int calls = 1'000;
  const EventLog<std::optional<Error>> outcomes;
  for (int i = 0; i < calls; ++i) {
    flood.async_list_tools({}, [outcomes](const Result<std::vector<Tool>>& tools) {
      outcomes.push(tools ? std::nullopt : std::optional(tools.error()));
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(calm.call_tool("set_volume", {{"volume", i}}).text(),
              "volume is " + std::to_string(i));
  }
  ASSERT_TRUE(outcomes.wait_for_count(calls));
  int answered = 0;
  int busy = 0;
  int other_errors = 0;
  for (const auto& error : outcomes.all()) {
    if (!error) {
      ++answered;
    } else if (error->code == error_code::server_busy || error->kind == ErrorKind::busy) {
      ++busy;
    } else {
      ++other_errors;
    }
  }
  std::cout << "reliability: flood=" << calls << " answered=" << answered << " busy=" << busy
            << " other=" << other_errors << " calm_calls=20 calm_lost=0\n";
  EXPECT_EQ(other_errors, 0);
}

// What the loop has not seen yet is bounded, too.
TEST(ClientLoop, TakesSoManyRequestsAtATime) {
  constexpr std::size_t room = 10'000;
  constexpr std::size_t beyond = 7;
  mqtt::LoopbackBroker broker;
  const auto connection = [&] {
    ConnectionOptions options;
    options.make_transport = [&broker] { return broker.make_transport(); };
    return options;
  };
  ServerOptions server_options{.name = "desk/companion", .version = "1", .description = "A desk"};
  server_options.connection = connection();
  McpServer server(server_options);
  add_desk_tools(server);
  server.start("mqtt://loopback");
  ClientOptions options{.name = "host"};
  options.connection = connection();
  McpClient client(options);
  client.connect("mqtt://loopback");
  const ClientSession desk = client.open("desk/companion");

  // Policies run on the loop: while this one thinks, nothing else is done there.
  std::promise<void> thinking;
  std::promise<void> decide;
  OpenOptions slow;
  slow.select = [&, decided = decide.get_future().share(),
                 first = true](const std::vector<ServerInstance>&) mutable -> std::size_t {
    if (std::exchange(first, false)) thinking.set_value();
    decided.wait();
    return 0;
  };
  const EventLog<bool> opened;
  client.async_open("desk/companion", slow,
                    [opened](const Result<ClientSession>& outcome) { opened.push(!!outcome); });
  thinking.get_future().get();
  const EventLog<std::optional<Error>> outcomes;
  for (std::size_t i = 0; i < room + beyond; ++i) {
    desk.async_call_tool("set_volume", {{"volume", 1}}, {},
                         [outcomes](const Result<CallToolResult>& outcome) {
                           outcomes.push(outcome ? std::nullopt : std::optional(outcome.error()));
                         });
  }
  EXPECT_EQ(outcomes.size(), 0U);
  decide.set_value();
  ASSERT_TRUE(outcomes.wait_for_count(room + beyond));
  std::size_t refused = 0;
  for (const auto& error : outcomes.all()) {
    if (error && error->message == "too many requests are being made at once") ++refused;
  }
  EXPECT_EQ(refused, beyond);
  EXPECT_TRUE(opened.take());
  EXPECT_EQ(desk.call_tool("set_volume", {{"volume", 2}}).text(), "volume is 2");
}

std::string kind_name(const ::testing::TestParamInfo<Kind>& tested) {
  return tested.param == Kind::paho ? "paho" : "mosquitto";
}

INSTANTIATE_TEST_SUITE_P(Transports, BrokerLimits, ::testing::Values(Kind::mosquitto, Kind::paho),
                         kind_name);

}  // namespace
}  // namespace mcp_mqtt::test
