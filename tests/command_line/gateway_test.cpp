#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/garden.hpp"
#include "command_line/http/gateway_process.hpp"
#include "command_line/http/http_host.hpp"
#include "support/certificate_authority.hpp"
#include "support/loopback_ports.hpp"

namespace mcp_mqtt::test {
namespace {

using ::testing::HasSubstr;

/// `mcp-mqtt gateway`, as a script runs it.
class CommandLineGateway : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    garden = std::make_unique<Garden>();
  }

  std::unique_ptr<GatewayProcess> serve(const std::vector<std::string>& arguments,
                                        std::vector<std::string> more = {}) const {
    std::vector<std::string> environment = garden->environment();
    environment.insert(environment.end(), more.begin(), more.end());
    return std::make_unique<GatewayProcess>(std::vector<std::string>{MCP_MQTT_PROGRAM}, arguments,
                                            environment);
  }
  /// The one line that says why it does not start.
  std::string refusal(std::vector<std::string> arguments,
                      const std::vector<std::string>& more = {}) const {
    arguments.insert(arguments.begin(), "gateway");
    const Ran ran = garden->run(arguments, more);
    EXPECT_EQ(ran.code, 2) << ran.output << ran.error;
    EXPECT_TRUE(ran.one_error_line()) << ran.error;
    return ran.error;
  }
  static std::string called(const HttpHost& host, const std::string& tool, const Json& arguments) {
    const auto messages = host.ask(7, "tools/call", {{"name", tool}, {"arguments", arguments}});
    return messages.empty() ? "" : messages.back().dump();
  }

  std::unique_ptr<Garden> garden;
};

TEST_F(CommandLineGateway, ServesOneServerUntilItIsStopped) {
  const auto gateway = serve({"garden"});
  const std::string url = gateway->url();
  EXPECT_THAT(url, ::testing::MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/mcp"));
  EXPECT_THAT(gateway->process().output(), HasSubstr("serving garden at "));
  HttpHost host(url);
  EXPECT_EQ(host.begin()["serverInfo"]["version"], "2.1");
  const auto stream = host.get_stream();
  EXPECT_EQ(stream->status(), 200);
  const auto call = host.post_stream(
      R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"slow"}})");
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "slow"; }));
  gateway->process().signal(SIGTERM);
  const Ran ran = Garden::end_of(gateway->process());
  EXPECT_EQ(ran.code, 143);
  EXPECT_EQ(ran.error, "mcp-mqtt: interrupted\n");
  EXPECT_TRUE(stream->wait_for_end());
  EXPECT_TRUE(call->wait_for_end());
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "cancelled"; }));
}

TEST_F(CommandLineGateway, ServesEachServerOfAFilter) {
  auto pond = garden->start_server("pond/small fish");
  pond->add_tool("fish", "Counts fish", [] { return 3; });
  const auto gateway = serve({});
  const std::string url = gateway->url();
  ASSERT_TRUE(url.ends_with("/mcp/SERVER-NAME")) << url;
  const std::string base = url.substr(0, url.rfind('/'));
  HttpHost one(base + "/garden");
  HttpHost other(base + "/pond/small%20fish");
  EXPECT_EQ(one.begin()["serverInfo"]["name"], "garden");
  EXPECT_EQ(other.begin()["serverInfo"]["name"], "pond/small fish");
  EXPECT_THAT(called(other, "fish", Json::object()), HasSubstr("\"3\""));
  HttpHost none(base);
  const HttpAnswer which =
      none.post(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})");
  EXPECT_EQ(which.status, 404);
  EXPECT_THAT(which.body, HasSubstr("online are garden, pond/small fish"));
}

TEST_F(CommandLineGateway, SaysWhichServerIsNotOnline) {
  const auto gateway = serve({"garden/#"});
  const std::string url = gateway->url();
  const std::string base = url.substr(0, url.rfind('/'));
  HttpHost absent(base + "/garden/shed");
  const Json initialize = absent.begin();
  EXPECT_EQ(initialize["error"]["message"], "no server 'garden/shed' is online: online are garden");
  HttpHost outside(base + "/pond");
  EXPECT_EQ(outside.begin()["error"]["message"], "'pond' is not served here, only 'garden/#'");
}

TEST_F(CommandLineGateway, EndsASessionWithItsServer) {
  const auto gateway = serve({"garden"});
  HttpHost host(gateway->url());
  host.begin();
  garden->server().stop();
  EXPECT_TRUE(gateway->process().wait_for_output("a session with garden is over", patience));
  EXPECT_EQ(host.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status, 404);
}

TEST_F(CommandLineGateway, EndsAnIdleSession) {
  const auto gateway = serve({"garden", "--idle-timeout", "0.1"});
  HttpHost host(gateway->url());
  host.begin();
  EXPECT_TRUE(gateway->process().wait_for_output("is over: nobody used it", patience));
}

TEST_F(CommandLineGateway, CancelsAtTheServerToo) {
  const auto gateway = serve({"garden"});
  HttpHost host(gateway->url());
  host.begin();
  const auto stream = host.post_stream(
      R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"slow"}})");
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "slow"; }));
  host.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})");
  EXPECT_TRUE(garden->events().wait_for([](const auto& event) { return event == "cancelled"; }));
  EXPECT_TRUE(stream->wait_for_end());
}

