#include <fmt/format.h>
#include <utility>

#include "engine/client_gates.hpp"
#include "engine/server_session.hpp"
#include "ground/logging.hpp"

// Requests of the server to its client: roots, sampling, elicitation, ping.
namespace mcp_mqtt::engine {

void ServerSession::ask(CallToken call, std::string method, Json params, RequestTiming timing,
                        bool wants_progress, CallNumber origin, TimePoint now) {
  const auto fail = [&](Error error) { shared_.complete(call, std::move(error)); };
  if (!live_ || over_) {
    return fail({ErrorKind::client_gone, 0, "the client of this session is gone", nullptr});
  }
  if (params.is_null()) params = Json::object();
  if (!params.is_object()) {
    return fail(
        {ErrorKind::invalid_argument, 0, "the params of a request must be an object", nullptr});
  }
  if (const auto meta = params.find("_meta"); meta != params.end() && !meta->is_object()) {
    return fail(
        {ErrorKind::invalid_argument, 0, "the '_meta' of a request must be an object", nullptr});
  }
  if (auto declared = check_request_to_client(method, params, live_->capabilities, revision());
      !declared) {
    return fail(std::move(declared).error());
  }
  if (asks_.size() >= shared_.config.max_asks_per_session) {
    return fail(
        {ErrorKind::busy, 0,
         fmt::format("{} requests to client {} are under way already", asks_.size(), client_id_),
         nullptr});
  }
  if (const HandlerRun* run = runs_.find(origin); run != nullptr && !run->task_id.empty()) {
    params = with_related_task(std::move(params), run->task_id);
  }
  const auto id = asks_.add(call, method, timing, wants_progress, now);
  if (wants_progress) params["_meta"]["progressToken"] = id;
  auto payload = wire::encode(wire::Request{id, std::move(method), std::move(params)},
                              shared_.config.message_limits);
  if (!payload) {
    static_cast<void>(asks_.take_call(call));
    return fail(std::move(payload).error());
  }
  // The status goes first: whoever reads the question knows that its task waits for it.
  if (origin != 0) {
    ask_origin_.emplace(call, origin);
    if (const auto task = tasks_.set_input_required(origin, true, now)) tell_status(*task);
  }
  const Ticket ticket = shared_.new_ticket(client_id_);
  if (shared_.post(client_id_, *std::move(payload), ticket)) {
    asks_in_flight_.emplace(ticket, call);
  } else if (const auto pending = asks_.take_call(call)) {
    complete_ask(
        *pending,
        Error{ErrorKind::busy, 0, "too much is on its way to client " + client_id_, nullptr}, now);
  }
}

bool ServerSession::cancel_ask(CallToken call, const std::string& reason, TimePoint now) {
  const auto pending = asks_.take_call(call);
  if (!pending) return false;
  tell_cancelled(pending->id, reason);
  complete_ask(*pending,
               Error{ErrorKind::cancelled, 0, pending->method + " was cancelled", nullptr}, now);
  return true;
}

void ServerSession::complete_ask(const RequestTracker::Pending& ask, Result<Json> result,
                                 TimePoint now) {
  if (const auto origin = ask_origin_.extract(ask.call); !origin.empty()) {
    if (const auto task = tasks_.set_input_required(origin.mapped(), false, now)) {
      tell_status(*task);
    }
  }
  shared_.complete(ask.call, std::move(result));
}

void ServerSession::on_answer(const RequestId& id, Result<Json> result, TimePoint now) {
  const auto pending = asks_.take(id);
  if (!pending) {
    log::debug("client {}: an answer to {}, which nobody waits for", client_id_, to_string(id));
    return;
  }
  complete_ask(*pending, std::move(result), now);
}

void ServerSession::on_progress(const Json& params, TimePoint now) {
  const auto token = params.find("progressToken");
  const auto value = params.find("progress");
  if (token == params.end() || value == params.end() || !value->is_number()) return;
  const auto call = asks_.on_progress(*token, now);
  if (!call) return;
  Progress progress{value->get<double>()};
  if (const auto total = params.find("total"); total != params.end() && total->is_number()) {
    progress.total = total->get<double>();
  }
  if (const auto text = params.find("message"); text != params.end() && text->is_string()) {
    progress.message = text->get<std::string>();
  }
  shared_.out.emplace_back(CallProgressed{*call, std::move(progress)});
}

void ServerSession::tell_cancelled(std::int64_t id, const std::string& reason) {
  Json params{{"requestId", id}};
  if (!reason.empty()) params["reason"] = reason;
  notify("notifications/cancelled", std::move(params));
}

}  // namespace mcp_mqtt::engine
