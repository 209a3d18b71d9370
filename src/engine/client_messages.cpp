#include <algorithm>
#include <utility>

#include "engine/client_session.hpp"
#include "engine/error_of.hpp"
#include "engine/host_notice.hpp"
#include "ground/logging.hpp"

// What the server of a session sends: answers, requests, notifications.
namespace mcp_mqtt::engine {
namespace {

/// How many answers a batch of the server is owed.
std::size_t requests_in(const wire::Decoded& decoded) {
  return static_cast<std::size_t>(
      std::count_if(decoded.messages.begin(), decoded.messages.end(), [](const auto& item) {
        if (const auto* message = std::get_if<wire::RpcMessage>(&item)) {
          return std::holds_alternative<wire::Request>(*message);
        }
        const auto& rejected = std::get<wire::Rejected>(item);
        return rejected.id && !rejected.was_response;
      }));
}

}  // namespace

// --- Messages on RPC

bool ClientSession::takes_batches() const {
  return state_ == State::open && initialized_.revision == Revision::v2025_03_26;
}

void ClientSession::on_rpc(const mqtt::Message& message, TimePoint now) {
  heard_at_ = now;
  auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  if (decoded.batch && !takes_batches()) {
    refuse_batch(decoded);
    return;
  }
  std::shared_ptr<AnswerBatch> batch;
  if (decoded.batch) {
    batch = std::make_shared<AnswerBatch>();
    batch->missing = requests_in(decoded);
  }
  for (auto& item : decoded.messages) {
    if (state_ == State::closed) return;
    if (auto* valid = std::get_if<wire::RpcMessage>(&item)) {
      on_message(*valid, batch, now);
    } else {
      on_rejected(std::get<wire::Rejected>(item), batch);
    }
  }
}

/// Only 2025-03-26 has batches. Nobody may wait in vain for what stands in another one.
void ClientSession::refuse_batch(const wire::Decoded& decoded) {
  const std::string message =
      "a batch, which revision " + std::string(to_string(initialized_.revision)) + " does not have";
  log::peer(LogLevel::warning, "{}: {}", server(), message);
  const Error violation = error_of(ErrorKind::protocol_violation, message);
  for (const auto& item : decoded.messages) {
    if (state_ == State::closed) return;
    const auto* valid = std::get_if<wire::RpcMessage>(&item);
    if (valid == nullptr) continue;
    if (const auto* response = std::get_if<wire::Response>(valid)) {
      on_answer(response->id, violation);
    } else if (const auto* error = std::get_if<wire::ErrorResponse>(valid)) {
      if (error->id) on_answer(*error->id, violation);
    } else if (const auto* request = std::get_if<wire::Request>(valid)) {
      sender_.answer(request->id, rpc_error(error_code::invalid_request, message), nullptr);
    }
  }
}

void ClientSession::on_rejected(const wire::Rejected& rejected,
                                const std::shared_ptr<AnswerBatch>& batch) {
  log::peer(LogLevel::warning, "{}: a message that cannot be used: {}", server(),
            rejected.error.message);
  if (!rejected.id) return;
  if (rejected.was_response) {
    // An answer that names its request but is malformed still ends that request.
    on_answer(*rejected.id, error_of(ErrorKind::protocol_violation, rejected.error.message));
  } else {
    sender_.answer(*rejected.id, rejected.error, batch);
  }
}

void ClientSession::on_message(wire::RpcMessage& message, const std::shared_ptr<AnswerBatch>& batch,
                               TimePoint now) {
  if (auto* response = std::get_if<wire::Response>(&message)) {
    on_answer(response->id, std::move(response->result));
  } else if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) {
    if (error->id) {
      on_answer(*error->id, error->error);
    } else {
      log::peer(LogLevel::warning, "{}: an error without an id: {}", server(),
                log::printable(error->error.message));
    }
  } else if (const auto* request = std::get_if<wire::Request>(&message)) {
    on_server_request(*request, batch, now);
  } else {
    on_notification(std::get<wire::Notification>(message), now);
  }
}

