#include "engine/client_session.hpp"

#include <fmt/format.h>
#include <utility>

#include "engine/handshake.hpp"
#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {
namespace {

constexpr CallToken initialize_call = 0;  // calls of the host have tokens from 1

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Error error_of(ErrorKind kind, std::string message) {
  return {kind, 0, std::move(message), nullptr};
}

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

ClientSession::ClientSession(ClientShared& shared, Setup setup, TimePoint now)
    : shared_(shared),
      setup_(std::move(setup)),
      handshake_deadline_(after(now, setup_.initialize_timeout)) {
  for (const bool rpc : {true, false}) {
    const Ticket ticket = shared_.new_ticket(setup_.number);
    subscribing_.insert(ticket);
    shared_.out.emplace_back(
        Subscribe{setup_.connection,
                  {rpc ? rpc_topic() : capability_topic(), mqtt::Qos::at_least_once, rpc},
                  ticket});
  }
}

std::string ClientSession::rpc_topic() const {
  return wire::rpc_topic(setup_.client_id, setup_.instance.server_id, setup_.instance.server_name);
}

std::string ClientSession::capability_topic() const {
  return wire::server_capability_topic(setup_.instance.server_id, setup_.instance.server_name);
}

std::string ClientSession::server() const {
  return fmt::format("{} ({})", setup_.instance.server_name, setup_.instance.server_id);
}

Result<Ticket> ClientSession::publish(std::string topic, const wire::RpcMessage& message) {
  auto payload = wire::encode(message, shared_.config.message_limits);
  if (!payload) return std::move(payload).error();
  const Ticket ticket = shared_.new_ticket(setup_.number);
  shared_.out.emplace_back(
      Publish{setup_.connection,
              {std::move(topic), *std::move(payload), mqtt::Qos::at_least_once, false,
               wire::publish_properties(wire::Component::client, setup_.client_id)},
              ticket});
  return ticket;
}

// --- The handshake

void ClientSession::on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (subscribing_.erase(ticket) == 0 || state_ != State::subscribing) return;
  if (ended_with_connection(outcome)) return;
  if (!outcome) {
    close(outcome.error(), false);
  } else if (subscribing_.empty()) {
    send_initialize(now);
  }
}

void ClientSession::send_initialize(TimePoint now) {
  state_ = State::initializing;
  RequestTiming timing;
  timing.timeout = *handshake_deadline_ - now;
  const auto id = requests_.add(initialize_call, "initialize", timing, false, now);
  auto sent =
      publish(wire::control_topic(setup_.instance.server_id, setup_.instance.server_name),
              wire::Request{id, "initialize",
                            initialize_params(shared_.config.implementation,
                                              shared_.config.capabilities, setup_.revision)});
  if (sent) {
    initialize_ticket_ = *sent;
  } else {
    close(sent.error(), false);
  }
}

void ClientSession::on_initialized(Result<Json> result) {
  handshake_deadline_.reset();
  if (!result) {
    close(result.error(), false);
    return;
  }
  auto initialized = read_initialize_result(*result);
  if (!initialized) {
    close(initialized.error(), true);
    return;
  }
  initialized_ = *std::move(initialized);
  auto sent = publish(rpc_topic(), wire::Notification{"notifications/initialized"});
  if (!sent) {
    close(sent.error(), false);
    return;
  }
  state_ = State::open;
}

// --- Requests

void ClientSession::request(CallToken call, std::string method, Json params, RequestTiming timing,
                            bool wants_progress, TimePoint now) {
  const auto fail = [&](Error error) {
    shared_.out.emplace_back(CompleteCall{call, std::move(error)});
  };
  if (state_ != State::open) {
    fail(state_ == State::closed ? reason_
                                 : error_of(ErrorKind::not_connected, "the session is not open"));
    return;
  }
  if (requests_.size() >= shared_.config.max_requests_per_session) {
    fail(error_of(ErrorKind::busy, fmt::format("{} requests to {} are under way already",
                                               requests_.size(), server())));
    return;
  }
  if (params.is_null()) params = Json::object();
  if (auto usable = check_params(params); !usable) {
    fail(std::move(usable).error());
    return;
  }
  const auto id = requests_.add(call, method, timing, wants_progress, now);
  if (wants_progress) params["_meta"]["progressToken"] = id;
  auto sent = publish(rpc_topic(), wire::Request{id, std::move(method), std::move(params)});
  if (sent) {
    publishing_.emplace(*sent, call);
  } else {
    static_cast<void>(requests_.take_call(call));
    fail(sent.error());
  }
}

bool ClientSession::cancel(CallToken call, const std::string& reason) {
  const auto pending = requests_.take_call(call);
  if (!pending) return false;
  tell_cancelled(pending->id, reason);
  shared_.out.emplace_back(
      CompleteCall{call, error_of(ErrorKind::cancelled, pending->method + " was cancelled")});
  return true;
}

void ClientSession::tell_cancelled(std::int64_t id, const std::string& reason) {
  Json params{{"requestId", id}};
  if (!reason.empty()) params["reason"] = reason;
  auto sent =
      publish(rpc_topic(), wire::Notification{"notifications/cancelled", std::move(params)});
  if (!sent) log::debug("{}: a cancellation was not sent: {}", server(), sent.error().message);
}

