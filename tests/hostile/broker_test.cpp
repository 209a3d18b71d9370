#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>

#include "hostile/parties.hpp"
#include "support/memory_bound.hpp"

// What comes from the broker itself: CONNACK properties that cannot be used, retained garbage, and
// a flood of presence.
namespace mcp_mqtt::hostile {
namespace {

using namespace std::chrono_literals;

const Group& group_of(const std::string& name) {
  for (const Group& group : groups()) {
    if (group.name == name) return group;
  }
  throw std::logic_error("there is no group " + name);
}

void expect_call(McpClient& client) {
  EXPECT_EQ(client.open("desk/companion").call_tool("ping_me").text(), "pong");
}

std::unique_ptr<McpServer> make_server(const Broker& broker, std::shared_ptr<Tap>* tap = nullptr) {
  ServerOptions options{.name = "desk/companion"};
  options.server_id = "server-1";
  options.connection = broker.connection(tap);
  auto server = std::make_unique<McpServer>(std::move(options));
  server->add_tool("ping_me", "Answers", [] { return std::string("pong"); });
  return server;
}

ClientOptions client_options(const Broker& broker, std::shared_ptr<Tap>* tap = nullptr) {
  ClientOptions options{.name = "host"};
  options.client_id = "host-0123456789";
  options.connection = broker.connection(tap);
  return options;
}

class Connack : public ::testing::Test {
 protected:
  /// Every row in the CONNACK of those whose component it is for.
  void run(const std::string& group_name, const std::string& component) {
    const Group& group = group_of(group_name);
    for (const Row& row : group.rows) {
      SCOPED_TRACE(row.name + ": " + row.sent);
      LogWatch log;
      Broker broker(BrokerKind::loopback);
      broker.loopback->on_connect(
          [&](const mqtt::ConnectOptions& options) -> Result<mqtt::ConnectionInfo> {
            mqtt::ConnectionInfo info;
            for (const auto& [name, value] : options.user_properties) {
              if (name == "MCP-COMPONENT-TYPE" && value == component) {
                info.user_properties.emplace_back(row.topic, row.payload());
              }
            }
            return info;
          });
      const auto server = make_server(broker);
      server->start(broker.url());
      EXPECT_EQ(server->name(), "desk/companion");
      McpClient client(client_options(broker));
      client.connect(broker.url());
      expect_call(client);
      EXPECT_TRUE(log.wait_for(row.outcome.text)) << ::testing::PrintToString(log.all());
      EXPECT_FALSE(client.granted_filters());
      EXPECT_FALSE(client.roles());
    }
    std::printf("hostile: target=%s group=%s rows=%zu\n", component.c_str(), group_name.c_str(),
                group.rows.size());
  }
};

TEST_F(Connack, ToServer) { run("connack_to_server", "mcp-server"); }
TEST_F(Connack, ToClient) { run("connack_to_client", "mcp-client"); }

class FromBroker : public ::testing::TestWithParam<BrokerKind> {
 protected:
  void SetUp() override {
    if (!broker_.available()) GTEST_SKIP() << "mosquitto is not installed";
  }
  static void keep(Stranger& mallory, const std::string& topic, std::string payload) {
    auto message = mallory.message(topic, std::move(payload));
    message.retain = true;
    EXPECT_TRUE(test::succeeded(mallory.publish(std::move(message))));
  }

