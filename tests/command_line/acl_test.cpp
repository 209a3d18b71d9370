#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "command_line/garden.hpp"

// The files that `mcp-mqtt acl` prints, in force on a mosquitto.
namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// What the tool prints, as a person gets it in a pipe.
Ran run_acl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {MCP_MQTT_PROGRAM, "acl"});
  ChildProcess process(std::move(arguments));
  process.close_input();
  return Garden::end_of(process);
}

std::string acl_text(std::vector<std::string> arguments) {
  const Ran ran = run_acl(std::move(arguments));
  EXPECT_EQ(ran.code, 0) << ran.error;
  EXPECT_EQ(ran.error, "");
  return ran.output;
}

std::string secret_of(const std::string& user) { return "the password of " + user; }

MosquittoOptions guarded(const std::string& acl, const std::vector<std::string>& users,
                         bool ids_are_user_names) {
  MosquittoOptions options;
  // The very lines that the file asks for.
  options.configuration =
      "allow_anonymous false\npassword_file FILE\nacl_file FILE\nlistener 1883\n";
  if (ids_are_user_names) options.configuration += "use_username_as_clientid true\n";
  options.acl = acl;
  for (const std::string& user : users) options.passwords[user] = secret_of(user);
  return options;
}

ConnectionOptions as(const std::string& user) {
  return {.username = user, .password = secret_of(user)};
}

/// A connection without manners, of a user.
class Visitor {
 public:
  Visitor(const std::string& url, const std::string& user, const std::string& id) {
    mqtt::ConnectOptions options;
    options.broker = mqtt::parse_broker_url(url).value();
    options.broker.username = user;
    options.broker.password = secret_of(user);
    options.client_id = id;
    transport_ = mqtt::make_transport(mqtt::TransportKind::automatic, options.broker).value();
    mqtt::ConnectionEvents events;
    events.on_message = [heard = heard_](mqtt::Message message) { heard.push(std::move(message)); };
    EXPECT_TRUE(succeeded(outcome_of<mqtt::ConnectionInfo>([&](auto done) {
      transport_->connect(std::move(options), std::move(events), std::move(done));
    })));
  }

  /// Whether the broker refuses to take it.
  bool denied(const std::string& topic) {
    const auto outcome = publish(topic, "");
    return !outcome && outcome.error().kind == ErrorKind::refused && outcome.error().code == 0x87;
  }

  /// Hears what it can while `deed` runs, up to a message of its own that comes behind all others.
  std::vector<std::string> topics_heard(const std::vector<std::string>& filters,
                                        const std::string& own_topic,
                                        const std::function<void()>& deed) {
    for (const std::string& filter : filters) EXPECT_TRUE(succeeded(subscribe(filter))) << filter;
    EXPECT_TRUE(succeeded(subscribe(own_topic)));
    deed();
    EXPECT_TRUE(succeeded(publish(own_topic, "fence")));
    EXPECT_TRUE(heard_.wait_for([](const auto& message) { return message.payload == "fence"; }));
    std::vector<std::string> topics;
    for (const mqtt::Message& message : heard_.all()) {
      if (message.payload != "fence") topics.push_back(message.topic);
    }
    return topics;
  }

 private:
  Result<void> publish(const std::string& topic, const std::string& payload) {
    const mqtt::Message message{topic, payload, mqtt::Qos::at_least_once, false, {}};
    return outcome_of<void>([&](auto done) { transport_->publish(message, std::move(done)); });
  }
  Result<void> subscribe(const std::string& filter) {
    return outcome_of<void>([&](auto done) {
      transport_->subscribe({filter, mqtt::Qos::at_least_once, false}, std::move(done));
    });
  }

  EventLog<mqtt::Message> heard_;
  std::shared_ptr<mqtt::Transport> transport_;
};

