#include "mcp-mqtt/http/http_endpoint.hpp"

#include <algorithm>

#include "mcp-mqtt/http/http_error.hpp"
#include "mcp-mqtt/relay/message_members.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

std::chrono::steady_clock::time_point clock_now() { return std::chrono::steady_clock::now(); }

/// What a POST holds.
struct Posted {
  bool batch = false;
  std::vector<wire::RpcMessage> messages;
  std::vector<RequestId> requests;  ///< Of those that want an answer.
  std::optional<HttpReply> refusal;

  /// The request to answer to where the whole is refused.
  std::optional<RequestId> only_request() const {
    if (batch || requests.empty()) return std::nullopt;
    return requests.front();
  }
  bool has_initialize() const {
    return std::any_of(messages.begin(), messages.end(), [](const wire::RpcMessage& message) {
      const auto* request = std::get_if<wire::Request>(&message);
      return request != nullptr && request->method == "initialize";
    });
  }
};

Posted read_posted(const std::string& body, const MessageLimits& limits) {
  Posted out;
  wire::Decoded decoded = wire::decode(body, limits);
  out.batch = decoded.batch;
  for (auto& one : decoded.messages) {
    if (const auto* rejected = std::get_if<wire::Rejected>(&one)) {
      out.refusal = error_reply(400, rejected->error.code, rejected->error.message,
                                out.batch || rejected->was_response ? std::nullopt : rejected->id);
      return out;
    }
    auto& message = std::get<wire::RpcMessage>(one);
    if (const auto* request = std::get_if<wire::Request>(&message)) {
      out.requests.push_back(request->id);
    }
    out.messages.push_back(std::move(message));
  }
  return out;
}

/// The requests that these messages cancel.
std::vector<RequestId> cancelled_by(const std::vector<wire::RpcMessage>& messages) {
  std::vector<RequestId> out;
  for (const wire::RpcMessage& message : messages) {
    const auto* notification = std::get_if<wire::Notification>(&message);
    if (notification == nullptr || notification->method != "notifications/cancelled") continue;
    if (auto id = cancelled_id(notification->params)) out.push_back(std::move(*id));
  }
  return out;
}

HttpReply json_reply(std::string body) {
  HttpReply reply;
  reply.content_type = "application/json";
  reply.body = std::move(body);
  return reply;
}

HttpReply empty_reply(int status) {
  HttpReply reply;
  reply.status = status;
  return reply;
}

HttpReply stream_reply(std::shared_ptr<EventReader> reader, bool prime) {
  HttpReply reply;
  reply.content_type = "text/event-stream";
  reply.headers.emplace_back("Cache-Control", "no-cache, no-transform");
  // A proxy is to pass each event on when it comes.
  reply.headers.emplace_back("X-Accel-Buffering", "no");
  if (prime) reader->prime();
  reply.events = std::move(reader);
  return reply;
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::rpc:
      return 200;  // The server's own word.
    case ErrorKind::server_gone:
      return 404;
    case ErrorKind::timeout:
      return 504;
    case ErrorKind::busy:
      return 503;
    default:
      return 502;
  }
}

bool primes(const std::shared_ptr<GatewaySession>& session) {
  return session->link()->revision() >= Revision::v2025_11_25;
}

}  // namespace

HttpEndpoint::HttpEndpoint(EndpointOptions options, ServerDirectory& servers)
    : options_(std::move(options)),
      servers_(servers),
      sessions_(options_.sessions, options_.idle, options_.session),
      slots_(options_.streams) {}

std::optional<HttpReply> HttpEndpoint::refuse(const HttpRequest& request) const {
  auto refusal = refuse_plainly(request);
  if (refusal) allow_origin(request, options_.access, *refusal);
  return refusal;
}

std::optional<HttpReply> HttpEndpoint::refuse_plainly(const HttpRequest& request) const {
  if (auto refusal = check_host(request, options_.access)) return refusal;
  if (auto refusal = check_origin(request, options_.access)) return refusal;
  // A browser asks without the token.
  if (request.method == "OPTIONS") return preflight_reply(request, options_.access);
  if (auto refusal = check_token(request, options_.access)) return refusal;
  if (!server_in_path(request.path)) {
    return error_reply(404, refused_code, "there is nothing at this path: MCP is at /mcp");
  }
  if (request.method != "POST" && request.method != "GET" && request.method != "DELETE") {
    HttpReply reply = error_reply(405, refused_code, "only GET, POST and DELETE are for MCP");
    reply.headers.emplace_back("Allow", "GET, POST, DELETE");
    return reply;
  }
  if (request.method != "DELETE") {
    if (auto refusal = check_accept(request)) return refusal;
  }
  if (request.method == "POST") return check_content_type(request);
  return std::nullopt;
}

