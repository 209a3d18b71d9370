#include "integration/acl/access_site.hpp"

// examples/broker/acl_per_service: who may serve or call which server-name.
namespace mcp_mqtt::test {
namespace {

class AclPerService : public AccessSite {
 protected:
  void SetUp() override {
    AccessSite::SetUp();
    if (IsSkipped()) return;
    start_broker("acl_per_service");
    for (const auto& [user, name] :
         {std::pair("desk-1", "desk/companion"), std::pair("plant-1", "plant/pump")}) {
      auto server = std::make_unique<McpServer>(server_options(user, name));
      server->add_tool("name", "Says its name", [name = std::string(name)] { return name; });
      server->start(url());
      servers_.push_back(std::move(server));
    }
  }

  static std::string name_called(McpClient& client, const std::string& filter) {
    return client.open(filter, {.timeout = patience}).call_tool("name").text();
  }

  std::vector<std::unique_ptr<McpServer>> servers_;
};

TEST_P(AclPerService, EachCallsWhatItMay) {
  McpClient desk_host(client_options("host-1"));
  desk_host.connect(url());
  EXPECT_EQ(name_called(desk_host, "desk/companion"), "desk/companion");
  McpClient plant_host(client_options("host-2"));
  plant_host.connect(url());
  EXPECT_EQ(name_called(plant_host, "plant/+"), "plant/pump");
  // A user who may only look.
  McpClient monitor(client_options("monitor"));
  monitor.connect(url());
  EXPECT_EQ(monitor.wait_for_server("desk/companion", patience).server_id, "desk-1");
  EXPECT_EQ(monitor.wait_for_server("plant/pump", patience).server_id, "plant-1");
}

TEST_P(AclPerService, AServerCannotServeTheNameOfAnother) {
  McpServer impostor(server_options("desk-2", "plant/pump"));
  EXPECT_TRUE(refused_for(error_of([&] { impostor.start(url()); }),
                          "$mcp-server/presence/desk-2/plant/pump"));
  ServerOptions options = server_options("desk-1", "plant/pump");
  servers_.front()->stop();
  McpServer renamed(options);
  EXPECT_TRUE(refused_for(error_of([&] { renamed.start(url()); }),
                          "$mcp-server/presence/desk-1/plant/pump"));
  McpClient host(client_options("host-2"));
  host.connect(url());
  EXPECT_EQ(name_called(host, "plant/pump"), "plant/pump");
}

TEST_P(AclPerService, AClientThatMayNotWriteTheControlTopicIsToldSo) {
  McpClient monitor(client_options("monitor"));
  monitor.connect(url());
  const Error error = error_of([&] { monitor.open("desk/companion", {.timeout = patience}); });
  EXPECT_TRUE(refused_for(error, "$mcp-server/desk-1/desk/companion"));
  // Its connection goes on.
  EXPECT_EQ(monitor.wait_for_server("plant/pump", patience).server_id, "plant-1");
}

TEST_P(AclPerService, AServiceThatAClientMayNotSeeIsNotThere) {
  McpClient host(client_options("host-1"));
  host.connect(url());
  EXPECT_TRUE(names(error_of([&] { host.wait_for_server("plant/pump", 300ms); }),
                    ErrorKind::server_gone, "$mcp-server/presence/+/plant/pump"));
  EXPECT_TRUE(names(error_of([&] { host.open("plant/pump", {.timeout = 300ms}); }),
                    ErrorKind::server_gone, "$mcp-server/presence/+/plant/pump"));
  EXPECT_EQ(name_called(host, "desk/companion"), "desk/companion");
  EXPECT_EQ(host.servers("#").size(), 1U);
}

TEST_P(AclPerService, NobodyReadsOrWritesTheTopicsOfAnother) {
  McpClient host(client_options("host-2"));
  const EventLog<std::string> events;
  host.on_disconnected([=](auto, const Error& error) { events.push(error.message); });
  host.connect(url());
  const auto session = host.open("plant/pump", {.timeout = patience});

  Intruder other(url(), "host-1", password_of("host-1"));
  for (const char* filter :
       {"#", "$mcp-rpc/#", "$mcp-rpc/host-2/plant-1/plant/pump", "$mcp-server/plant-1/plant/pump",
        "$mcp-server/presence/#", "$mcp-rpc/host-1/desk-1/desk/companion"}) {
    EXPECT_TRUE(succeeded(other.subscribe(filter))) << filter;
  }
  for (const char* topic :
       {"$mcp-server/plant-1/plant/pump", "$mcp-server/presence/plant-1/plant/pump",
        "$mcp-server/presence/desk-1/desk/companion", "$mcp-rpc/host-2/plant-1/plant/pump",
        "$mcp-rpc/host-1/plant-1/plant/pump", "$mcp-client/presence/host-2"}) {
    const auto outcome = other.publish(topic, "", true);
    ASSERT_TRUE(failed_with(outcome, ErrorKind::refused)) << topic;
    EXPECT_EQ(outcome.error().code, not_authorized);
  }
  EXPECT_EQ(session.call_tool("name").text(), "plant/pump");
  EXPECT_TRUE(succeeded(other.publish("$mcp-rpc/host-1/desk-1/desk/companion", "fence")));
  ASSERT_TRUE(other.heard().wait_for([](auto& message) { return message.payload == "fence"; }));
  // Beside the fence it heard of the one server that it may call.
  for (const mqtt::Message& message : other.heard().all()) {
    EXPECT_TRUE(message.payload == "fence" ||
                message.topic == "$mcp-server/presence/desk-1/desk/companion")
        << message.topic;
  }
  EXPECT_TRUE(session.is_open());
  EXPECT_EQ(events.size(), 0U);
}

MCP_MQTT_OVER_EVERY_TRANSPORT(AclPerService);

}  // namespace
}  // namespace mcp_mqtt::test