class CommandLineAcl : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }

  /// A server called `garden`, of the user garden-1, on a broker with this file.
  void plant(const std::string& acl, const std::vector<std::string>& users, bool user_names) {
    garden = std::make_unique<Garden>(guarded(acl, users, user_names), as("garden-1"));
  }

  /// The tool as a user of the broker; its id is the user name where `fixed`.
  Ran run_as(const std::string& user, std::vector<std::string> arguments, bool fixed = true) {
    if (fixed) arguments.insert(arguments.end(), {"--client-id", user});
    return garden->run(std::move(arguments),
                       {"MCP_MQTT_USERNAME=" + user, "MCP_MQTT_PASSWORD=" + secret_of(user)});
  }

  std::unique_ptr<McpServer> serve(const std::string& user, const std::string& name,
                                   const std::string& id) {
    auto server = std::make_unique<McpServer>(
        ServerOptions{.name = name, .server_id = id, .connection = as(user)});
    server->add_tool("name", "Says its name", [name] { return name; });
    server->start(garden->broker_url());
    return server;
  }

  std::unique_ptr<Garden> garden;
};

TEST_F(CommandLineAcl, LetsEachUserDoWhatItsLinesSay) {
  plant(acl_text({"--server", "garden-1=garden", "--server", "plant-1=plant/pump", "--client",
                  "host-1=garden", "--client", "host-2=plant/#", "--monitor", "eye=#"}),
        {"garden-1", "plant-1", "host-1", "host-2", "eye"}, true);
  const auto plant_server = serve("plant-1", "plant/pump", "plant-1");

  EXPECT_EQ(run_as("host-1", {"call", "garden", "water", "bed=north", "liters=5"}).output,
            "north got 5 liters\n");
  EXPECT_EQ(run_as("host-2", {"call", "plant/+", "name"}).output, "plant/pump\n");
  EXPECT_THAT(run_as("eye", {"servers"}).output, AllOf(HasSubstr("garden\t"), HasSubstr("plant/")));
  // Progress, log messages and list changes come on their own topics.
  EXPECT_THAT(run_as("host-1", {"call", "garden", "dig", "holes=2"}).error,
              HasSubstr("progress 2/2 hole 2"));

  ClientOptions host{.name = "host", .client_id = "host-1", .fixed_client_id = true};
  host.connection = as("host-1");
  McpClient client(host);
  const EventLog<std::string> changes;
  client.on_tools_changed([=](const ClientSession&) { changes.push("tools"); });
  client.connect(garden->broker_url());
  const ClientSession session = client.open("garden", {.timeout = patience});
  // The server tells those who are in a session: a call proves that it is one.
  session.ping();
  garden->server().add_tool("rake", "Rakes", [] { return "raked"; });
  EXPECT_TRUE(changes.wait_for_count(1));
  EXPECT_EQ(session.call_tool("rake").text(), "raked");
}

TEST_F(CommandLineAcl, KeepsEachUserFromTheRest) {
  plant(acl_text({"--server", "garden-1=garden", "--server", "plant-1=plant/pump", "--client",
                  "host-1=garden", "--client", "host-2=plant/#", "--monitor", "eye=#"}),
        {"garden-1", "plant-1", "host-1", "host-2", "eye"}, true);
  // Another's server is not there, and one that may only be seen cannot be called.
  EXPECT_EQ(run_as("host-2", {"call", "garden", "info", "--wait", "0.3"}).code, 4);
  const Ran looking = run_as("eye", {"call", "garden", "info"});
  EXPECT_EQ(looking.code, 3);
  EXPECT_THAT(looking.error, HasSubstr("$mcp-server/garden-1/garden"));
  // A name that is not the user's.
  EXPECT_THROW(serve("plant-1", "garden", "plant-1"), McpError);
  EXPECT_THROW(serve("host-1", "garden", "host-1"), McpError);

  Visitor client(garden->broker_url(), "host-2", "host-2");
  for (const char* topic :
       {"$mcp-rpc/host-1/garden-1/garden", "$mcp-rpc/host-2/garden-1/garden",
        "$mcp-rpc/host-1/plant-1/plant/pump", "$mcp-server/garden-1/garden",
        "$mcp-server/presence/garden-1/garden", "$mcp-server/presence/plant-1/plant/pump",
        "$mcp-server/presence/host-2/plant/pump", "$mcp-server/capability/plant-1/plant/pump",
        "$mcp-server/host-2/plant/pump", "$mcp-client/presence/host-1",
        "$mcp-client/capability/host-1", "garden"}) {
    EXPECT_TRUE(client.denied(topic)) << topic;
  }
  EXPECT_FALSE(client.denied("$mcp-client/presence/host-2"));
  EXPECT_FALSE(client.denied("$mcp-server/plant-1/plant/pump"));
  Visitor server(garden->broker_url(), "plant-1", "plant-1");
  for (const char* topic :
       {"$mcp-server/presence/garden-1/garden", "$mcp-server/presence/plant-1/garden",
        "$mcp-server/presence/plant-1/plant/tank", "$mcp-rpc/host-1/garden-1/garden",
        "$mcp-server/garden-1/garden", "$mcp-server/plant-1/plant/pump",
        "$mcp-client/presence/host-2"}) {
    EXPECT_TRUE(server.denied(topic)) << topic;
  }

  const std::vector<std::string> heard = client.topics_heard(
      {"#", "$mcp-rpc/#", "$mcp-rpc/host-1/garden-1/garden", "$mcp-server/#",
       "$mcp-server/presence/+/garden", "$mcp-server/garden-1/garden", "$mcp-client/#"},
      "$mcp-rpc/host-2/plant-1/plant/pump", [&] {
        EXPECT_EQ(run_as("host-1", {"call", "garden", "water", "bed=south", "liters=7"}).output,
                  "south got 7 liters\n");
      });
  EXPECT_THAT(heard, ::testing::IsEmpty());
}