HttpReply HttpEndpoint::handle(const HttpRequest& request) {
  if (auto refusal = refuse(request)) return std::move(*refusal);
  HttpReply reply = reply_to(request);
  allow_origin(request, options_.access, reply);
  return reply;
}

HttpReply HttpEndpoint::reply_to(const HttpRequest& request) {
  if (request.method == "POST") return post(request);
  return request.method == "GET" ? get(request) : end(request);
}

HttpEndpoint::Found HttpEndpoint::find_session(const HttpRequest& request,
                                               const std::optional<RequestId>& id) {
  if (auto refusal = check_protocol_version(request)) return {nullptr, std::move(*refusal)};
  const auto name = request.header("Mcp-Session-Id");
  if (!name || name->empty()) {
    return {nullptr, error_reply(400, refused_code,
                                 "the header Mcp-Session-Id is missing: initialize first", id)};
  }
  auto session = sessions_.find(*name);
  // A session belongs to its server: at another one's path it is unknown.
  const auto server = servers_.server_at(*server_in_path(request.path));
  if (!session || !server || *server != session->server()) {
    return {nullptr, error_reply(404, no_session_code, "there is no such session (any more)", id)};
  }
  session->touch(clock_now());
  return {std::move(session), {}};
}

HttpReply HttpEndpoint::post(const HttpRequest& request) {
  Posted posted = read_posted(request.body, options_.session.message);
  if (posted.refusal) return std::move(*posted.refusal);
  if (posted.has_initialize()) {
    if (posted.batch) {
      return error_reply(400, error_code::invalid_request, "initialize must come alone");
    }
    return initialize(request, std::get<wire::Request>(std::move(posted.messages.front())));
  }
  auto [session, refusal] = find_session(request, posted.only_request());
  if (!session) return std::move(refusal);
  if (posted.batch && session->link()->revision() != Revision::v2025_03_26) {
    return error_reply(400, error_code::invalid_request,
                       "only revision 2025-03-26 has batches: send one message in a POST");
  }
  if (!posted.requests.empty()) {
    return ask(session, std::move(posted.messages), posted.requests);
  }
  const auto cancelled = cancelled_by(posted.messages);
  session->deliver(std::move(posted.messages));
  for (const RequestId& id : cancelled) session->link()->give_up(id);
  return empty_reply(202);
}

HttpReply HttpEndpoint::initialize(const HttpRequest& request, wire::Request message) {
  const auto refuse_as = [&](int status, const std::string& why) {
    return error_reply(status, refused_code, why, message.id);
  };
  if (request.header("Mcp-Session-Id")) {
    return error_reply(400, error_code::invalid_request,
                       "initialize begins a session: send it without Mcp-Session-Id", message.id);
  }
  const auto server = servers_.server_at(*server_in_path(request.path));
  if (!server) return refuse_as(404, server.error().message);
  if (const auto found = servers_.find(*server); !found) {
    return refuse_as(status_of(found.error().kind), found.error().message);
  }
  const auto session = sessions_.create(*server, clock_now());
  if (!session) {
    HttpReply reply = refuse_as(503, "there are too many sessions: end one, or try later");
    reply.headers.emplace_back("Retry-After", "10");
    return reply;
  }
  try {
    session->set_host(servers_.open(*server, session->link()));
  } catch (const McpError& error) {
    sessions_.remove(session, error.what());
    return refuse_as(error.kind() == ErrorKind::rpc ? 502 : status_of(error.kind()), error.what());
  }
  return answer_initialize(session, std::move(message));
}