void ClientSession::on_published(Ticket ticket, const Result<void>& outcome) {
  const auto node = publishing_.extract(ticket);
  if (outcome) return;
  if (initialize_ticket_ == ticket && state_ == State::initializing) {
    if (ended_with_connection(outcome)) return;
    close(outcome.error(), false);
    return;
  }
  if (node.empty()) return;
  if (auto pending = requests_.take_call(node.mapped())) {
    shared_.out.emplace_back(CompleteCall{pending->call, outcome.error()});
  }
}

// --- Messages

void ClientSession::on_rpc(const mqtt::Message& message, TimePoint now) {
  const auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  for (const auto& item : decoded.messages) {
    if (state_ == State::closed) return;
    if (const auto* valid = std::get_if<wire::RpcMessage>(&item)) {
      on_message(*valid, now);
    } else {
      const auto& rejected = std::get<wire::Rejected>(item);
      log::warning("{}: a message that cannot be used: {}", server(), rejected.error.message);
      // An answer that names its request but is malformed still ends that request.
      if (rejected.was_response && rejected.id) {
        on_answer(*rejected.id, error_of(ErrorKind::protocol_violation, rejected.error.message));
      }
    }
  }
}

void ClientSession::on_message(const wire::RpcMessage& message, TimePoint now) {
  if (const auto* response = std::get_if<wire::Response>(&message)) {
    on_answer(response->id, response->result);
  } else if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) {
    if (error->id) {
      on_answer(*error->id, error->error);
    } else {
      log::warning("{}: an error without an id: {}", server(),
                   log::printable(error->error.message));
    }
  } else if (const auto* request = std::get_if<wire::Request>(&message)) {
    on_server_request(*request);
  } else {
    on_notification(std::get<wire::Notification>(message), now);
  }
}

void ClientSession::on_answer(const RequestId& id, Result<Json> result) {
  auto pending = requests_.take(id);
  if (!pending) {
    log::debug("{}: an answer to {}, which nobody waits for", server(), to_string(id));
  } else if (pending->call == initialize_call) {
    on_initialized(std::move(result));
  } else {
    shared_.out.emplace_back(CompleteCall{pending->call, std::move(result)});
  }
}

void ClientSession::on_server_request(const wire::Request& request) {
  wire::RpcMessage answer = wire::Response{request.id, Json::object()};
  if (request.method != "ping") {
    answer = wire::ErrorResponse{
        request.id, rpc_error(error_code::method_not_found,
                              "unknown method '" + log::printable(request.method, 100) + "'")};
  }
  auto sent = publish(rpc_topic(), answer);
  if (!sent) log::debug("{}: an answer was not sent: {}", server(), sent.error().message);
}

void ClientSession::on_notification(const wire::Notification& notification, TimePoint now) {
  if (notification.method == "notifications/disconnected") {
    close(error_of(ErrorKind::server_gone, server() + " ended the session"), false);
    return;
  }
  if (notification.method != "notifications/progress") {
    log::debug("{}: {} is not for this client", server(), log::printable(notification.method));
    return;
  }
  const Json& params = notification.params;
  const auto token = params.find("progressToken");
  const auto value = params.find("progress");
  if (token == params.end() || value == params.end() || !value->is_number()) return;
  const auto call = requests_.on_progress(*token, now);
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

// --- Time and the end

Deadline ClientSession::next_deadline() const {
  return earlier(handshake_deadline_, requests_.next_deadline());
}

void ClientSession::on_time(TimePoint now) {
  if (handshake_deadline_ && now >= *handshake_deadline_) {
    close(error_of(ErrorKind::timeout, server() + " did not answer initialize in time"), true);
    return;
  }
  for (const auto& pending : requests_.take_expired(now)) {
    const std::string message = fmt::format("{}: no answer from {} within {:g} s", pending.method,
                                            server(), seconds(pending.timing.timeout));
    tell_cancelled(pending.id, "timeout");
    shared_.out.emplace_back(CompleteCall{pending.call, error_of(ErrorKind::timeout, message)});
  }
}

void ClientSession::end(const Error& reason) {
  state_ = State::closed;
  reason_ = reason;
  handshake_deadline_.reset();
  for (const auto& pending : requests_.take_all()) {
    if (pending.call == initialize_call) continue;
    shared_.out.emplace_back(CompleteCall{pending.call, reason});
  }
}

void ClientSession::close(const Error& reason, bool tell_server) {
  if (state_ == State::closed) return;
  end(reason);
  if (tell_server) {
    shared_.out.emplace_back(
        Publish{setup_.connection,
                {rpc_topic(), wire::encode_disconnected(), mqtt::Qos::at_least_once, false,
                 wire::publish_properties(wire::Component::client, setup_.client_id)},
                0});
  }
  shared_.out.emplace_back(Unsubscribe{setup_.connection, capability_topic()});
  shared_.out.emplace_back(Unsubscribe{setup_.connection, rpc_topic()});
}

void ClientSession::close_without_connection(const Error& reason) {
  if (state_ != State::closed) end(reason);
}

}  // namespace mcp_mqtt::engine
