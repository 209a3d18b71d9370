#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <thread>

#include "hostile/parties.hpp"

// The rows of the table that are sent to a client: a real McpClient with a session with a real
// McpServer, and, for most rows, one with the hostile server too.
namespace mcp_mqtt::hostile {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> groups_to_client() {
  std::vector<std::string> names;
  for (const Group& group : groups()) {
    if (!group.to_server && group.name != "connack_to_client") names.push_back(group.name);
  }
  return names;
}

/// A server that shakes hands and then says what a row wants.
class HostileServer {
 public:
  HostileServer(const Broker& broker, std::string id)
      : name_("bad/" + id), peer_(broker, id, "mcp-server") {}

  const std::string& id() const { return peer_.id(); }
  const std::string& name() const { return name_; }
  Stranger& peer() { return peer_; }
  std::string control() const { return "$mcp-server/" + id() + "/" + name_; }
  std::string presence() const { return "$mcp-server/presence/" + id() + "/" + name_; }
  std::string capability() const { return "$mcp-server/capability/" + id() + "/" + name_; }
  std::string rpc() const { return "$mcp-rpc/" + client_ + "/" + id() + "/" + name_; }

  void announce() {
    peer_.subscribe(control());
    auto message = peer_.message(presence(), notification("notifications/server/online"));
    message.retain = true;
    EXPECT_TRUE(test::succeeded(peer_.publish(std::move(message))));
  }
  void vanish() {
    auto message = peer_.message(presence(), "");
    message.retain = true;
    EXPECT_TRUE(test::succeeded(peer_.publish(std::move(message))));
  }

  /// The `initialize` of a client, whose topic it then listens to; its id.
  std::string take_initialize() {
    const auto received = peer_.inbox().take(patience);
    if (!received) {
      ADD_FAILURE() << "no initialize";
      return {};
    }
    for (const auto& [name, value] : received->user_properties) {
      if (name == "MCP-MQTT-CLIENT-ID") client_ = value;
    }
    peer_.subscribe(rpc());
    const Json body = Json::parse(received->payload, nullptr, false);
    EXPECT_EQ(body.value("method", ""), "initialize");
    return body.value("id", Json()).dump();
  }
  void shake_hands() {
    const std::string id = take_initialize();
    say(R"({"jsonrpc":"2.0","id":)" + id +
        R"(,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"resources":)"
        R"({"subscribe":true},"prompts":{},"completions":{},"logging":{},"tasks":{"list":{},)"
        R"("cancel":{},"requests":{"tools":{"call":{}}}}},"serverInfo":{"name":"bad"}}})");
    EXPECT_EQ(peer_.next().value("method", ""), "notifications/initialized");
  }
  void say(std::string payload) { peer_.say(rpc(), std::move(payload)); }

 private:
  std::string name_;
  std::string client_;
  Stranger peer_;
};

class ToClient : public ::testing::TestWithParam<std::tuple<BrokerKind, std::string>> {
 protected:
  void SetUp() override {
    if (!broker_.available()) GTEST_SKIP() << "mosquitto is not installed";
    ServerOptions server{.name = "desk/companion", .version = "1.2.3"};
    server.server_id = "good-1";
    server.connection = broker_.connection();
    good_ = std::make_unique<McpServer>(std::move(server));
    good_->add_tool("set_volume", "Set the volume", {arg("volume", "Level").range(0, 100)},
                    [](int volume) { return "volume is " + std::to_string(volume); });
    good_->start(broker_.url());

    ClientOptions client{.name = "host"};
    client.client_id = "host-0123456789";
    client.connection = broker_.connection(&tap_);
    client.filters = {"#"};
    client_ = std::make_unique<McpClient>(std::move(client));
    client_->set_roots({{"file:///home", "home"}});
    client_->on_sampling(
        [](const CreateMessageRequest&, ClientRequestContext&) { return CreateMessageResult{}; });
    client_->on_elicitation(
        [](const ElicitRequest&, ClientRequestContext&) { return ElicitResult{}; });
    client_->on_disconnected([ended = ended_](ClientSession session, const Error&) {
      ended.push(session.instance().server_id);
    });
    client_->connect(broker_.url());
    session_ = client_->open("desk/companion");
  }

  void TearDown() override {
    if (!client_) return;
    expect_service();
    EXPECT_EQ(client_->servers("desk/companion").size(), 1U);
    client_.reset();
    good_.reset();
  }