TEST_F(CommandLineAcl, LetsUsersChooseTheirIdsWhereAskedFor) {
  const std::vector<std::string> arguments{"--ids",           "client-id",    "--server",
                                           "garden-1=garden", "--server",     "plant-1=plant/pump",
                                           "--client",        "host-1=garden"};
  plant(acl_text(arguments), {"garden-1", "plant-1", "host-1"}, false);
  // Two instances and two clients, each pair of one user.
  const auto second = serve("garden-1", "garden", "garden-2");
  ClientOptions host{.name = "host"};
  host.connection = as("host-1");
  McpClient client(host);
  client.connect(garden->broker_url());
  EXPECT_EQ(client.open("garden", {.timeout = patience, .server_id = "garden-2"})
                .call_tool("name")
                .text(),
            "garden");
  EXPECT_EQ(run_as("host-1", {"info", "garden"}, false).code, 0);

  EXPECT_THROW(serve("plant-1", "garden", "plant-1"), McpError);
  Visitor visitor(garden->broker_url(), "host-1", "visitor");
  for (const char* topic :
       {"$mcp-rpc/other/garden-1/garden", "$mcp-server/presence/garden-1/garden",
        "$mcp-server/plant-1/plant/pump", "$mcp-rpc/visitor/plant-1/plant/pump",
        "$mcp-client/presence/other"}) {
    EXPECT_TRUE(visitor.denied(topic)) << topic;
  }
  const std::vector<std::string> heard = visitor.topics_heard(
      {"#", "$mcp-rpc/#", "$mcp-server/garden-1/garden"}, "$mcp-rpc/visitor/garden-1/garden", [&] {
        run_as("host-1", {"info", "garden"}, false);
      });
  EXPECT_THAT(heard, ::testing::IsEmpty());
}

TEST_F(CommandLineAcl, LetsEverybodyServeAndCallUnderItsOwnName) {
  plant(acl_text({"--everyone", "1"}), {"garden-1", "host-1", "mallory"}, true);
  EXPECT_EQ(run_as("host-1", {"call", "garden", "water", "bed=north", "liters=1"}).output,
            "north got 1 liters\n");
  const auto other = serve("mallory", "shed", "mallory");
  EXPECT_THAT(run_as("host-1", {"servers"}).output, HasSubstr("shed\t"));
  EXPECT_THROW(serve("mallory", "garden", "garden-1"), McpError);
  Visitor mallory(garden->broker_url(), "mallory", "mallory");
  for (const char* topic :
       {"$mcp-rpc/host-1/garden-1/garden", "$mcp-client/presence/host-1",
        "$mcp-server/presence/garden-1/garden", "$mcp-server/capability/garden-1/garden"}) {
    EXPECT_TRUE(mallory.denied(topic)) << topic;
  }
  EXPECT_FALSE(mallory.denied("$mcp-server/garden-1/garden"));
}

