#include <utility>

#include "engine/server_session.hpp"
#include "ground/logging.hpp"

// From the outcome of a handler to the answer that the client gets.
namespace mcp_mqtt::engine {
namespace {

void collect_answered_id(const wire::RpcMessage& message, std::vector<RequestId>& ids) {
  if (const auto* response = std::get_if<wire::Response>(&message)) {
    ids.push_back(response->id);
  } else if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) {
    if (error->id) ids.push_back(*error->id);
  }
}

}  // namespace

void ServerSession::finish(CallNumber call, Result<Json> outcome, TimePoint now) {
  const auto run = runs_.take(call);
  if (!run) return;
  last_active_ = now;
  if (proposal_ && proposal_->initialize == call) {
    relay_initialized(std::move(outcome));
  } else if (!run->task_id.empty()) {
    settle_task(call, std::move(outcome), now);
  } else if (run->cancelled) {
    if (run->batch) settle(*run->batch, std::nullopt);
  } else {
    answer(*run->request, std::move(outcome), run->batch);
  }
}

void ServerSession::answer(const RequestId& id, Result<Json> result, const Batch& batch) {
  if (result) {
    send(wire::Response{id, *std::move(result)}, batch);
  } else {
    send(wire::ErrorResponse{id, std::move(result).error()}, batch);
  }
}

void ServerSession::refuse(const RequestId& id, int code, std::string message, const Batch& batch) {
  answer(id, rpc_error(code, std::move(message)), batch);
}

void ServerSession::send(wire::RpcMessage message, const Batch& batch) {
  if (batch) {
    settle(*batch, std::move(message));
    return;
  }
  std::vector<RequestId> ids;
  collect_answered_id(message, ids);
  auto payload = wire::encode(message, shared_.config.message_limits);
  if (payload) {
    static_cast<void>(publish_answer(*std::move(payload), std::move(ids)));
  } else {
    answer_unsent(ids, payload.error());
  }
}

/// A batch is answered once, with all its answers; a cancelled request adds none.
void ServerSession::settle(AnswerBatch& batch, std::optional<wire::RpcMessage> answer) {
  if (answer) batch.answers.push_back(*std::move(answer));
  if (--batch.missing != 0 || batch.answers.empty()) return;
  auto payload = wire::encode_batch(batch.answers, shared_.config.message_limits);
  if (!payload) {
    // Too large together, or one of them cannot be written: the others still arrive.
    for (wire::RpcMessage& member : batch.answers) send(std::move(member), nullptr);
    return;
  }
  std::vector<RequestId> ids;
  for (const wire::RpcMessage& member : batch.answers) collect_answered_id(member, ids);
  static_cast<void>(publish_answer(*std::move(payload), std::move(ids)));
}

/// Notifications too; these and answers that are not watched have no ids. False: too much waits for
/// this client.
bool ServerSession::publish_answer(std::string payload, std::vector<RequestId> ids) {
  const Ticket ticket = shared_.new_ticket(client_id_);
  const std::size_t bytes = payload.size();
  if (!shared_.post(client_id_, std::move(payload), ticket)) {
    if (!ids.empty()) {
      answer_unsent(ids, {ErrorKind::busy, 0, "too much is on its way to this client", nullptr});
    } else if (!std::exchange(warned_full_, true)) {
      log::warning("client {}: what it is told is dropped ({} bytes now): {} messages wait for it",
                   client_id_, bytes, shared_.outbox.waiting(client_id_));
    }
    return false;
  }
  if (!shared_.outbox.crowded(client_id_)) warned_full_ = false;
  if (!ids.empty()) answers_in_flight_.emplace(ticket, std::move(ids));
  return true;
}

/// What cannot be written or sent (too large, say) must not leave the client waiting. The outcome
/// of this answer is not watched: where it fails as well, nothing is left to try.
void ServerSession::answer_unsent(const std::vector<RequestId>& ids, const Error& cause) {
  log::peer(cause.kind == ErrorKind::busy ? LogLevel::debug : LogLevel::warning,
            "client {}: an answer was not sent: {}", client_id_, cause.message);
  const bool busy = cause.kind == ErrorKind::busy;
  const Error error = rpc_error(
      busy ? error_code::server_busy : error_code::internal_error,
      (busy ? "busy: the answer cannot be sent: " : "the answer cannot be sent: ") + cause.message);
  for (const RequestId& id : ids) {
    auto payload = wire::encode(wire::ErrorResponse{id, error}, shared_.config.message_limits);
    if (payload) static_cast<void>(publish_answer(*std::move(payload), {}));
  }
}

void ServerSession::on_published(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (const auto again = notices_.settle(ticket)) {
    if (!ended_with_connection(outcome)) notify_once(again->key, again->notification);
    return;
  }
  if (const auto ask = asks_in_flight_.extract(ticket); !ask.empty()) {
    if (outcome) return;
    if (const auto pending = asks_.take_call(ask.mapped())) {
      complete_ask(*pending, outcome.error(), now);
    }
    return;
  }
  const auto node = answers_in_flight_.extract(ticket);
  if (outcome || over_ || ended_with_connection(outcome)) return;
  if (!node.empty()) {
    answer_unsent(node.mapped(), outcome.error());
  } else {
    log::peer(LogLevel::info, "client {}: a message was not sent: {}", client_id_,
              outcome.error().message);
  }
}

}  // namespace mcp_mqtt::engine