  void expect_service() {
    EXPECT_TRUE(session_.is_open());
    EXPECT_EQ(session_.call_tool("set_volume", {{"volume", 30}}).text(), "volume is 30");
  }

  std::string topic_of(const Row& row, const HostileServer& server) const {
    switch (row.place) {
      case Place::presence:
        return server.presence();
      case Place::capability:
        return server.capability();
      case Place::victim_rpc:
        return "$mcp-rpc/" + session_.client_id() + "/good-1/desk/companion";
      case Place::victim_capability:
        return "$mcp-server/capability/good-1/desk/companion";
      case Place::victim_presence:
        return "$mcp-server/presence/good-1/desk/companion";
      case Place::topic:
        return row.topic;
      default:
        return server.rpc();
    }
  }

  void send(HostileServer& server, const Row& row, std::string payload) {
    mqtt::Message message = server.peer().message(topic_of(row, server), std::move(payload));
    message.retain = row.retain;
    for (auto& [name, value] : message.user_properties) {
      if (name == "MCP-MQTT-CLIENT-ID" && row.sender) value = *row.sender;
    }
    std::erase_if(message.user_properties, [](const auto& p) { return p.second.empty(); });
    if (row.no_broker) {
      tap_->inject(std::move(message));
    } else {
      EXPECT_TRUE(test::succeeded(server.peer().publish(std::move(message))));
    }
  }

  using Opened = test::Outcome<ClientSession>;
  void open(const HostileServer& server, const Opened& opened,
            std::chrono::milliseconds initialize_timeout = patience) {
    OpenOptions options;
    options.timeout = 2 * patience;
    options.initialize_timeout = initialize_timeout;
    client_->async_open(server.name(), options, opened.callback());
  }

  void run(const Row& row) {
    HostileServer server(broker_, "bad-" + std::to_string(++servers_));
    log_.clear();
    if (row.place == Place::handshake) {
      expect_open(server, row);
    } else if (row.place == Place::answer) {
      expect_call(server, row);
    } else if (row.outcome.kind == Outcome::Kind::found ||
               row.outcome.kind == Outcome::Kind::not_found || row.place == Place::presence) {
      expect_instance(server, row);
    } else {
      expect_message(server, row);
    }
    server.vanish();
    // Whatever came of it, the client goes on with the others.
    expect_service();
  }

  // --- Handshakes

  void expect_open(HostileServer& server, const Row& row) {
    server.announce();
    const bool silent = row.outcome.error == ErrorKind::timeout;
    Opened opened;
    open(server, opened, silent ? 500ms : patience);
    server.say(replaced(row.payload(), "$ID", server.take_initialize()));
    if (row.name == "handshake_supported_again") {
      // The client asks again in the revision that was named, once, under another client id.
      server.say(replaced(row.payload(), "$ID", server.take_initialize()));
    }
    const auto session = opened.wait(patience);
    if (row.outcome.kind == Outcome::Kind::succeeded) {
      EXPECT_TRUE(test::succeeded(session));
    } else {
      EXPECT_TRUE(test::failed_with(session, row.outcome.error));
    }
  }

  ClientSession shake_hands(HostileServer& server) {
    server.announce();
    Opened opened;
    open(server, opened);
    server.shake_hands();
    return opened.wait(patience).value();
  }

  // --- Calls

  void expect_call(HostileServer& server, const Row& row) {
    const ClientSession session = shake_hands(server);
    std::atomic<bool> over = false;
    Result<void> outcome;
    std::thread caller([&] {
      try {
        row.call(session);
      } catch (const McpError& error) {
        outcome = error.error();
      }
      over = true;
      // The next message that the server gets is a ping, and it stops to answer.
      session.async_ping({.timeout = patience}, [](auto) {});
    });
    const std::string payload = row.payload();
    for (int count = 1;; ++count) {
      const Json asked = server.peer().next();
      if (!asked.is_object() || (over && asked.value("method", "") == "ping")) break;
      if (!asked.contains("id")) continue;  // a cancellation after a timeout
      server.say(
          replaced(replaced(payload, "$ID", asked["id"].dump()), "$COUNT", std::to_string(count)));
    }
    caller.join();
    if (row.outcome.kind == Outcome::Kind::succeeded) {
      EXPECT_TRUE(test::succeeded(outcome));
    } else {
      EXPECT_TRUE(test::failed_with(outcome, row.outcome.error));
    }
    EXPECT_TRUE(session.is_open()) << "an answer to one call ended the session";
  }