TEST_F(CommandLineGateway, AsksForTheTokenOfAFile) {
  const std::string file = garden->folder().write("token", "open sesame\nrest\n");
  const auto gateway = serve({"garden", "--token-file", file});
  HttpHost host(gateway->url());
  EXPECT_TRUE(host.begin().contains("error"));
  host.headers().emplace_back("Authorization", "Bearer open sesame");
  EXPECT_TRUE(host.begin().contains("serverInfo"));
  gateway->process().signal(SIGINT);
  const Ran ran = Garden::end_of(gateway->process());
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ((ran.output + ran.error).find("sesame"), std::string::npos);
}

TEST_F(CommandLineGateway, AsksForTheTokenOfTheEnvironment) {
  const auto gateway = serve({"garden"}, {"MCP_MQTT_GATEWAY_TOKEN=secret"});
  HttpHost host(gateway->url());
  EXPECT_EQ(host.post("{}").status, 401);
  host.headers().emplace_back("Authorization", "Bearer secret");
  EXPECT_TRUE(host.begin().contains("serverInfo"));
}

TEST_F(CommandLineGateway, LetsPagesInThatAreAllowed) {
  const auto gateway = serve({"garden", "--allow-origin", "https://app.example"});
  HttpHost host(gateway->url());
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  EXPECT_EQ(host.post(body, {{"Origin", "https://evil.example"}}).status, 403);
  const HttpAnswer allowed = host.post(body, {{"Origin", "https://app.example"}});
  EXPECT_EQ(allowed.status, 400) << "no session";
  EXPECT_EQ(allowed.header("access-control-allow-origin"), "https://app.example");
}

TEST_F(CommandLineGateway, ServesHttps) {
  CertificateAuthority authority;
  const Certificate certificate = authority.server({"localhost"});
  const auto gateway = serve({"garden", "--tls-certificate", certificate.certificate_file,
                              "--tls-key", certificate.key_file});
  std::string url = gateway->url();
  ASSERT_TRUE(url.starts_with("https://127.0.0.1:")) << url;
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  HttpHost host(url, authority.ca_file());
  EXPECT_TRUE(host.begin().contains("serverInfo"));
}

TEST_F(CommandLineGateway, RefusesToServeStrangers) {
  EXPECT_THAT(refusal({"--listen", "0.0.0.0:0"}), HasSubstr("--token-file"));
  // With a token it may; the address is one that no machine has.
  const std::string file = garden->folder().write("token", "secret\n");
  const Ran ran = garden->run({"gateway", "--listen", "192.0.2.1:80", "--token-file", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.error, HasSubstr("the token crosses the network as it is"));
  EXPECT_THAT(ran.error, HasSubstr("cannot listen on 192.0.2.1:80"));
}

TEST_F(CommandLineGateway, RefusesWhatCannotBeUsed) {
  EXPECT_THAT(refusal({"--listen", "8080"}), HasSubstr("HOST:PORT"));
  EXPECT_THAT(refusal({"--listen", "127.0.0.1:99999"}), HasSubstr("HOST:PORT"));
  EXPECT_THAT(refusal({"desk#"}), HasSubstr("'desk#'"));
  EXPECT_THAT(refusal({"--allow-host", "a/b"}), HasSubstr("--allow-host"));
  EXPECT_THAT(refusal({"--allow-origin", "app.example"}), HasSubstr("SCHEME://HOST"));
  EXPECT_THAT(refusal({"--token-file", "none"}), HasSubstr("none"));
  EXPECT_THAT(refusal({"--token-file", garden->folder().write("empty", "\n")}),
              HasSubstr("is empty"));
  EXPECT_THAT(refusal({"--tls-key", "key.pem"}), HasSubstr("--tls-certificate"));
  EXPECT_THAT(refusal({"--tls-certificate", "cert.pem"}), HasSubstr("--tls-key"));
  const std::string file = garden->folder().write("file", "no certificate");
  EXPECT_THAT(refusal({"--listen", "127.0.0.1:0", "--tls-certificate", file, "--tls-key", file}),
              HasSubstr("PEM"));
  EXPECT_THAT(refusal({"--max-sessions", "0"}), HasSubstr("--max-sessions"));
  EXPECT_THAT(refusal({"--idle-timeout", "-1"}), HasSubstr("--idle-timeout"));
  EXPECT_THAT(refusal({"--client-id", "one"}), HasSubstr("one client id"));
  const SilentPort taken;
  EXPECT_THAT(refusal({"--listen", "127.0.0.1:" + std::to_string(taken.port())}),
              HasSubstr("the port is taken"));
}

TEST_F(CommandLineGateway, NeedsABroker) {
  const ClosedPort closed;
  const Ran ran =
      garden->run({"gateway", "--broker", "mqtt://127.0.0.1:" + std::to_string(closed.port())});
  EXPECT_EQ(ran.code, 3);
  EXPECT_TRUE(ran.one_error_line()) << ran.error;
}

}  // namespace
}  // namespace mcp_mqtt::test
