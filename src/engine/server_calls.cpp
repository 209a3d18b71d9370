#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/server_session.hpp"
#include "ground/logging.hpp"

// The calls of a session and its answers: from a tools/call to the handler's run and back.
namespace mcp_mqtt::engine {
namespace {

bool is_progress_token(const Json& token) { return token.is_string() || token.is_number_integer(); }

Json progress_token(const Json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return nullptr;
  const auto token = meta->find("progressToken");
  return token != meta->end() && is_progress_token(*token) ? *token : Json(nullptr);
}

void collect_answered_id(const wire::RpcMessage& message, std::vector<RequestId>& ids) {
  if (const auto* response = std::get_if<wire::Response>(&message)) {
    ids.push_back(response->id);
  } else if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) {
    if (error->id) ids.push_back(*error->id);
  }
}

}  // namespace

bool ServerSession::in_flight(const RequestId& id) const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [&](const auto& entry) { return entry.second.request == id; });
}

void ServerSession::call_tool(const wire::Request& request, const std::shared_ptr<Batch>& batch) {
  const auto name = request.params.find("name");
  if (name == request.params.end() || !name->is_string()) {
    answer(request.id,
           rpc_error(error_code::invalid_params, "tools/call needs a 'name' that is a string"),
           batch);
    return;
  }
  const auto& tool_name = name->get_ref<const std::string&>();
  auto tool = shared_.tools.find(tool_name);
  if (!tool) {
    answer(request.id,
           rpc_error(error_code::invalid_params,
                     "unknown tool '" + log::printable(tool_name, 140) + "'"),
           batch);
    return;
  }
  const auto given = request.params.find("arguments");
  Json arguments = given == request.params.end() || given->is_null() ? Json::object() : *given;
  if (!arguments.is_object()) {
    answer(request.id,
           rpc_error(error_code::invalid_params, "the 'arguments' of tools/call must be an object"),
           batch);
    return;
  }
  if (runs_.size() >= shared_.config.max_requests_per_session) {
    answer(request.id,
           rpc_error(error_code::server_busy, "busy: this session has " +
                                                  std::to_string(runs_.size()) +
                                                  " requests under way already"),
           batch);
    return;
  }
  const CallNumber call = shared_.new_call(client_id_);
  Run run;
  run.request = request.id;
  run.progress_token = progress_token(request.params);
  run.batch = batch;
  runs_.emplace(call, std::move(run));
  shared_.out.emplace_back(RunTool{call, std::move(tool), std::move(arguments), *live_});
}

void ServerSession::cancel(const Json& params) {
  const auto id = params.find("requestId");
  if (id == params.end()) return;
  for (auto& [call, run] : runs_) {
    const bool same =
        std::visit([&](const auto& value) { return *id == Json(value); }, run.request);
    if (!same || run.cancelled) continue;
    run.cancelled = true;  // its answer is no longer wanted
    shared_.out.emplace_back(CancelRun{call});
    return;
  }
}

Result<Json> ServerSession::outcome_json(Result<CallToolResult> outcome) const {
  if (outcome) return to_json(*outcome, revision());
  Error error = std::move(outcome).error();
  if (error.kind == ErrorKind::rpc) return error;
  if (error.kind == ErrorKind::invalid_argument && revision() < Revision::v2025_11_25) {
    return rpc_error(error_code::invalid_params, std::move(error.message));
  }
  return to_json(error_result(std::move(error.message)), revision());
}

void ServerSession::finish(CallNumber call, Result<CallToolResult> outcome) {
  auto node = runs_.extract(call);
  if (node.empty()) return;
  const Run& run = node.mapped();
  if (run.cancelled) {
    if (run.batch) settle(*run.batch, std::nullopt);
    return;
  }
  answer(run.request, outcome_json(std::move(outcome)), run.batch);
}

void ServerSession::report_progress(CallNumber call, const Progress& progress) {
  const auto found = runs_.find(call);
  if (found == runs_.end()) return;
  Run& run = found->second;
  if (run.progress_token.is_null() || run.cancelled) return;
  if (!std::isfinite(progress.progress)) return;                         // JSON has no such number
  if (run.progressed && progress.progress <= run.last_progress) return;  // must increase
  run.progressed = true;
  run.last_progress = progress.progress;
  Json params{{"progressToken", run.progress_token}, {"progress", progress.progress}};
  if (progress.total && std::isfinite(*progress.total)) params["total"] = *progress.total;
  if (!progress.message.empty() && revision() >= Revision::v2025_03_26) {
    params["message"] = progress.message;
  }
  send(wire::Notification{"notifications/progress", std::move(params)}, nullptr);
}

// --- Answers

void ServerSession::answer(const RequestId& id, Result<Json> result,
                           const std::shared_ptr<Batch>& batch) {
  if (result) {
    send(wire::Response{id, *std::move(result)}, batch);
  } else {
    send(wire::ErrorResponse{id, std::move(result).error()}, batch);
  }
}

void ServerSession::send(wire::RpcMessage message, const std::shared_ptr<Batch>& batch) {
  if (batch) {
    settle(*batch, std::move(message));
    return;
  }
  std::vector<RequestId> ids;
  collect_answered_id(message, ids);
  auto payload = wire::encode(message, shared_.config.message_limits);
  if (payload) {
    publish_answer(*std::move(payload), std::move(ids));
  } else {
    answer_unsent(ids, payload.error());
  }
}

/// A batch is answered once, with all its answers; a cancelled request adds none.
void ServerSession::settle(Batch& batch, std::optional<wire::RpcMessage> answer) {
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
  publish_answer(*std::move(payload), std::move(ids));
}

void ServerSession::publish_answer(std::string payload, std::vector<RequestId> ids) {
  Ticket ticket = 0;
  if (!ids.empty()) {
    ticket = shared_.new_ticket(client_id_);
    answers_in_flight_.emplace(ticket, std::move(ids));
  }
  shared_.out.emplace_back(Publish{0, shared_.rpc_message(client_id_, std::move(payload)), ticket});
}

/// What cannot be written or sent (too large, say) must not leave the client waiting. The outcome
/// of this answer is not watched: where it fails as well, nothing is left to try.
void ServerSession::answer_unsent(const std::vector<RequestId>& ids, const Error& cause) {
  log::warning("client {}: an answer was not sent: {}", client_id_, cause.message);
  const Error error =
      rpc_error(error_code::internal_error, "the answer cannot be sent: " + cause.message);
  for (const RequestId& id : ids) {
    auto payload = wire::encode(wire::ErrorResponse{id, error}, shared_.config.message_limits);
    if (payload) publish_answer(*std::move(payload), {});
  }
}

void ServerSession::on_published(Ticket ticket, const Result<void>& outcome) {
  const auto node = answers_in_flight_.extract(ticket);
  if (node.empty() || outcome || over_) return;
  if (!ended_with_connection(outcome)) answer_unsent(node.mapped(), outcome.error());
}

}  // namespace mcp_mqtt::engine