HttpReply HttpEndpoint::answer_initialize(const std::shared_ptr<GatewaySession>& session,
                                          wire::Request message) {
  const RequestId id = message.id;
  const auto& link = session->link();
  const auto stream = std::get<0>(link->open({id}));
  std::vector<wire::RpcMessage> messages;
  messages.emplace_back(std::move(message));
  session->deliver(std::move(messages));
  auto answer = stream->only_answer(options_.initialize_within);
  link->forget(stream);
  const auto error = link->initialize_error();
  if (answer && !error) {
    HttpReply reply = json_reply(std::move(*answer));
    reply.headers.emplace_back("Mcp-Session-Id", session->id());
    return reply;
  }
  // After an error the session ends, and its end says what kind of error it was.
  auto reason = link->wait_for_end(error ? 1'000ms : 0ms);
  if (!reason) reason = error.value_or(Error{ErrorKind::timeout, 0, "no answer in time", nullptr});
  sessions_.remove(session, reason->message);
  if (!answer) return error_reply(status_of(reason->kind), refused_code, reason->message, id);
  HttpReply reply = json_reply(std::move(*answer));
  reply.status = status_of(reason->kind);
  return reply;
}

HttpReply HttpEndpoint::ask(const std::shared_ptr<GatewaySession>& session,
                            std::vector<wire::RpcMessage> messages,
                            const std::vector<RequestId>& requests) {
  const bool batch = requests.size() > 1 || messages.size() > 1;
  const auto id = batch ? std::nullopt : std::make_optional(requests.front());
  auto slot = slots_.take();
  if (!slot) {
    return error_reply(503, error_code::server_busy, "too many requests are being answered", id);
  }
  auto opened = session->link()->open(requests);
  if (const auto* refused = std::get_if<HttpSession::Refused>(&opened)) {
    if (*refused == HttpSession::Refused::id_in_use) {
      return error_reply(400, error_code::invalid_request, "a request with this id is in flight",
                         id);
    }
    return error_reply(429, error_code::server_busy, "too many requests are in flight", id);
  }
  const auto stream = std::get<0>(std::move(opened));
  auto reader = std::make_shared<EventReader>(session, stream, stream->attach(), std::move(slot));
  const auto cancelled = cancelled_by(messages);
  session->deliver(std::move(messages));
  for (const RequestId& one : cancelled) session->link()->give_up(one);
  if (auto answer = stream->only_answer(batch ? 0ms : options_.answer_within)) {
    session->link()->forget(stream);
    return json_reply(std::move(*answer));
  }
  const bool nothing = stream->finished() && stream->drained();
  if (nothing && session->link()->closed()) {
    return error_reply(404, no_session_code, "the session is over", id);
  }
  // A stream that ends without an answer, since the host cancelled, is none to read on with.
  return stream_reply(std::move(reader), !nothing && primes(session));
}

HttpReply HttpEndpoint::get(const HttpRequest& request) {
  auto [session, refusal] = find_session(request, std::nullopt);
  if (!session) return std::move(refusal);
  if (const auto last = request.header("Last-Event-ID")) return resume(session, *last);
  return read_standalone(session);
}

HttpReply HttpEndpoint::read_standalone(const std::shared_ptr<GatewaySession>& session) {
  auto slot = slots_.take();
  if (!slot) return error_reply(503, error_code::server_busy, "there are too many streams");
  const auto& stream = session->link()->standalone();
  // The connection of the one before may be gone without anybody having seen it.
  stream->wait_detached(500ms);
  const std::uint64_t number = stream->attach_if_free();
  if (number == 0) {
    return error_reply(409, refused_code, "a stream of this session is open: one GET at a time");
  }
  auto reader = std::make_shared<EventReader>(session, stream, number, std::move(slot));
  session->link()->standalone_is_read();
  return stream_reply(std::move(reader), primes(session));
}

HttpReply HttpEndpoint::resume(const std::shared_ptr<GatewaySession>& session,
                               const std::string& last_event) {
  const auto id = parse_event_id(last_event);
  if (!id) return error_reply(400, refused_code, "Last-Event-ID is none of this session's");
  auto slot = slots_.take();
  if (!slot) return error_reply(503, error_code::server_busy, "there are too many streams");
  const auto stream = session->link()->find(id->stream);
  // 204: nothing more will come, and the client need not ask again.
  if (!stream) return empty_reply(204);
  auto reader =
      std::make_shared<EventReader>(session, stream, stream->attach(id->event), std::move(slot));
  if (stream->finished() && stream->drained()) return empty_reply(204);
  if (id->stream == 0) session->link()->standalone_is_read();
  return stream_reply(std::move(reader), false);
}

HttpReply HttpEndpoint::end(const HttpRequest& request) {
  auto [session, refusal] = find_session(request, std::nullopt);
  if (!session) return std::move(refusal);
  sessions_.remove(session, "the host ended it");
  return empty_reply(200);
}

}  // namespace mcp_mqtt::command_line
