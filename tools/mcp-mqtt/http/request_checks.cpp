#include "mcp-mqtt/http/request_checks.hpp"

#include <algorithm>

#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/protocol/revision.hpp>

#include "mcp-mqtt/http/header_text.hpp"
#include "mcp-mqtt/http/http_error.hpp"

namespace mcp_mqtt::command_line {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool listed_origin(const HttpRequest& request, const AccessRules& rules) {
  const auto origin = request.header("Origin");
  return origin && contains(rules.origins, lower_case(*origin));
}

}  // namespace

std::optional<HttpReply> check_host(const HttpRequest& request, const AccessRules& rules) {
  const auto refuse = [](const std::string& message) {
    return error_reply(403, refused_code, message);
  };
  if (request.header_count("Host") > 1) return refuse("more than one Host header");
  if (!rules.loopback && rules.hosts.empty()) return std::nullopt;
  const std::string header = request.header("Host").value_or("");
  const auto host = parse_host(header);
  if (!host) return refuse("the Host header names no host");
  if (rules.loopback && is_loopback(host->host)) return std::nullopt;
  if (contains(rules.hosts, host->host) || contains(rules.hosts, lower_case(header))) {
    return std::nullopt;
  }
  return refuse("the Host '" + header + "' is not allowed here (--allow-host)");
}

std::optional<HttpReply> check_origin(const HttpRequest& request, const AccessRules& rules) {
  const auto origin = request.header("Origin");
  if (!origin || listed_origin(request, rules)) return std::nullopt;
  const std::string own =
      (rules.tls ? "https://" : "http://") + request.header("Host").value_or("");
  if (request.header_count("Origin") == 1 && same_word(*origin, own)) return std::nullopt;
  return error_reply(403, refused_code,
                     "the Origin '" + *origin + "' is not allowed here (--allow-origin)");
}

std::optional<HttpReply> check_token(const HttpRequest& request, const AccessRules& rules) {
  if (rules.token.empty()) return std::nullopt;
  const std::string given = request.header("Authorization").value_or("");
  constexpr std::string_view scheme = "Bearer ";
  const bool bearer = same_word(std::string_view(given).substr(0, scheme.size()), scheme);
  if (bearer &&
      equal_in_constant_time(std::string_view(given).substr(scheme.size()), rules.token)) {
    return std::nullopt;
  }
  HttpReply reply = error_reply(401, refused_code,
                                bearer ? "the bearer token is not the right one"
                                       : "a bearer token is needed (Authorization: Bearer …)");
  reply.headers.emplace_back("WWW-Authenticate",
                             bearer ? R"(Bearer error="invalid_token")" : "Bearer");
  return reply;
}

std::optional<HttpReply> check_accept(const HttpRequest& request) {
  const auto accept = request.header("Accept");
  if (!accept) return std::nullopt;
  if (!accepts(*accept, "text/event-stream")) {
    return error_reply(406, refused_code,
                       request.method == "POST"
                           ? "Accept must name both application/json and text/event-stream"
                           : "Accept must name text/event-stream");
  }
  if (request.method == "POST" && !accepts(*accept, "application/json")) {
    return error_reply(406, refused_code,
                       "Accept must name both application/json and text/event-stream");
  }
  return std::nullopt;
}

std::optional<HttpReply> check_content_type(const HttpRequest& request) {
  if (is_json(request.header("Content-Type").value_or(""))) return std::nullopt;
  return error_reply(415, refused_code, "Content-Type must be application/json");
}

std::optional<HttpReply> check_protocol_version(const HttpRequest& request) {
  const auto version = request.header("MCP-Protocol-Version");
  if (!version || parse_revision(*version)) return std::nullopt;
  std::string known;
  for (const Revision revision : all_revisions) {
    known += (known.empty() ? "" : ", ") + std::string(to_string(revision));
  }
  return error_reply(400, refused_code,
                     "MCP-Protocol-Version '" + *version + "' is not supported: " + known);
}

HttpReply preflight_reply(const HttpRequest& request, const AccessRules& rules) {
  HttpReply reply;
  reply.status = 204;
  reply.headers.emplace_back("Allow", "GET, POST, DELETE, OPTIONS");
  if (listed_origin(request, rules)) {
    reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, DELETE");
    reply.headers.emplace_back("Access-Control-Allow-Headers",
                               "Accept, Authorization, Content-Type, Last-Event-ID, "
                               "MCP-Protocol-Version, Mcp-Session-Id");
    reply.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return reply;
}

void allow_origin(const HttpRequest& request, const AccessRules& rules, HttpReply& reply) {
  if (!listed_origin(request, rules)) return;
  reply.headers.emplace_back("Access-Control-Allow-Origin", *request.header("Origin"));
  reply.headers.emplace_back("Access-Control-Expose-Headers", "Mcp-Session-Id");
  reply.headers.emplace_back("Vary", "Origin");
}

}  // namespace mcp_mqtt::command_line