  // --- Presence

  void expect_instance(HostileServer& server, const Row& row) {
    send(server, row, row.payload());
    // What comes after it has arrived, so it has too.
    HostileServer marker(broker_, "marker-" + std::to_string(servers_));
    if (row.no_broker) {
      tap_->inject(
          marker.peer().message(marker.presence(), notification("notifications/server/online")));
    } else {
      auto message =
          server.peer().message(marker.presence(), notification("notifications/server/online"));
      message.user_properties.clear();
      EXPECT_TRUE(test::succeeded(server.peer().publish(std::move(message))));
    }
    client_->wait_for_server(marker.name(), patience);
    const auto known = client_->servers("#");
    const auto there = std::count_if(known.begin(), known.end(), [&](const ServerInstance& one) {
      return one.server_id == server.id();
    });
    EXPECT_EQ(there, row.outcome.kind == Outcome::Kind::found ? 1 : 0);
    for (const ServerInstance& one : known) {
      EXPECT_TRUE(one.server_name == "desk/companion" || one.server_name.starts_with("bad/"))
          << one.server_name;
    }
    if (row.outcome.kind == Outcome::Kind::warned) {
      EXPECT_TRUE(log_.wait_for(row.outcome.text)) << ::testing::PrintToString(log_.all());
    }
    if (row.no_broker) {
      tap_->inject(marker.peer().message(marker.presence(), ""));
    } else {
      auto message = server.peer().message(marker.presence(), "");
      message.user_properties.clear();
      EXPECT_TRUE(test::succeeded(server.peer().publish(std::move(message))));
    }
  }

  // --- Messages

  void expect_message(HostileServer& server, const Row& row) {
    const bool own = row.stage == Stage::open;
    ClientSession session;
    if (own) session = shake_hands(server);
    send(server, row, row.payload());
    if (row.outcome.kind == Outcome::Kind::warned) {
      EXPECT_TRUE(log_.wait_for(row.outcome.text)) << ::testing::PrintToString(log_.all());
    }
    if (row.outcome.kind == Outcome::Kind::ended) {
      EXPECT_TRUE(
          ended_.wait_for([&](const std::string& id) { return id == server.id(); }, patience));
      EXPECT_FALSE(session.is_open());
      return;
    }
    if (!own) return;
    if (row.outcome.kind == Outcome::Kind::answered || row.outcome.kind == Outcome::Kind::refused) {
      const Json answer = server.peer().next();
      const std::string shown = answer.dump().substr(0, 500);
      EXPECT_EQ(answer.value("id", Json("none")), row.outcome.id) << shown;
      if (row.outcome.kind == Outcome::Kind::answered) {
        EXPECT_TRUE(answer.contains("result")) << shown;
      } else {
        ASSERT_TRUE(answer.contains("error")) << shown;
        EXPECT_EQ(answer["error"]["code"], row.outcome.code) << shown;
      }
    }
    // Nothing else came of it, and the session goes on.
    server.say(request("\"barrier\"", "ping"));
    const Json next = server.peer().next();
    EXPECT_EQ(next.value("id", Json()), "barrier") << next.dump().substr(0, 500);
    EXPECT_TRUE(session.is_open());
  }

  LogWatch log_;
  Broker broker_{std::get<0>(GetParam())};
  std::shared_ptr<Tap> tap_;
  test::EventLog<std::string> ended_;
  std::unique_ptr<McpServer> good_;
  std::unique_ptr<McpClient> client_;
  ClientSession session_;
  int servers_ = 0;
};

TEST_P(ToClient, Rows) {
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
    std::printf("hostile: target=client group=%s rows=%zu\n", group.name.c_str(), runs);
  }
}

std::string test_name(const ::testing::TestParamInfo<std::tuple<BrokerKind, std::string>>& info) {
  return std::get<1>(info.param) +
         (std::get<0>(info.param) == BrokerKind::loopback ? "_loopback" : "_mosquitto");
}

INSTANTIATE_TEST_SUITE_P(Table, ToClient,
                         ::testing::Combine(::testing::Values(BrokerKind::loopback,
                                                              BrokerKind::mosquitto),
                                            ::testing::ValuesIn(groups_to_client())),
                         test_name);

}  // namespace
}  // namespace mcp_mqtt::hostile
