#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mcp-mqtt/http/event_reader.hpp"
#include "mcp-mqtt/http/http_message.hpp"
#include "mcp-mqtt/http/request_checks.hpp"
#include "mcp-mqtt/http/server_directory.hpp"
#include "mcp-mqtt/http/session_table.hpp"

namespace mcp_mqtt::command_line {

struct EndpointOptions {
  AccessRules access = {};
  std::size_t sessions = 64;
  std::size_t streams = 192;  ///< Responses that are being written, over all sessions.
  std::chrono::milliseconds idle{1'800'000};
  /// A request whose answer comes so soon, and alone, is answered as JSON; otherwise as a stream.
  std::chrono::milliseconds answer_within{500};
  /// How long `initialize` may take.
  std::chrono::milliseconds initialize_within{120'000};
  HttpSessionLimits session = {};
};

/// The rules of MCP's Streamable HTTP, up to revision 2025-11-25: from a request to a reply,
/// without a socket. Any thread.
class HttpEndpoint {
 public:
  HttpEndpoint(EndpointOptions options, ServerDirectory& servers);

  /// What can be refused before the body is read: host, origin, token, path, method.
  std::optional<HttpReply> refuse(const HttpRequest& request) const;
  /// The reply. Waits for an answer, but not for the events of a stream.
  HttpReply handle(const HttpRequest& request);

  SessionTable& sessions() noexcept { return sessions_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  std::optional<HttpReply> refuse_plainly(const HttpRequest& request) const;
  HttpReply reply_to(const HttpRequest& request);
  HttpReply post(const HttpRequest& request);
  HttpReply get(const HttpRequest& request);
  HttpReply end(const HttpRequest& request);
  HttpReply initialize(const HttpRequest& request, wire::Request message);
  HttpReply answer_initialize(const std::shared_ptr<GatewaySession>& session,
                              wire::Request message);
  HttpReply ask(const std::shared_ptr<GatewaySession>& session,
                std::vector<wire::RpcMessage> messages, const std::vector<RequestId>& requests);
  HttpReply resume(const std::shared_ptr<GatewaySession>& session, const std::string& last_event);
  HttpReply read_standalone(const std::shared_ptr<GatewaySession>& session);

  struct Found {
    std::shared_ptr<GatewaySession> session;
    HttpReply refusal;  ///< Where there is no session.
  };
  Found find_session(const HttpRequest& request, const std::optional<RequestId>& id);

  const EndpointOptions options_;
  ServerDirectory& servers_;
  SessionTable sessions_;
  StreamSlots slots_;
};

}  // namespace mcp_mqtt::command_line
