#include "integration/acl/access_site.hpp"
#include "support/mqtt_proxy.hpp"

// Who does not get in at all: a clear error, and no storm of attempts.
namespace mcp_mqtt::test {
namespace {

struct Change {
  ConnectionState state;
  Error error;
};

class Credentials : public AccessSite {
 protected:
  void SetUp() override {
    AccessSite::SetUp();
    if (!IsSkipped()) start_broker("acl_per_user");
  }

  struct Case {
    std::string username, password, said;
  };
  static std::vector<Case> bad_credentials() {
    return {{"host-1", "wrong", "a user name and a password"},
            {"host-1", "", "a user name and no password"},
            {"nobody", "wrong", "a user name and a password"},
            {"", "", "no user name and no password"}};
  }
};

::testing::AssertionResult shut_out(const Error& error, const std::string& said) {
  if (error.kind == ErrorKind::refused && error.code == not_authorized &&
      error.message.find(said) != std::string::npos &&
      error.message.find("wrong") == std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << to_string(error.kind) << " " << error.code << ": " << error.message;
}

TEST_P(Credentials, WithoutGoodOnesNobodyGetsIn) {
  for (const Case& one : bad_credentials()) {
    ClientOptions client_side = client_options("host-1");
    client_side.connection.username = one.username;
    client_side.connection.password = one.password;
    McpClient client(client_side);
    EXPECT_TRUE(shut_out(error_of([&] { client.connect(url()); }), one.said));
    ServerOptions server_side = server_options("host-1");
    server_side.connection = client_side.connection;
    McpServer server(server_side);
    EXPECT_TRUE(shut_out(error_of([&] { server.start(url()); }), one.said));
    EXPECT_FALSE(server.running());
  }
  McpServer good(server_options("desk-1"));
  good.start(url());
  EXPECT_TRUE(good.running());
}

TEST_P(Credentials, TwoRefusalsAreEnough) {
  MqttProxy proxy(broker().port());
  ConnectionOptions bad = connection("host-1");
  bad.password = "wrong";
  bad.backoff.retry_first = true;
  ClientOptions client_side = client_options("host-1");
  client_side.connection = bad;
  McpClient client(client_side);
  EXPECT_TRUE(shut_out(error_of([&] { client.connect(proxy.url()); }), "'host-1'"));
  EXPECT_EQ(proxy.connects().size(), 2U);
  ServerOptions server_side = server_options("host-1");
  server_side.connection = bad;
  McpServer server(server_side);
  EXPECT_TRUE(shut_out(error_of([&] { server.start(proxy.url()); }), "'host-1'"));
  EXPECT_EQ(proxy.connects().size(), 4U);
}

TEST_P(Credentials, AUserWhoIsTakenOutIsToldAndGivesUp) {
  McpServer server(server_options("desk-1"));
  server.add_tool("name", "Says its name", [] { return "desk"; });
  server.start(url());
  McpClient first(client_options("host-1"));
  const EventLog<Change> changes;
  first.on_connection([=](ConnectionState state, const Error& error) {
    changes.push({state, error});
  });
  first.connect(url());
  first.open("desk/companion", {.timeout = patience});
  McpClient second(client_options("host-2"));
  second.connect(url());
  const auto session = second.open("desk/companion", {.timeout = patience});

  broker().remove_user("host-1");
  const auto end =
      changes.wait_for([](auto& change) { return change.state == ConnectionState::gave_up; });
  ASSERT_TRUE(end);
  EXPECT_TRUE(shut_out(end->error, "'host-1'"));
  EXPECT_EQ(session.call_tool("name").text(), "desk");
}

MCP_MQTT_OVER_EVERY_TRANSPORT(Credentials);

}  // namespace
}  // namespace mcp_mqtt::test
