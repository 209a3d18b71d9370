#include "mcp-mqtt/http/http_endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/http/fake_servers.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::cancel_text;
using test::initialize_text;
using test::patience;
using test::request_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The rules of the endpoint, without sockets.
class HttpEndpointRules : public ::testing::Test {
 protected:
  HttpEndpointRules() {
    options.answer_within = patience;
    make();
  }

  void make(std::vector<std::string> names = {"desk"}) {
    endpoint.reset();
    servers = std::make_unique<test::FakeServers>(std::move(names));
    endpoint = std::make_unique<HttpEndpoint>(options, *servers);
  }

  HttpRequest request(const std::string& method, const std::string& body = {}) const {
    HttpRequest out;
    out.method = method;
    out.path = path;
    out.headers = {{"Host", "localhost"}};
    if (method == "POST") out.headers.emplace_back("Content-Type", "application/json");
    if (method == "GET") out.headers.emplace_back("Accept", "text/event-stream");
    if (!session.empty()) out.headers.emplace_back("Mcp-Session-Id", session);
    out.body = body;
    return out;
  }
  HttpReply post(const std::string& body) { return endpoint->handle(request("POST", body)); }
  HttpReply get(const std::string& last_event = {}) {
    HttpRequest out = request("GET");
    if (!last_event.empty()) out.headers.emplace_back("Last-Event-ID", last_event);
    return endpoint->handle(out);
  }
  void begin(const std::string& revision = "2025-11-25") {
    session.clear();
    const HttpReply reply = post(initialize_text(revision));
    ASSERT_EQ(reply.status, 200) << reply.body;
    session = reply.header("Mcp-Session-Id");
    ASSERT_FALSE(session.empty());
  }

  static Json body_of(const HttpReply& reply) { return Json::parse(reply.body, nullptr, false); }
  static int code_of(const HttpReply& reply) {
    return body_of(reply).value(Json::json_pointer("/error/code"), 0);
  }
  /// The events of a stream up to its end, without waiting for more.
  static std::string all_of(const HttpReply& reply) {
    std::string out;
    while (const auto text = reply.events->read(0ms)) {
      if (text->empty()) return out + "(open)";
      out += *text;
    }
    return out;
  }

  EndpointOptions options;
  std::string path = "/mcp";
  std::string session;
  std::unique_ptr<test::FakeServers> servers;
  std::unique_ptr<HttpEndpoint> endpoint;
};

TEST_F(HttpEndpointRules, BeginsASession) {
  const HttpReply reply = post(initialize_text());
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body,
            R"({"jsonrpc":"2.0","id":"first","result":{"protocolVersion":"2025-11-25"}})");
  const std::string id = reply.header("Mcp-Session-Id");
  EXPECT_EQ(id.size(), 32U);
  EXPECT_NE(post(initialize_text()).header("Mcp-Session-Id"), id);
  EXPECT_EQ(endpoint->sessions().size(), 2U);
}

TEST_F(HttpEndpointRules, InitializesOncePerSession) {
  begin();
  const HttpReply again = post(initialize_text());
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(body_of(again)["id"], "first");
  EXPECT_EQ(endpoint->sessions().size(), 1U);
}

TEST_F(HttpEndpointRules, WantsTheSessionsId) {
  const HttpReply missing = post(request_text(7, "ping"));
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(body_of(missing)["id"], 7);
  session = "0123456789abcdef0123456789abcdef";
  const HttpReply unknown = post(request_text(7, "ping"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code_of(unknown), -32001);
  EXPECT_EQ(get().status, 404);
  EXPECT_EQ(endpoint->handle(request("DELETE")).status, 404);
}

TEST_F(HttpEndpointRules, TakesNotificationsAndAnswers) {
  begin();
  const HttpReply told = post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  EXPECT_EQ(told.status, 202);
  EXPECT_TRUE(told.body.empty());
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","id":1,"result":{}})").status, 202);
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}})").status, 202);
  EXPECT_THAT(servers->events().all(),
              ElementsAre("initialize", "notifications/initialized", "answer", "answer"));
}