void ClientSession::on_answer(const RequestId& id, Result<Json> result) {
  auto pending = requests_.take(id);
  if (!pending) {
    log::debug("{}: an answer to {}, which nobody waits for", server(), to_string(id));
  } else if (pending->call == 0) {
    on_initialized(std::move(result));
  } else {
    complete(*pending, std::move(result));
  }
}

void ClientSession::on_server_request(const wire::Request& request,
                                      const std::shared_ptr<AnswerBatch>& batch, TimePoint now) {
  if (answers_.in_flight(request.id)) {
    sender_.answer(
        request.id,
        rpc_error(error_code::invalid_request,
                  "a request with id " + to_string(request.id) + " is still being answered"),
        batch);
  } else if (request.method == "ping") {
    sender_.answer(request.id, Json::object(), batch);
  } else if (state_ != State::open) {
    sender_.answer(request.id,
                   rpc_error(error_code::invalid_request, log::printable(request.method, 100) +
                                                              " before notifications/initialized"),
                   batch);
  } else {
    answers_.on_request(request, batch, initialized_.revision, now);
  }
}

// --- Notifications

void ClientSession::on_notification(const wire::Notification& notification, TimePoint now) {
  if (notification.method == "notifications/disconnected") {
    close(error_of(ErrorKind::server_gone, server() + " ended the session"), false);
  } else if (state_ != State::open) {
    log::debug("{}: {} before the session is open", server(), log::printable(notification.method));
  } else if (notification.method == "notifications/progress") {
    on_progress(notification.params, now);
  } else if (notification.method == "notifications/cancelled") {
    answers_.on_cancelled(notification.params);
  } else if (!on_change(notification, Channel::rpc, now)) {
    auto notice = read_notice(notification);
    if (!notice) {
      log::debug("{}: {} is dropped: {}", server(), log::printable(notification.method),
                 notice.error().message);
    } else if (*notice) {
      shared_.out.emplace_back(ServerTold{setup_.number, **std::move(notice)});
    } else {
      log::debug("{}: {} is not for this client", server(), log::printable(notification.method));
    }
  }
}

Result<std::optional<HostNotice>> ClientSession::read_notice(
    const wire::Notification& notification) const {
  if (!shared_.config.unread_notices) return read_host_notice(notification);
  return std::optional<HostNotice>(UnreadNotice{notification.method, notification.params});
}

void ClientSession::on_progress(const Json& params, TimePoint now) {
  const auto token = params.find("progressToken");
  const auto value = params.find("progress");
  if (token == params.end() || value == params.end() || !value->is_number()) {
    log::debug("{}: progress without a token or a number is dropped", server());
    return;
  }
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

/// What a server may tell on either channel (T40), each once. False: something else.
bool ClientSession::on_change(const wire::Notification& notification, Channel channel,
                              TimePoint now) {
  if (notification.method == "notifications/resources/updated") {
    const auto uri = notification.params.find("uri");
    if (uri == notification.params.end() || !uri->is_string()) {
      log::debug("{}: an update without an uri is dropped", server());
      return true;
    }
    const auto& text = uri->get_ref<const std::string&>();
    auto hearers = shared_.subscriptions.hearers(setup_.number, text);
    // On the capability topic everybody hears of all resources.
    if (hearers.empty() || !duplicates_.admit("updated " + text, channel, now)) return true;
    shared_.out.emplace_back(ResourceChanged{std::move(hearers), text, false});
    return true;
  }
  if (!notification.method.ends_with("/list_changed")) return false;
  const auto notice = read_notice(notification);
  if (!notice || !*notice) return false;
  if (duplicates_.admit(notification.method, channel, now)) {
    shared_.out.emplace_back(ServerTold{setup_.number, **notice});
  }
  return true;
}

void ClientSession::on_capability(const mqtt::Message& message, TimePoint now) {
  if (state_ != State::open) return;
  const auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  for (const auto& item : decoded.messages) {
    const auto* valid = std::get_if<wire::RpcMessage>(&item);
    const auto* notification = valid == nullptr ? nullptr : std::get_if<wire::Notification>(valid);
    if (notification == nullptr || (decoded.batch && !takes_batches()) ||
        !on_change(*notification, Channel::capability, now)) {
      log::debug("{}: a message on the capability topic is dropped", server());
    }
  }
}

}  // namespace mcp_mqtt::engine
