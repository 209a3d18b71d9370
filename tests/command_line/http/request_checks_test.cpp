#include "mcp-mqtt/http/request_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mcp_mqtt/json.hpp>

#include "mcp-mqtt/http/header_text.hpp"
#include "mcp-mqtt/http/server_directory.hpp"

namespace mcp_mqtt::command_line {
namespace {

using ::testing::HasSubstr;

HttpRequest with(std::vector<std::pair<std::string, std::string>> headers,
                 const std::string& method = "POST") {
  HttpRequest request;
  request.method = method;
  request.path = "/mcp";
  request.headers = std::move(headers);
  return request;
}

int status(const std::optional<HttpReply>& refusal) { return refusal ? refusal->status : 0; }

TEST(HttpHeaderText, ReadsHosts) {
  EXPECT_EQ(parse_host("LocalHost")->host, "localhost");
  EXPECT_EQ(parse_host("127.0.0.1:80")->port, 80);
  EXPECT_EQ(parse_host("[::1]:65535")->host, "[::1]");
  EXPECT_EQ(parse_host("[::1]")->port, std::nullopt);
  for (const char* bad : {"", ":80", "a:", "a:x", "a:70000", "a:-1", "a b", "[::1", "[x]",
                          "[::1]80", "a/b", "a:80:80", "::1", "a@b"}) {
    EXPECT_FALSE(parse_host(bad)) << bad;
  }
}

TEST(HttpHeaderText, KnowsThisMachine) {
  for (const char* own : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
    EXPECT_TRUE(is_loopback(own)) << own;
  }
  for (const char* foreign : {"127.evil.example", "localhost.evil.example", "0.0.0.0", "10.0.0.1",
                              "127.0.0.1.nip.io", "[::2]", ""}) {
    EXPECT_FALSE(is_loopback(foreign)) << foreign;
  }
}

TEST(HttpHeaderText, ReadsWhatIsAccepted) {
  EXPECT_TRUE(accepts("application/json, text/event-stream", "text/event-stream"));
  EXPECT_TRUE(accepts("TEXT/Event-Stream;charset=utf-8", "text/event-stream"));
  EXPECT_TRUE(accepts("*/*", "text/event-stream"));
  EXPECT_TRUE(accepts("text/*;q=0.1", "text/event-stream"));
  EXPECT_FALSE(accepts("application/json", "text/event-stream"));
  EXPECT_FALSE(accepts("text/event-stream;q=0.0", "text/event-stream"));
  EXPECT_FALSE(accepts("text/event-streams", "text/event-stream"));
  EXPECT_FALSE(accepts("", "text/event-stream"));
}

TEST(HttpHeaderText, ComparesSecrets) {
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  for (const char* wrong : {"", "secre", "secret ", "secrets", "Secret", "secretsecret"}) {
    EXPECT_FALSE(equal_in_constant_time(wrong, "secret")) << wrong;
  }
}

TEST(HttpRequestChecks, TakeTheHostsOfThisMachine) {
  const AccessRules rules;
  for (const char* own : {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080"}) {
    EXPECT_EQ(status(check_host(with({{"host", own}}), rules)), 0) << own;
  }
  for (const char* foreign : {"evil.example.com", "evil.example.com:8080", "192.168.0.1", ""}) {
    EXPECT_EQ(status(check_host(with({{"Host", foreign}}), rules)), 403) << foreign;
  }
  EXPECT_EQ(status(check_host(with({}), rules)), 403);
  EXPECT_EQ(status(check_host(with({{"Host", "localhost"}, {"Host", "evil.example"}}), rules)),
            403);
}

TEST(HttpRequestChecks, TakeTheHostsThatAreAllowed) {
  AccessRules rules;
  rules.hosts = {"gateway.example", "desk.example:8443"};
  EXPECT_EQ(status(check_host(with({{"Host", "Gateway.example:99"}}), rules)), 0);
  EXPECT_EQ(status(check_host(with({{"Host", "desk.example:8443"}}), rules)), 0);
  EXPECT_EQ(status(check_host(with({{"Host", "desk.example"}}), rules)), 403);
  EXPECT_EQ(status(check_host(with({{"Host", "localhost"}}), rules)), 0);
  rules.loopback = false;
  EXPECT_EQ(status(check_host(with({{"Host", "localhost"}}), rules)), 403);
  rules.hosts.clear();
  EXPECT_EQ(status(check_host(with({{"Host", "any.example"}}), rules)), 0);
}

TEST(HttpRequestChecks, TakePagesOfTheEndpointAndThoseAllowed) {
  AccessRules rules;
  const auto from = [&](const char* origin) {
    return status(check_origin(with({{"Host", "localhost:8080"}, {"Origin", origin}}), rules));
  };
  EXPECT_EQ(status(check_origin(with({{"Host", "localhost:8080"}}), rules)), 0);
  EXPECT_EQ(from("http://localhost:8080"), 0);
  for (const char* foreign : {"https://localhost:8080", "http://localhost:8081", "null", "",
                              "http://evil.example", "http://localhost:8080.evil.example"}) {
    EXPECT_EQ(from(foreign), 403) << foreign;
  }
  rules.origins = {"https://app.example"};
  EXPECT_EQ(from("https://App.example"), 0);
  rules.tls = true;
  EXPECT_EQ(from("https://localhost:8080"), 0);
  EXPECT_EQ(from("http://localhost:8080"), 403);
}

TEST(HttpRequestChecks, AskForTheToken) {
  AccessRules rules;
  EXPECT_EQ(status(check_token(with({}), rules)), 0);
  rules.token = "open sesame";
  EXPECT_EQ(status(check_token(with({{"Authorization", "Bearer open sesame"}}), rules)), 0);
  EXPECT_EQ(status(check_token(with({{"authorization", "bearer open sesame"}}), rules)), 0);
  const auto missing = check_token(with({}), rules);
  EXPECT_EQ(status(missing), 401);
  EXPECT_EQ(missing->header("WWW-Authenticate"), "Bearer");
  const auto wrong = check_token(with({{"Authorization", "Bearer open"}}), rules);
  EXPECT_EQ(status(wrong), 401);
  EXPECT_EQ(wrong->header("WWW-Authenticate"), R"(Bearer error="invalid_token")");
  EXPECT_EQ(wrong->body.find("sesame"), std::string::npos);
  EXPECT_EQ(status(check_token(with({{"Authorization", "Basic open sesame"}}), rules)), 401);
  EXPECT_EQ(status(check_token(with({{"Authorization", "Bearer"}}), rules)), 401);
}

TEST(HttpRequestChecks, AskForBothFormsOfAnAnswer) {
  const auto post = [](const char* accept) {
    return status(check_accept(with({{"Accept", accept}})));
  };
  EXPECT_EQ(post("application/json, text/event-stream"), 0);
  EXPECT_EQ(post("*/*"), 0);
  EXPECT_EQ(post("application/json"), 406);
  EXPECT_EQ(post("text/event-stream"), 406);
  EXPECT_EQ(post("text/html"), 406);
  EXPECT_EQ(status(check_accept(with({}))), 0);
  EXPECT_EQ(status(check_accept(with({{"Accept", "text/event-stream"}}, "GET"))), 0);
  EXPECT_EQ(status(check_accept(with({{"Accept", "application/json"}}, "GET"))), 406);
}

TEST(HttpRequestChecks, TakeJsonAlone) {
  EXPECT_EQ(status(check_content_type(with({{"Content-Type", "application/json"}}))), 0);
  EXPECT_EQ(status(check_content_type(with({{"content-type", "Application/JSON; charset=utf-8"}}))),
            0);
  EXPECT_EQ(status(check_content_type(with({{"Content-Type", "text/plain"}}))), 415);
  EXPECT_EQ(status(check_content_type(with({{"Content-Type", "application/jsonp"}}))), 415);
  EXPECT_EQ(status(check_content_type(with({}))), 415);
}

TEST(HttpRequestChecks, KnowTheRevisions) {
  const auto version = [](const char* text) {
    return check_protocol_version(with({{"MCP-Protocol-Version", text}}));
  };
  EXPECT_EQ(status(check_protocol_version(with({}))), 0);
  for (const char* known : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    EXPECT_EQ(status(version(known)), 0) << known;
  }
  EXPECT_EQ(status(version("2026-07-28")), 400);
  EXPECT_THAT(version("x")->body, HasSubstr("2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25"));
}

TEST(HttpRequestChecks, LetAllowedPagesRead) {
  AccessRules rules;
  rules.origins = {"https://app.example"};
  const HttpReply allowed =
      preflight_reply(with({{"Origin", "https://app.example"}}, "OPTIONS"), rules);
  EXPECT_EQ(allowed.status, 204);
  EXPECT_THAT(allowed.header("Access-Control-Allow-Headers"), HasSubstr("Mcp-Session-Id"));
  EXPECT_EQ(preflight_reply(with({}, "OPTIONS"), rules).header("Access-Control-Allow-Methods"), "");
  HttpReply reply;
  allow_origin(with({{"Origin", "https://app.example"}}), rules, reply);
  EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), "https://app.example");
  HttpReply other;
  allow_origin(with({{"Origin", "https://other.example"}}), rules, other);
  EXPECT_TRUE(other.headers.empty());
}

TEST(HttpPaths, NameServers) {
  EXPECT_EQ(server_in_path("/mcp"), "");
  EXPECT_EQ(server_in_path("/mcp/"), "");
  EXPECT_EQ(server_in_path("/mcp/desk/companion"), "desk/companion");
  EXPECT_EQ(server_in_path("/mcpx"), std::nullopt);
  EXPECT_EQ(server_in_path("/"), std::nullopt);
  EXPECT_EQ(path_of_server("desk/companion"), "/mcp/desk/companion");
  EXPECT_EQ(path_of_server("a b%\xC3\xA4"), "/mcp/a%20b%25%C3%A4");
  EXPECT_EQ(path_of_server(""), "/mcp");
}

}  // namespace
}  // namespace mcp_mqtt::command_line
