#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mcp-mqtt/http/http_message.hpp"

namespace mcp_mqtt::command_line {

/// Who may speak to the endpoint.
struct AccessRules {
  /// Bound to this machine alone: then `Host` must name it, since a foreign name there is a page in
  /// a browser whose own name leads here (DNS rebinding).
  bool loopback = true;
  bool tls = false;
  /// More hosts, in lower case, with a port or for all ports. With any, `Host` is always checked.
  std::vector<std::string> hosts = {};
  /// Origins of pages in browsers that may come from elsewhere, as `Origin` writes them.
  std::vector<std::string> origins = {};
  /// What `Authorization: Bearer` must say; empty: nothing is asked for.
  std::string token = {};
};

// The rules of Streamable HTTP that a request meets before anybody looks into its body. Each gives
// the reply that refuses it, or nothing.

/// `Host`: 403 for a foreign one.
std::optional<HttpReply> check_host(const HttpRequest& request, const AccessRules& rules);
/// `Origin`: 403 for a page that is neither of this endpoint nor allowed. Programs send none.
std::optional<HttpReply> check_origin(const HttpRequest& request, const AccessRules& rules);
/// `Authorization`: 401 without the token.
std::optional<HttpReply> check_token(const HttpRequest& request, const AccessRules& rules);
/// `Accept`, where it is there: 406. A POST must take JSON and events, a GET events.
std::optional<HttpReply> check_accept(const HttpRequest& request);
/// `Content-Type` of a POST: 415 for what is not JSON.
std::optional<HttpReply> check_content_type(const HttpRequest& request);
/// `MCP-Protocol-Version`, where it is there: 400 for a revision that is not spoken here.
std::optional<HttpReply> check_protocol_version(const HttpRequest& request);

/// What a browser asks before it lets a page of an allowed origin send: the reply to OPTIONS.
HttpReply preflight_reply(const HttpRequest& request, const AccessRules& rules);
/// Lets a page of an allowed origin read the reply.
void allow_origin(const HttpRequest& request, const AccessRules& rules, HttpReply& reply);

}  // namespace mcp_mqtt::command_line
