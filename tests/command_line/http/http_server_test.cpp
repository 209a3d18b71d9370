#include "mcp-mqtt/http/http_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "command_line/http/fake_servers.hpp"
#include "command_line/http/http_host.hpp"
#include "mcp-mqtt/failure.hpp"
#include "support/certificate_authority.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpHost;
using test::patience;
using test::request_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The endpoint behind sockets, with servers that the test plays.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options.answer_within = 0ms;
    servers.on_message([this](HostLink& link, const wire::RpcMessage& message) {
      const auto* request = std::get_if<wire::Request>(&message);
      if (request != nullptr && request->method == "quick") answer(link, message);
      if (request != nullptr && request->method == "large") {
        for (int count = 0; count < 30; ++count) {
          link.send(wire::Notification{"part", {{"text", std::string(100'000, 'x')}}}, request->id);
        }
        answer(link, message);
      }
    });
  }
  ~HttpServerTest() override { stop(); }

  void start() {
    endpoint = std::make_unique<HttpEndpoint>(options, servers);
    server = std::make_unique<HttpServer>(*endpoint, sockets);
  }
  void stop() {
    if (!server) return;
    endpoint->sessions().stop();
    server.reset();
  }
  std::string url() const {
    return (sockets.certificate_file.empty() ? "http://127.0.0.1:" : "https://localhost:") +
           std::to_string(server->port()) + "/mcp";
  }
  HttpHost host() {
    if (!server) start();
    HttpHost out(url());
    out.begin();
    return out;
  }
  void respond(int id) { servers.link()->send(wire::Response{id, Json::object()}, std::nullopt); }
  bool came(const std::string& event) const {
    return servers.events()
        .wait_for([&](const std::string& one) { return one == event; })
        .has_value();
  }

  EndpointOptions options;
  HttpServerOptions sockets;
  test::FakeServers servers{{"desk"}};
  std::unique_ptr<HttpEndpoint> endpoint;
  std::unique_ptr<HttpServer> server;
};

/// A TCP connection on which the test writes what it likes.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~RawConnection() { close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void write(const std::string& text) const {
    EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// Up to `end`, or to the end.
  std::string read(const std::string& end) {
    char byte = 0;
    std::string out;
    while (!out.ends_with(end) && recv(socket_, &byte, 1, 0) == 1) out += byte;
    return out;
  }

 private:
  int socket_;
};

TEST_F(HttpServerTest, AnswersSideBySide) {
  const HttpHost host = this->host();
  const auto one = host.post_stream(request_text(1, "slow"));
  const auto two = host.post_stream(request_text(2, "slow"));
  EXPECT_EQ(one->status(), 200);
  EXPECT_EQ(two->status(), 200);
  EXPECT_EQ(host.post(request_text(3, "quick")).messages().back()["id"], 3);
  respond(2);
  EXPECT_EQ(two->next()["id"], 2);
  EXPECT_TRUE(two->wait_for_end());
  respond(1);
  EXPECT_EQ(one->next()["id"], 1);
  EXPECT_TRUE(one->wait_for_end());
}

TEST_F(HttpServerTest, TakesTheHostsAnswerWhileARequestRuns) {
  const HttpHost host = this->host();
  const auto stream = host.post_stream(request_text(1, "slow"));
  EXPECT_EQ(stream->status(), 200);
  servers.link()->send(wire::Request{77, "roots/list"}, RequestId(1));
  EXPECT_EQ(stream->next()["method"], "roots/list");
  EXPECT_EQ(host.post(R"({"jsonrpc":"2.0","id":77,"result":{"roots":[]}})").status, 202);
  EXPECT_TRUE(came("answer"));
}

TEST_F(HttpServerTest, TakesALostConnectionForNoCancellation) {
  const HttpHost host = this->host();
  auto stream = host.post_stream(request_text(1, "slow"));
  EXPECT_EQ(stream->status(), 200);
  stream.reset();
  respond(1);
  const auto again = host.get_stream("2-0");
  EXPECT_EQ(again->status(), 200);
  EXPECT_EQ(again->next()["id"], 1);
  EXPECT_TRUE(again->wait_for_end());
  EXPECT_THAT(servers.events().all(),
              ElementsAre("initialize", "notifications/initialized", "slow"));
}

TEST_F(HttpServerTest, LetsANewGetFollowOneThatIsGone) {
  const HttpHost host = this->host();
  auto first = host.get_stream();
  EXPECT_EQ(first->status(), 200);
  EXPECT_EQ(host.get_stream()->status(), 409);
  first.reset();
  const auto second = host.get_stream();
  EXPECT_EQ(second->status(), 200);
  servers.link()->send(wire::Notification{"log"}, std::nullopt);
  EXPECT_EQ(second->next()["method"], "log");
}

TEST_F(HttpServerTest, EndsStreamsWithTheSession) {
  const HttpHost host = this->host();
  const auto stream = host.get_stream();
  EXPECT_EQ(stream->status(), 200);
  EXPECT_EQ(host.send("DELETE").status, 200);
  EXPECT_TRUE(stream->wait_for_end());
  EXPECT_EQ(host.post(request_text(1, "quick")).status, 404);
}

TEST_F(HttpServerTest, LosesNothingOfALongAnswer) {
  options.session.stream.queued_bytes = 1U << 30;
  const HttpHost host = this->host();
  const auto messages = host.post(request_text(1, "large")).messages();
  ASSERT_EQ(messages.size(), 31U);
  EXPECT_EQ(messages.back()["id"], 1);
}

TEST_F(HttpServerTest, DropsForASlowReaderAllButTheAnswer) {
  options.session.stream.queued_bytes = 1U << 20;
  const HttpHost host = this->host();
  const auto messages = host.post(request_text(1, "large")).messages();
  EXPECT_LT(messages.size(), 31U);
  EXPECT_EQ(messages.back()["id"], 1);
}

TEST_F(HttpServerTest, BoundsBodies) {
  sockets.body_bytes = 1'000;
  const HttpHost host = this->host();
  const auto large = host.post(std::string(2'000, ' '));
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.json()["error"]["code"], -32600);
  EXPECT_EQ(host.post(request_text(1, "quick")).status, 200);
}

TEST_F(HttpServerTest, BoundsBodiesWithoutALength) {
  sockets.body_bytes = 1'000;
  start();
  RawConnection connection(server->port());
  connection.write(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  // It answers before the body ends.
  connection.write("7d0\r\n" + std::string(2'000, ' ') + "\r\n");
  const std::string reply = connection.read("}}");
  EXPECT_THAT(reply, HasSubstr("HTTP/1.1 413 "));
  EXPECT_EQ(connection.read("never").find("HTTP/1.1"), std::string::npos) << "and ends";
}

TEST_F(HttpServerTest, RefusesBeforeItReads) {
  options.access.token = "secret";
  start();
  HttpHost host(url());
  const auto refused = host.post(test::initialize_text());
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("www-authenticate"), "Bearer");
  host.headers().emplace_back("Authorization", "Bearer secret");
  EXPECT_EQ(host.begin()["protocolVersion"], "2025-11-25");
  EXPECT_THAT(servers.events().all(), ElementsAre("initialize", "notifications/initialized"));
}

TEST_F(HttpServerTest, KeepsAConnectionThroughRefusals) {
  start();
  RawConnection connection(server->port());
  const std::string head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n";
  connection.write(head + "Content-Type: text/plain\r\n\r\nabc");
  EXPECT_THAT(connection.read("}}"), HasSubstr(" 415 "));
  connection.write(head + "Content-Type: application/json\r\n\r\nabc");
  EXPECT_THAT(connection.read("}}"), HasSubstr(" 400 "));
  connection.write("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(connection.read("}}"), HasSubstr(" 400 "));
  connection.write("HEAD /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(connection.read("\r\n\r\n"), HasSubstr(" 405 "));
  connection.write("TRACE /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(connection.read("\r\n\r\n"), HasSubstr(" 400 "));
}

TEST_F(HttpServerTest, SurvivesWhatIsNoHttp) {
  sockets.read_within = 300ms;
  const HttpHost host = this->host();
  for (const std::string& text :
       {std::string("\x16\x03\x01\x02garbage\r\n\r\n"), std::string(20'000, 'a') + "\r\n\r\n",
        "GET /" + std::string(8'000, '%') + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /mcp HTTP/1.1\r\nX: " + std::string(10'000, 'a') + "\r\n\r\n", std::string("\r\n\r\n"),
        std::string("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; "
                    "boundary=\r\nContent-Length: 4\r\n\r\nabcd")}) {
    RawConnection connection(server->port());
    connection.write(text);
    connection.read("\r\n");
  }
  EXPECT_EQ(host.post(request_text(1, "quick")).status, 200);
}

TEST_F(HttpServerTest, MakesConnectionsWaitBeyondTheirBound) {
  sockets.connections = 2;
  const HttpHost host = this->host();
  auto one = std::make_unique<RawConnection>(server->port());
  const RawConnection two(server->port());
  // Both threads serve connections that say nothing. A third request waits, until one of them ends.
  std::jthread leaves([&] { one.reset(); });
  EXPECT_EQ(host.post(request_text(1, "quick")).status, 200);
}

TEST_F(HttpServerTest, StopsWhileClientsHoldOn) {
  const HttpHost host = this->host();
  const auto stream = host.get_stream();
  const auto request = host.post_stream(request_text(1, "slow"));
  EXPECT_EQ(stream->status(), 200);
  EXPECT_EQ(request->status(), 200);
  const RawConnection silent(server->port());
  silent.write("POST /mcp HTTP/1.1\r\nHost: loc");
  const auto begin = std::chrono::steady_clock::now();
  stop();
  // Reading would go on for 10 s.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s);
  EXPECT_TRUE(stream->wait_for_end());
  EXPECT_TRUE(request->wait_for_end());
}

TEST_F(HttpServerTest, ServesHttps) {
  test::CertificateAuthority authority;
  const test::Certificate certificate = authority.server({"localhost"});
  sockets.certificate_file = certificate.certificate_file;
  sockets.key_file = certificate.key_file;
  options.access.tls = true;
  start();
  HttpHost host(url(), authority.ca_file());
  EXPECT_EQ(host.begin()["protocolVersion"], "2025-11-25");
  const auto stream = host.post_stream(request_text(1, "slow"));
  EXPECT_EQ(stream->status(), 200);
  EXPECT_EQ(host.post(request_text(2, "quick")).messages().back()["id"], 2);
  respond(1);
  EXPECT_EQ(stream->next()["id"], 1);
  // Plain HTTP has no answer there.
  HttpHost plain("http://127.0.0.1:" + std::to_string(server->port()) + "/mcp");
  EXPECT_EQ(plain.post(test::initialize_text()).status, 0);
}

TEST_F(HttpServerTest, RefusesFilesAndPortsThatCannotBeUsed) {
  test::CertificateAuthority authority;
  const test::Certificate one = authority.server({"localhost"});
  const test::Certificate other = authority.server({"localhost"});
  endpoint = std::make_unique<HttpEndpoint>(options, servers);
  HttpServerOptions wrong;
  wrong.certificate_file = one.certificate_file;
  wrong.key_file = other.key_file;
  EXPECT_THROW(HttpServer(*endpoint, wrong), Failure);
  start();
  HttpServerOptions taken;
  taken.port = server->port();
  EXPECT_THROW(HttpServer(*endpoint, taken), Failure);
  HttpServerOptions foreign;
  foreign.host = "192.0.2.1";
  EXPECT_THROW(HttpServer(*endpoint, foreign), Failure);
}

}  // namespace
}  // namespace mcp_mqtt::command_line