  LogWatch log_;
  Broker broker_{GetParam()};
};

/// Before anybody is there, somebody leaves something on every topic that they will subscribe.
TEST_P(FromBroker, retained_before_start) {
  Stranger mallory(broker_, "mallory", "mcp-client");
  const std::string goodbye = notification("notifications/disconnected");
  const std::string rpc = "$mcp-rpc/host-0123456789/server-1/desk/companion";
  keep(mallory, "$mcp-server/server-1/desk/companion",
       request("1", "initialize", R"({"protocolVersion":"2025-11-25","capabilities":{}})"));
  keep(mallory, "$mcp-server/presence/server-1/desk/companion", "garbage");
  keep(mallory, "$mcp-server/presence/server-0/desk/companion", "{}");
  keep(mallory, "$mcp-server/capability/server-1/desk/companion",
       notification("notifications/tools/list_changed"));
  keep(mallory, "$mcp-client/presence/host-0123456789", goodbye);
  keep(mallory, "$mcp-client/capability/host-0123456789", "[[[");
  keep(mallory, rpc, goodbye);

  const auto server = make_server(broker_);
  server->start(broker_.url());
  McpClient client(client_options(broker_));
  client.connect(broker_.url());
  const ClientSession session = client.open("desk/companion", {.timeout = 15s});
  EXPECT_EQ(session.call_tool("ping_me").text(), "pong");
  EXPECT_TRUE(session.is_open());
  EXPECT_EQ(server->clients().size(), 1U);
  EXPECT_FALSE(server->client("mallory"));
}

INSTANTIATE_TEST_SUITE_P(Brokers, FromBroker,
                         ::testing::Values(BrokerKind::loopback, BrokerKind::mosquitto),
                         [](const auto& site) {
                           return std::string(site.param == BrokerKind::loopback ? "loopback"
                                                                                 : "mosquitto");
                         });

/// Of this process, in kilobytes.
long resident_kilobytes() {
  std::ifstream status("/proc/self/statm");
  long size = 0;
  long resident = 0;
  status >> size >> resident;
  return resident * 4;
}

TEST(Flood, presence_of_100000_names) {
  constexpr int names = 100'000;
  constexpr std::size_t limit = 1'000;
  LogWatch log;
  const Broker broker(BrokerKind::loopback);
  const auto server = make_server(broker);
  server->start(broker.url());
  std::shared_ptr<Tap> tap;
  ClientOptions options = client_options(broker, &tap);
  options.filters = {"#"};
  options.limits.instances = limit;
  McpClient client(std::move(options));
  client.connect(broker.url());
  const ClientSession session = client.open("desk/companion");

  const std::string payload =
      notification("notifications/server/online", R"({"description":")" + repeat("d", 500) + "\"}");
  const auto online = [&](int i) {
    const std::string number = std::to_string(i);
    return mqtt::Message{"$mcp-server/presence/flood-" + number + "/flood/" + number,
                         payload,
                         mqtt::Qos::at_least_once,
                         true,
                         {}};
  };
  for (int i = 0; i < 2'000; ++i) tap->inject(online(i));
  EXPECT_EQ(session.call_tool("ping_me").text(), "pong");  // all of it has been looked at
  const long before = resident_kilobytes();
  for (int i = 2'000; i < names; ++i) {
    tap->inject(online(i));
    // The loop takes what is injected in its order; the flood must not wait in its queue as a
    // whole.
    if (i % 2'000 == 0) {
      EXPECT_EQ(session.call_tool("ping_me").text(), "pong");
    }
  }
  EXPECT_EQ(session.call_tool("ping_me").text(), "pong");
  const long grown = resident_kilobytes() - before;
  EXPECT_EQ(client.servers("#").size(), limit);
  EXPECT_LT(static_cast<std::size_t>(std::max(grown, 0L)), test::memory_bound_kib(40'000))
      << "98,000 presences beyond the limit were kept";
  EXPECT_TRUE(log.wait_for("the rest is ignored"));
  std::printf("hostile: presences=%d kept=%zu grown_kb=%ld\n", names, limit, grown);
  // Those that leave make room, also for who comes late.
  for (int i = 0; i < 2'000; ++i) {
    mqtt::Message gone = online(i);
    gone.payload.clear();
    tap->inject(std::move(gone));
  }
  tap->inject(online(names));
  EXPECT_EQ(client.wait_for_server("flood/" + std::to_string(names), 15s).server_id,
            "flood-" + std::to_string(names));
}

}  // namespace
}  // namespace mcp_mqtt::hostile
