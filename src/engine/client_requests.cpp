#include <fmt/format.h>
#include <utility>

#include "engine/client_session.hpp"
#include "engine/error_of.hpp"
#include "engine/feature_gates.hpp"
#include "ground/logging.hpp"

// The requests of a session to its server.
namespace mcp_mqtt::engine {
namespace {

Result<void> check_params(const Json& params) {
  if (!params.is_object()) {
    return error_of(ErrorKind::invalid_argument, "the params of a request must be an object");
  }
  const auto meta = params.find("_meta");
  if (meta != params.end() && !meta->is_object()) {
    return error_of(ErrorKind::invalid_argument, "the '_meta' of a request must be an object");
  }
  return {};
}

}  // namespace

Result<void> ClientSession::check(const std::string& method, const Json& params) const {
  if (state_ == State::closed) return reason_;
  if (draining_) return *draining_;
  if (state_ != State::open) return error_of(ErrorKind::not_connected, "the session is not open");
  if (requests_.size() >= shared_.config.max_requests_per_session) {
    return error_of(ErrorKind::busy, fmt::format("{} requests to {} are under way already",
                                                 requests_.size(), server()));
  }
  if (auto usable = check_params(params); !usable) return usable;
  return check_request(method, params, initialized_.capabilities, initialized_.revision);
}

void ClientSession::request(CallToken call, std::string method, Json params, RequestTiming timing,
                            bool wants_progress, TimePoint now) {
  if (params.is_null()) params = Json::object();
  if (auto allowed = check(method, params); !allowed) {
    shared_.complete(call, std::move(allowed).error());
    return;
  }
  const auto id = requests_.add(call, method, timing, wants_progress, now);
  if (wants_progress) params["_meta"]["progressToken"] = id;
  wire::RpcMessage message = wire::Request{id, std::move(method), std::move(params)};
  auto sent = sender_.publish(rpc_topic(), message);
  if (!sent) {
    static_cast<void>(requests_.take_call(call));
    shared_.complete(call, sent.error());
    return;
  }
  publishing_.emplace(*sent, call);
  if (setup_.kept && call < first_engine_call) {
    repeatable_.emplace(call, std::move(std::get<wire::Request>(message).params));
  }
}

void ClientSession::complete(const RequestTracker::Pending& pending, Result<Json> outcome) {
  repeatable_.erase(pending.call);
  if (pending.call == health_call) {
    pinging_ = false;
  } else {
    shared_.complete(pending.call, std::move(outcome));
  }
}

/// A request that was cut off: sent again in the next session where that cannot do harm.
void ClientSession::fail_or_hold(RequestTracker::Pending pending, const Error& error,
                                 bool never_left) {
  const auto params = repeatable_.find(pending.call);
  if (params == repeatable_.end() || !(never_left || pending.timing.idempotent)) {
    complete(pending, error);
    return;
  }
  HeldRequest held{
      setup_.number,  pending.call,           std::move(pending.method), std::move(params->second),
      pending.timing, pending.wants_progress, pending.deadline,          pending.cap,
      !never_left};
  repeatable_.erase(params);
  shared_.held.hold(std::move(held));
}

bool ClientSession::cancel(CallToken call, const std::string& reason) {
  const auto pending = requests_.take_call(call);
  if (!pending) return false;
  tell_cancelled(pending->id, reason);
  complete(*pending, error_of(ErrorKind::cancelled, pending->method + " was cancelled"));
  return true;
}

void ClientSession::tell_cancelled(std::int64_t id, const std::string& reason) {
  Json params{{"requestId", id}};
  if (!reason.empty()) params["reason"] = reason;
  sender_.notify("notifications/cancelled", std::move(params));
}

void ClientSession::on_published(Ticket ticket, const Result<void>& outcome) {
  if (sender_.on_published(ticket, outcome)) return;
  const auto node = publishing_.extract(ticket);
  if (outcome) {
    // It left: only what may be carried out twice is sent again.
    const auto params = node.empty() ? repeatable_.end() : repeatable_.find(node.mapped());
    if (params != repeatable_.end() && !requests_.is_idempotent(params->first)) {
      repeatable_.erase(params);
    }
    return;
  }
  if (initialize_ticket_ == ticket && state_ == State::initializing) {
    if (ended_with_connection(outcome)) return;
    close(outcome.error(), false);
    return;
  }
  if (node.empty()) return;
  if (auto pending = requests_.take_call(node.mapped())) {
    const bool never_left = outcome.error().kind == ErrorKind::not_connected;
    fail_or_hold(*std::move(pending), outcome.error(), never_left);
  }
}

}  // namespace mcp_mqtt::engine