TEST_F(CommandLineAcl, TakesNamesWithSpaces) {
  plant(acl_text({"--server", "garden-1,esp=ESP32 Demo Server", "--server", "garden-1=garden",
                  "--client", "host-1=ESP32 Demo Server"}),
        {"garden-1", "esp", "host-1"}, true);
  const auto device = serve("esp", "ESP32 Demo Server", "esp");
  EXPECT_EQ(run_as("host-1", {"call", "ESP32 Demo Server", "name"}).output, "ESP32 Demo Server\n");
  EXPECT_EQ(run_as("host-1", {"call", "garden", "info", "--wait", "0.3"}).code, 4);
}

TEST(CommandLineAclText, SaysWhatEachGroupIsFor) {
  const std::string file = acl_text({"--server", "s=a/b", "--client", "c,d=a/#"});
  EXPECT_THAT(file, AllOf(HasSubstr("\nuser s\n# Serves a/b.\ntopic write $mcp-server/presence/s/"),
                          HasSubstr("\n# Finds and calls a/#.\n"), HasSubstr("\nuser d\n"),
                          HasSubstr("#   use_username_as_clientid true\n"),
                          Not(HasSubstr("$mcp-server/+/"))));
  // A server that is not known has a line that covers more: the file says what.
  EXPECT_THAT(acl_text({"--client", "c=a/b"}), AllOf(HasSubstr("topic write $mcp-server/+/a/b\n"),
                                                     HasSubstr("Call no other service 'b'")));
  const Ran json = run_acl({"--server", "s=a", "--output", "json"});
  EXPECT_EQ(json.json().at(0).at("user"), "s");
  EXPECT_EQ(json.json().at(0).at("lines").at(0),
            Json({{"kind", "topic"}, {"access", "write"}, {"topic", "$mcp-server/presence/s/a"}}));
}

TEST(CommandLineAclText, RefusesInOneLineWhatCannotBeKeptApart) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{}, "for whom? --server USER=NAME"},
      {{"--server", "desk"}, "is to be USER=NAME"},
      {{"--client", "=a"}, "is to be USER=FILTER"},
      {{"--server", "two words=a"}, "a space or a colon"},
      {{"--server", "u:v=a"}, "a space or a colon"},
      {{"--server", "u\nuser root=a"}, "holds a control character"},
      {{"--server", "u=a\ntopic #"}, "holds a control character"},
      {{"--server", "u\xFF=a"}, "not UTF-8"},
      {{"--server", "u,=a"}, "the user is empty"},
      {{"--server", "u/v=a"}, "one of / + #"},
      {{"--client", "+=a"}, "one of / + #"},
      {{"--client", "presence=a"}, "is a word of the topics themselves"},
      {{"--server", "u=a/+"}, "holds a wildcard"},
      {{"--server", "u=#"}, "holds a wildcard"},
      {{"--server", "u=a//b"}, "has an empty level"},
      {{"--server", "u= a"}, "a space at an end"},
      {{"--client", "u=a#"}, "+ and # are whole levels"},
      {{"--client", "u=#/a"}, "# is the last level"},
      {{"--client", "u=#"}, "needs the servers that it covers"},
      {{"--server", "s=desk/companion", "--client", "u=desk/companio"},
       "there is only 'desk/companion'"},
      {{"--ids", "client-id", "--server", "s=a/b", "--server", "t=b"}, "'a/b' ends as 'b'"},
      {{"--ids", "name", "--server", "s=a"}, "username or client-id"},
      {{"--everyone", "0"}, "from 1 to 100"},
      {{"--everyone", "2", "--server", "s=a"}, "stands alone"},
  };
  for (const auto& [arguments, reason] : cases) {
    const Ran ran = run_acl(arguments);
    EXPECT_EQ(ran.code, 2) << reason;
    EXPECT_EQ(ran.output, "") << reason;
    EXPECT_TRUE(ran.one_error_line()) << ran.error;
    EXPECT_THAT(ran.error, HasSubstr(reason));
  }
}

}  // namespace
}  // namespace mcp_mqtt::test
