#include <csignal>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "command_line/doctor_site.hpp"
#include "support/certificate_authority.hpp"

// `mcp-mqtt doctor` against real brokers, good and bad, and against what is none.
namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CommandLineDoctor : public DoctorSite {};

/// A stock mosquitto with one line more, of the listener or of the whole.
MosquittoOptions with_line(const std::string& line) {
  MosquittoOptions options;
  options.configuration = "allow_anonymous true\nlistener 1883\n" + line + '\n';
  return options;
}

/// What listens on a port and answers everyone with the same words, or none, and closes.
class RudePeer {
 public:
  explicit RudePeer(std::string words) : words_(std::move(words)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
      throw std::runtime_error("no port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  RudePeer(const RudePeer&) = delete;
  RudePeer& operator=(const RudePeer&) = delete;
  ~RudePeer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    for (int peer = -1; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
      std::array<char, 1024> buffer{};
      if (::recv(peer, buffer.data(), buffer.size(), 0) <= 0) continue;
      (void)::send(peer, words_.data(), words_.size(), MSG_NOSIGNAL);
    }
  }

  std::string words_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(CommandLineDoctor, IsContentWithAStockMosquitto) {
  start_broker();
  const Ran ran = run({"--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_EQ(ran.error, "");
  const Json report = ran.json();
  EXPECT_EQ(report.at("broker"), broker->url());
  EXPECT_EQ(report.at("failed"), 0);
  std::map<std::string, Json> checks;
  std::set<std::string> doubtful;
  for (const Json& check : report.at("checks")) {
    checks[check.at("check")] = check;
    if (check.at("result") != "ok") doubtful.insert(check.at("check"));
  }
  // Whether somebody keeps the clock is the machine's business; a stock broker has Nagle on.
  doubtful.erase("clock");
  EXPECT_THAT(doubtful, ElementsAre("Nagle, delayed ACK"));
  for (const char* check : {"MQTT 5",
                            "TLS",
                            "client id",
                            "receive maximum",
                            "maximum QoS",
                            "keep-alive",
                            "maximum packet",
                            "RPC topic to server",
                            "RPC topic to client",
                            "presence topic",
                            "control topic",
                            "capability topic",
                            "client presence topic",
                            "client capability topic",
                            "retained messages",
                            "wildcards",
                            "No Local",
                            "user properties",
                            "message size",
                            "broker version",
                            "round trip QoS 0",
                            "round trip QoS 1",
                            "retained burst",
                            "will",
                            "clock"}) {
    EXPECT_TRUE(checks.contains(check)) << check;
  }
  EXPECT_THAT(checks["broker version"].at("seen").get<std::string>(),
              HasSubstr("mosquitto version"));
  EXPECT_EQ(checks["receive maximum"].at("data"), 20);
  EXPECT_EQ(checks["retained burst"].at("data"),
            Json({{"sent", 1200}, {"came", 1010}, {"queue", 1000}}));
  EXPECT_EQ(checks["round trip QoS 1"].at("data").at("count"), 200);
  // The kernel's delayed acknowledgement: 40 ms for each side that holds a packet back.
  const Json& stall = checks["Nagle, delayed ACK"];
  EXPECT_EQ(stall.at("result"), "warning");
  EXPECT_THAT(stall.at("advice").get<std::string>(), HasSubstr("set_tcp_nodelay true"));
  EXPECT_GE(stall.at("data").at("broker_side_us"), 40'000);
  EXPECT_GE(stall.at("data").at("untreated_us"), 60'000);
  EXPECT_LT(stall.at("data").at("median_us"), 15'000);
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(CommandLineDoctor, DisturbsNobodyAndLeavesNothing) {
  Garden garden;
  McpClient watcher({.name = "watcher"});
  const EventLog<std::string> seen;
  watcher.on_server_discovered(
      [=](const ServerInstance& server) { seen.push(server.server_name); });
  watcher.on_server_gone(
      [=](const ServerInstance& server) { seen.push("no " + server.server_name); });
  watcher.connect(garden.broker_url());
  const ClientSession session = watcher.open("garden", {.timeout = patience});
  watcher.discover("#");
  EXPECT_EQ(run({"--quick"}, garden.broker_url()).code, 0);
  // Also where it plays the very name.
  EXPECT_EQ(run({"--quick", "--name", "garden"}, garden.broker_url()).code, 0);
  EXPECT_EQ(session.call_tool("info").text(), "a tool");
  const auto other = garden.start_server("fence");
  EXPECT_TRUE(seen.wait_for([](const std::string& name) { return name == "fence"; }));
  EXPECT_THAT(seen.all(), ElementsAre("garden", "fence"));
  EXPECT_EQ(garden.server().clients().size(), 1U);
}

TEST_F(CommandLineDoctor, NamesTheLimitsOfABroker) {
  struct Limit {
    std::string line;
    int code;
    std::string check, result, words;
  };
  const std::vector<Limit> limits{
      {"retain_available false", 1, "retained messages", "failed", "keeps none"},
      {"max_packet_size 2000", 0, "maximum packet", "warning", "2000 bytes"},
      {"message_size_limit 30000", 1, "message size", "failed", "4 KiB pass; 64 KiB: "},
      {"max_inflight_messages 2\nmax_keepalive 11", 0, "receive maximum", "warning", "2 unackn"},
      {"max_qos 0", 1, "maximum QoS", "failed", "0, and"},
  };
  for (const Limit& limit : limits) {
    start_broker(with_line(limit.line));
    const Ran ran = run({"--quick", "--count", "3", "--timeout", "5"});
    const DoctorLine line = line_of(ran, limit.check);
    EXPECT_EQ(line.result, limit.result) << limit.check;
    EXPECT_THAT(line.seen, HasSubstr(limit.words));
    EXPECT_EQ(ran.code, limit.code) << ran.output;
    EXPECT_TRUE(line.result == "ok" || !line.advice.empty()) << limit.check;
    if (limit.code == 1) {
      EXPECT_THAT(checks_with(ran, "failed"), ElementsAre(limit.check));
    }
  }
}

TEST_F(CommandLineDoctor, MeasuresWhatABrokerDoesNotTell) {
  start_broker(
      with_line("max_queued_messages 100\nset_tcp_nodelay true\nmax_keepalive 11\n"
                "message_size_limit 300000"));
  const Ran ran = run({"--count", "20"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  const DoctorLine burst = line_of(ran, "retained burst");
  EXPECT_EQ(burst.result, "warning");
  EXPECT_THAT(burst.seen, AllOf(HasSubstr("110 of 1200 came"), HasSubstr("about 1124 servers")));
  EXPECT_EQ(line_of(ran, "message size").result, "warning");
  EXPECT_THAT(line_of(ran, "message size").seen, HasSubstr("256 KiB pass; 1 MiB: "));
  EXPECT_THAT(line_of(ran, "keep-alive").seen, HasSubstr("prescribes 11 s"));
  EXPECT_EQ(line_of(ran, "Nagle, delayed ACK").result, "ok");
  EXPECT_THAT(line_of(ran, "Nagle, delayed ACK").seen, HasSubstr("the broker holds nothing back"));
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(CommandLineDoctor, PlaysBothSidesOverTheOneConnectionOfAUser) {
  ChildProcess process({MCP_MQTT_PROGRAM, "acl", "--everyone", "2"});
  MosquittoOptions options;
  options.configuration =
      "allow_anonymous false\npassword_file FILE\nacl_file FILE\nlistener 1883\n"
      "use_username_as_clientid true\n";
  options.acl = Garden::end_of(process).output;
  options.passwords = {{"desk-1", "s3cret"}};
  start_broker(options);
  const std::string file = folder.write("password", "s3cret\n");
  const Ran ran = run({"--username", "desk-1", "--password-file", file, "--count", "5"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(checks_with(ran, "skipped"), ElementsAre("Nagle, delayed ACK", "broker version"));
  EXPECT_THAT(line_of(ran, "round trip QoS 1").seen, HasSubstr("messages there and back"));

  const std::string wrong = folder.write("wrong", "guess\n");
  EXPECT_THAT(failure(run({"--username", "desk-1", "--password-file", wrong}), 3),
              AllOf(HasSubstr("Not authorized"), HasSubstr("as the user 'desk-1'"),
                    Not(HasSubstr("guess"))));
  EXPECT_THAT(failure(run(), 3), HasSubstr("without a user name"));
}

TEST_F(CommandLineDoctor, SpeaksTlsAndWebSockets) {
  CertificateAuthority authority;
  MosquittoOptions options;
  options.certificate = authority.server({"localhost"});
  options.websockets = true;
  start_broker(options);
  Ran ran = run({"--quick", "--count", "3", "--ca-file", authority.ca_file()}, broker->tls_url());
  EXPECT_EQ(ran.code, 0) << ran.output << ran.error;
  EXPECT_THAT(line_of(ran, "TLS").seen, HasSubstr("certificate is valid"));
  ran = run({"--quick", "--count", "3"}, broker->websocket_url());
  EXPECT_EQ(ran.code, 0) << ran.output << ran.error;
  EXPECT_THAT(failure(run({}, "mqtt://127.0.0.1:" + std::to_string(broker->tls_port())), 3),
              HasSubstr("if it speaks TLS: mqtts://"));
  EXPECT_THAT(failure(run({}, broker->tls_url()), 3), HasSubstr("certificate"));
}

TEST_F(CommandLineDoctor, SaysInOneLineWhatIsNoBroker) {
  EXPECT_THAT(failure(run({}, "mqtt://127.0.0.1:1"), 3),
              AllOf(HasSubstr("mqtt://127.0.0.1:1: nothing to connect to"), HasSubstr("--broker")));
  const RudePeer web("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  const RudePeer old_broker(std::string("\x20\x02\x00\x01", 4));
  const RudePeer silent("");
  const RudePeer binary("\x99\x98\x97\x96");
  for (const char* transport : {"mosquitto", "paho"}) {
    const std::vector<std::string> over{"--transport", transport};
    EXPECT_THAT(failure(run(over, web.url()), 3),
                HasSubstr("what listens at " + web.url() +
                          " is no MQTT 5 broker: it says 'HTTP/1.1 400 Bad Request'"));
    EXPECT_THAT(failure(run(over, old_broker.url()), 3), HasSubstr("speaks no MQTT 5"));
    EXPECT_THAT(failure(run(over, silent.url()), 3), HasSubstr("it says nothing to CONNECT"));
    EXPECT_THAT(failure(run(over, binary.url()), 3), HasSubstr("something else than MQTT"));
  }
}

TEST_F(CommandLineDoctor, SaysInOneLineWhatIsWrongWithItsOptions) {
  const std::string nowhere = "mqtt://127.0.0.1:1";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--as", "broker"}, "server, client or both"},
      {{"--name", "desk/+"}, "holds a wildcard"},
      {{"--count", "0"}, "from 1 to 100000"},
      {{"--burst", "-1"}, "from 0 to 100000"},
      {{"--peer-username", "host-1"}, "--as server or --as client"},
      {{"--as", "server", "--peer-client-id", "x"}, "needs its --peer-username"},
      {{"--as", "server", "--peer-username", "u", "--peer-password-file", "none"}, "none"},
      {{"--as", "server", "--peer-username", "u", "--peer-client-id", "a/b"}, "'a/b'"},
      {{"--output", "xml"}, "table, plain or json"},
      {{"extra"}, "'extra'"},
  };
  for (const auto& [arguments, reason] : cases) {
    EXPECT_THAT(failure(run(arguments, nowhere), 2), HasSubstr(reason));
  }
}

TEST_F(CommandLineDoctor, CleansUpAfterCtrlC) {
  start_broker();
  // So many that it is not done before it is interrupted.
  const auto process = start({"--burst", "20000", "--count", "1"}, broker->url());
  ASSERT_TRUE(process->wait_for_output("Nagle, delayed ACK", patience)) << process->error_output();
  process->signal(SIGINT);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 130);
  EXPECT_EQ(ran.error, "mcp-mqtt: interrupted\n");
  EXPECT_THAT(ran.output, HasSubstr("retained messages\tok"));
  EXPECT_THAT(kept(), IsEmpty());
}

}  // namespace
}  // namespace mcp_mqtt::test