TEST_F(HttpEndpointRules, AnswersARequestAsJson) {
  begin();
  servers->on_message([](HostLink& link, const wire::RpcMessage& message) {
    answer(link, message, {{"done", true}});
  });
  const HttpReply reply = post(request_text(1, "ping"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body, R"({"jsonrpc":"2.0","id":1,"result":{"done":true}})");
}

TEST_F(HttpEndpointRules, AnswersAsAStreamWhereThereIsMore) {
  begin();
  servers->on_message([](HostLink& link, const wire::RpcMessage& message) {
    link.send(wire::Notification{"progress"}, std::get<wire::Request>(message).id);
    answer(link, message);
  });
  const HttpReply reply = post(request_text(1, "ping"));
  EXPECT_EQ(reply.content_type, "text/event-stream");
  EXPECT_EQ(reply.header("Cache-Control"), "no-cache, no-transform");
  ASSERT_TRUE(reply.events);
  EXPECT_EQ(all_of(reply),
            "id: 2-0\nretry: 1000\ndata: \n\n"
            "event: message\nid: 2-1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"progress\"}\n\n"
            "event: message\nid: 2-2\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
}

TEST_F(HttpEndpointRules, PrimesNoClientThatWouldTakeItForAMessage) {
  begin("2025-06-18");
  EXPECT_EQ(all_of(get()), "(open)");
  begin("2025-11-25");
  EXPECT_EQ(all_of(get()), "id: 0-0\nretry: 1000\ndata: \n\n(open)");
}

TEST_F(HttpEndpointRules, GoesOnWithAStreamThatBroke) {
  options.answer_within = 0ms;
  make();
  begin();
  HttpReply broken = post(request_text(1, "slow"));
  ASSERT_TRUE(broken.events);
  EXPECT_EQ(all_of(broken), "id: 2-0\nretry: 1000\ndata: \n\n(open)");
  broken.events.reset();  // The connection is gone; the request is not.
  servers->link()->send(wire::Notification{"progress"}, RequestId(1));
  servers->link()->send(wire::Response{1, Json::object()}, std::nullopt);
  EXPECT_EQ(all_of(get("2-1")),
            "event: message\nid: 2-2\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
  EXPECT_EQ(get("2-2").status, 204);
  EXPECT_EQ(get("99-0").status, 204);
  EXPECT_EQ(get("x").status, 400);
  EXPECT_THAT(servers->events().all(), ElementsAre("initialize", "slow"));
}

TEST_F(HttpEndpointRules, OpensOneStreamWithGet) {
  begin();
  const HttpReply first = get();
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(get().status, 409);
  servers->link()->send(wire::Notification{"log"}, std::nullopt);
  EXPECT_THAT(all_of(first), HasSubstr(R"(data: {"jsonrpc":"2.0","method":"log"})"));
  // Who lost the stream, and says where, takes it over.
  const HttpReply second = get("0-1");
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(all_of(first), "");
}

TEST_F(HttpEndpointRules, EndsASession) {
  begin();
  const HttpReply stream = get();
  EXPECT_EQ(endpoint->handle(request("DELETE")).status, 200);
  endpoint->sessions().tend(std::chrono::steady_clock::now());
  EXPECT_THAT(servers->events().all(), ElementsAre("initialize", "ended"));
  EXPECT_EQ(all_of(stream), "id: 0-0\nretry: 1000\ndata: \n\n");
  EXPECT_EQ(post(request_text(1, "ping")).status, 404);
  EXPECT_EQ(endpoint->handle(request("DELETE")).status, 404);
}

TEST_F(HttpEndpointRules, EndsARequestThatTheHostCancels) {
  options.answer_within = 0ms;
  make();
  begin();
  const HttpReply stream = post(request_text(1, "slow"));
  EXPECT_EQ(post(cancel_text(1)).status, 202);
  EXPECT_EQ(all_of(stream), "id: 2-0\nretry: 1000\ndata: \n\n");
  EXPECT_THAT(servers->events().all(),
              ElementsAre("initialize", "slow", "notifications/cancelled"));
  EXPECT_EQ(get("2-0").status, 204);
}

TEST_F(HttpEndpointRules, TakesBatchesOfTheirRevisionAlone) {
  const std::string batch = "[" + request_text(1, "a") + "," + request_text(2, "b") +
                            R"(,{"jsonrpc":"2.0","method":"c"}])";
  begin("2025-06-18");
  EXPECT_EQ(post(batch).status, 400);
  EXPECT_EQ(code_of(post(batch)), -32600);
  begin("2025-03-26");
  servers->on_message(
      [](HostLink& link, const wire::RpcMessage& message) { answer(link, message); });
  const HttpReply reply = post(batch);
  EXPECT_EQ(all_of(reply),
            "event: message\nid: 2-1\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n"
            "event: message\nid: 2-2\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n");
  EXPECT_EQ(post(R"([{"jsonrpc":"2.0","method":"c"}])").status, 202);
  session.clear();
  EXPECT_EQ(code_of(post("[" + initialize_text() + "]")), -32600);
}

TEST_F(HttpEndpointRules, RefusesWhatIsNoMessage) {
  begin();
  const HttpReply broken = post("{");
  EXPECT_EQ(broken.status, 400);
  EXPECT_EQ(code_of(broken), -32700);
  EXPECT_TRUE(body_of(broken)["id"].is_null());
  const HttpReply odd = post(R"({"jsonrpc":"2.0","id":3})");
  EXPECT_EQ(odd.status, 400);
  EXPECT_EQ(code_of(odd), -32600);
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post("[]").status, 400);
  EXPECT_THAT(servers->events().all(), ElementsAre("initialize"));
}

TEST_F(HttpEndpointRules, RefusesAnIdThatIsInUse) {
  options.answer_within = 0ms;
  make();
  begin();
  const HttpReply first = post(request_text(1, "slow"));
  const HttpReply second = post(request_text(1, "slow"));
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(code_of(second), -32600);
}

TEST_F(HttpEndpointRules, RefusesUnsupportedRevisions) {
  begin();
  HttpRequest odd = request("POST", request_text(1, "ping"));
  odd.headers.emplace_back("MCP-Protocol-Version", "2099-01-01");
  EXPECT_EQ(endpoint->handle(odd).status, 400);
  // A client that asks for one gets an answer with what is spoken here.
  session.clear();
  HttpRequest first = request("POST", initialize_text());
  first.headers.emplace_back("MCP-Protocol-Version", "2099-01-01");
  EXPECT_EQ(endpoint->handle(first).status, 200);
}

TEST_F(HttpEndpointRules, ServesServersByPath) {
  make({"desk/one", "desk/two"});
  EXPECT_EQ(post(initialize_text()).status, 404);
  path = "/mcp/desk/three";
  EXPECT_EQ(post(initialize_text()).status, 404);
  path = "/else";
  EXPECT_EQ(post(initialize_text()).status, 404);
  path = "/mcp/desk/one";
  begin();
  EXPECT_EQ(get().status, 200);
  path = "/mcp/desk/two";
  EXPECT_EQ(get().status, 404) << "a session is one with its server";
}

TEST_F(HttpEndpointRules, SaysThatAServerIsNotOnline) {
  servers->fail_to_find({ErrorKind::server_gone, 0, "no server 'desk' is online", nullptr});
  const HttpReply reply = post(initialize_text());
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"jsonrpc":"2.0","id":"first","error":{"code":-32000,)"
                        R"("message":"no server 'desk' is online"}})");
  EXPECT_EQ(endpoint->sessions().size(), 0U);
}

TEST_F(HttpEndpointRules, SaysThatASessionCannotBegin) {
  servers->fail_to_open({ErrorKind::not_connected, 0, "no broker", nullptr});
  EXPECT_EQ(post(initialize_text()).status, 502);
  EXPECT_EQ(endpoint->sessions().size(), 0U);
}

/// How a session that fails to begin ends; the reason says more than the answer.
struct FailedStart {
  ErrorKind kind;
  int status;
};
class HttpEndpointFailedStart : public HttpEndpointRules,
                                public ::testing::WithParamInterface<FailedStart> {};

TEST_P(HttpEndpointFailedStart, HasItsStatus) {
  servers->on_message([](HostLink& link, const wire::RpcMessage& message) {
    link.send(wire::ErrorResponse{std::get<wire::Request>(message).id, rpc_error(-32602, "no")},
              std::nullopt);
    link.ended({GetParam().kind, 0, "no", nullptr});
  });
  const HttpReply reply = post(initialize_text());
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(code_of(reply), -32602);
  EXPECT_EQ(reply.header("Mcp-Session-Id"), "");
  EXPECT_EQ(endpoint->sessions().size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, HttpEndpointFailedStart,
                         ::testing::Values(FailedStart{ErrorKind::rpc, 200},
                                           FailedStart{ErrorKind::server_gone, 404},
                                           FailedStart{ErrorKind::timeout, 504},
                                           FailedStart{ErrorKind::refused, 502}),
                         [](const auto& info) { return std::to_string(info.param.status); });

TEST_F(HttpEndpointRules, EndsWithTheServer) {
  begin();
  const HttpReply stream = get();
  servers->link()->ended({ErrorKind::server_gone, 0, "it left", nullptr});
  EXPECT_EQ(all_of(stream), "id: 0-0\nretry: 1000\ndata: \n\n");
  EXPECT_EQ(post(request_text(1, "ping")).status, 404);
}

TEST_F(HttpEndpointRules, BoundsSessions) {
  options.sessions = 1;
  make();
  begin();
  session.clear();
  const HttpReply reply = post(initialize_text());
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("Retry-After"), "10");
}

TEST_F(HttpEndpointRules, BoundsRequestsAndStreams) {
  options.session.requests = 1;
  options.streams = 2;
  options.answer_within = 0ms;
  make();
  begin();
  const HttpReply one = post(request_text(1, "slow"));
  EXPECT_EQ(post(request_text(2, "slow")).status, 429);
  const HttpReply stream = get();
  EXPECT_EQ(stream.status, 200);
  EXPECT_EQ(post(request_text(3, "slow")).status, 503);
  EXPECT_EQ(get("0-0").status, 503);
}

TEST_F(HttpEndpointRules, ChecksInAnOrderThatTellsNothing) {
  options.access.token = "secret";
  options.access.origins = {"https://app.example"};
  make();
  HttpRequest foreign = request("POST", "{");
  foreign.headers[0].second = "evil.example";
  EXPECT_EQ(endpoint->handle(foreign).status, 403);
  path = "/else";
  EXPECT_EQ(endpoint->handle(request("PUT")).status, 401);
  HttpRequest preflight = request("OPTIONS");
  preflight.headers.emplace_back("Origin", "https://app.example");
  const HttpReply allowed = endpoint->handle(preflight);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://app.example");
  path = "/mcp";
  HttpRequest put = request("PUT");
  put.headers.emplace_back("Authorization", "Bearer secret");
  EXPECT_EQ(endpoint->handle(put).status, 405);
  EXPECT_EQ(endpoint->handle(put).header("Allow"), "GET, POST, DELETE");
}

}  // namespace
}  // namespace mcp_mqtt::command_line
