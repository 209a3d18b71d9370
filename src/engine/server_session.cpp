#include "engine/server_session.hpp"

#include <algorithm>
#include <utility>

#include "engine/handshake.hpp"
#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {

mqtt::Message ServerShared::rpc_message(const std::string& client_id, std::string payload) const {
  const ServerInstance& self = config.instance;
  return {wire::rpc_topic(client_id, self.server_id, self.server_name), std::move(payload),
          config.qos, false, wire::publish_properties(wire::Component::server, self.server_id)};
}

Ticket ServerShared::new_ticket(const std::string& client_id) {
  ticket_owner.emplace(++last_ticket_, client_id);
  return last_ticket_;
}

CallNumber ServerShared::new_call(const std::string& client_id, std::size_t bytes) {
  calls.add(++last_call_, client_id, bytes);
  return last_call_;
}

bool ServerShared::post(const std::string& client_id, std::string payload, Ticket ticket) {
  if (!outbox.push(client_id, Publish{0, rpc_message(client_id, std::move(payload)), ticket})) {
    ticket_owner.erase(ticket);
    return false;
  }
  flow();
  return true;
}

void ServerShared::complete(CallToken call, Result<Json> result) {
  out.emplace_back(CompleteCall{call, std::move(result)});
}

ServerSession::ServerSession(ServerShared& shared, SessionNumber number, std::string client_id)
    : shared_(shared),
      number_(number),
      client_id_(std::move(client_id)),
      tasks_(shared.config.tasks, &shared.task_results),
      log_level_(shared.config.log_level),
      log_gate_(shared.config.log_burst, shared.config.log_messages_per_second) {
  ++shared_.provisional_sessions;
}

ServerSession::~ServerSession() {
  if (!live_) --shared_.provisional_sessions;
}

Revision ServerSession::revision() const {
  if (live_) return live_->revision;
  return proposal_ ? proposal_->client.revision : latest_revision;
}

std::vector<std::string> ServerSession::topics() const {
  const ServerInstance& self = shared_.config.instance;
  return {wire::rpc_topic(client_id_, self.server_id, self.server_name),
          wire::client_capability_topic(client_id_), wire::client_presence_topic(client_id_)};
}

// --- The handshake

void ServerSession::on_initialize(const wire::Request& request, TimePoint now) {
  last_active_ = now;
  auto proposal = read_initialize(request.params);
  if (!proposal) {
    answer(request.id, std::move(proposal).error(), nullptr);
    if (!live_ && !proposal_) over_ = true;
    return;
  }
  proposal->client_id = client_id_;
  drop_proposal();
  proposal_ = Proposal{request.id, *std::move(proposal), now + shared_.config.handshake_timeout};
  if (shared_.config.has_backend) proposal_->params = request.params;
  if (subscribed_) {
    answer_initialize();
  } else if (subscribing_.empty()) {
    subscribe_topics();
  }
}

void ServerSession::subscribe_topics() {
  for (std::string& topic : topics()) {
    const bool rpc = subscribing_.empty();
    const Ticket ticket = shared_.new_ticket(client_id_);
    subscribing_.insert(ticket);
    const mqtt::Qos qos = rpc ? shared_.config.qos : mqtt::Qos::at_least_once;
    shared_.out.emplace_back(Subscribe{0, {std::move(topic), qos, rpc}, ticket});
  }
}

void ServerSession::on_subscribed(Ticket ticket, const Result<void>& outcome) {
  if (subscribing_.erase(ticket) == 0 || over_ || ended_with_connection(outcome)) return;
  if (!outcome) {
    log::warning("client {}: a subscription for its session failed: {}", client_id_,
                 outcome.error().message);
    if (proposal_) {
      answer(proposal_->request,
             rpc_error(error_code::internal_error,
                       "the server could not subscribe: " + outcome.error().message),
             nullptr);
    }
    end(outcome.error(), false);
    return;
  }
  if (subscribing_.empty()) {
    subscribed_ = true;
    if (proposal_ && !proposal_->answered) answer_initialize();
  }
}

void ServerSession::answer_initialize() {
  if (shared_.config.has_backend) {
    relay_initialize();
    return;
  }
  proposal_->answered = true;
  proposal_->declared = shared_.features.capabilities();
  answer(proposal_->request,
         initialize_result(shared_.config.implementation, proposal_->declared,
                           shared_.config.instructions, proposal_->client.revision),
         nullptr);
}

/// `notifications/initialized` came on the client's own topic: what was proposed is in force.
void ServerSession::promote() {
  if (!proposal_ || !proposal_->answered) {
    log::debug("client {}: notifications/initialized without an initialize", client_id_);
    return;
  }
  if (live_) {
    // The client began anew: nobody waits for what it asked before.
    const Error reason{ErrorKind::client_gone, 0, "the client initialized again", nullptr};
    close_runs(reason);
    log_level_ = shared_.config.log_level;
    shared_.out.emplace_back(ClientGone{number_, *live_, reason});
  }
  if (!live_) --shared_.provisional_sessions;
  const CallNumber initialize = proposal_->initialize;
  live_ = std::move(proposal_->client);
  declared_ = std::move(proposal_->declared);
  proposal_.reset();
  shared_.out.emplace_back(ClientConnected{number_, *live_, initialize});
}

/// It comes to no session.
void ServerSession::drop_proposal() {
  if (!proposal_) return;
  if (const CallNumber initialize = proposal_->initialize; initialize != 0) {
    if (runs_.cancel(initialize)) shared_.out.emplace_back(CancelRun{initialize});
    shared_.out.emplace_back(HandshakeDropped{initialize});
  }
  proposal_.reset();
}

// --- Time

Deadline ServerSession::next_deadline() const {
  Deadline next = earlier(asks_.next_deadline(), tasks_.next_deadline());
  if (live_) next = earlier(next, log_gate_.next_deadline());
  if (proposal_) next = earlier(next, proposal_->deadline);
  return earlier(next, drain_deadline());
}

/// Of a server that is being drained: when this session has been idle for long enough.
Deadline ServerSession::drain_deadline() const {
  if (!shared_.draining_since || runs_.any_wanted() || asks_.size() != 0) return std::nullopt;
  return std::max(*shared_.draining_since, last_active_) + shared_.config.drain_quiet;
}

void ServerSession::on_time(TimePoint now) {
  for (const auto& ask : asks_.take_expired(now)) {
    tell_cancelled(ask.id, "timeout");
    complete_ask(ask,
                 Error{ErrorKind::timeout, 0,
                       ask.method + ": no answer from client " + client_id_ + " in time", nullptr},
                 now);
  }
  for (auto& expired : tasks_.take_expired(now)) stop_task(std::move(expired), now);
  tell_left_out(now);
  if (const Deadline drained = drain_deadline(); drained && now >= *drained) {
    end({ErrorKind::stopped, 0, "the server was drained", nullptr}, true);
    return;
  }
  if (!proposal_ || now < proposal_->deadline) return;
  if (!proposal_->answered && proposal_->initialize != 0) {
    answer(proposal_->request,
           rpc_error(error_code::internal_error, "initialize was not answered in time"), nullptr);
  }
  if (live_) {
    drop_proposal();  // the session in use goes on; the claim was never proved
    return;
  }
  log::info("client {}: no notifications/initialized in time, the session ends", client_id_);
  end({ErrorKind::timeout, 0, "the client did not finish the handshake", nullptr}, false);
}

// --- Messages

void ServerSession::on_rpc(const mqtt::Message& message, TimePoint now) {
  last_active_ = now;
  auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  if (decoded.batch && (!live_ || live_->revision != Revision::v2025_03_26)) {
    send(wire::ErrorResponse{std::nullopt, rpc_error(error_code::invalid_request,
                                                     "batches belong to revision 2025-03-26")},
         nullptr);
    return;
  }
  request_bytes_ = message.payload.size() / decoded.messages.size();
  Batch batch;
  if (decoded.batch) {
    batch = std::make_shared<AnswerBatch>();
    for (const auto& item : decoded.messages) {
      const auto* rejected = std::get_if<wire::Rejected>(&item);
      const auto* valid = std::get_if<wire::RpcMessage>(&item);
      if (rejected != nullptr ? !rejected->was_response
                              : std::holds_alternative<wire::Request>(*valid)) {
        ++batch->missing;
      }
    }
  }
  for (auto& item : decoded.messages) {
    if (over_) return;
    if (auto* valid = std::get_if<wire::RpcMessage>(&item)) {
      handle(*valid, batch, now);
      continue;
    }
    const auto& rejected = std::get<wire::Rejected>(item);
    log::peer(LogLevel::info, "client {}: a message that cannot be used: {}", client_id_,
              rejected.error.message);
    if (!rejected.was_response) {
      send(wire::ErrorResponse{rejected.id, rejected.error}, batch);
    } else if (rejected.id) {
      // An answer that names its request but is malformed still ends that request.
      on_answer(*rejected.id,
                Error{ErrorKind::protocol_violation, 0, rejected.error.message, nullptr}, now);
    }
  }
}

void ServerSession::handle(wire::RpcMessage& message, const Batch& batch, TimePoint now) {
  if (auto* request = std::get_if<wire::Request>(&message)) {
    handle_request(*request, batch, now);
  } else if (const auto* notification = std::get_if<wire::Notification>(&message)) {
    handle_notification(*notification, now);
  } else if (auto* response = std::get_if<wire::Response>(&message)) {
    on_answer(response->id, std::move(response->result), now);
  } else {
    const auto& error = std::get<wire::ErrorResponse>(message);
    if (error.id) {
      on_answer(*error.id, error.error, now);
    } else {
      log::peer(LogLevel::info, "client {}: an error without an id: {}", client_id_,
                log::printable(error.error.message));
    }
  }
}

void ServerSession::handle_notification(const wire::Notification& notification, TimePoint now) {
  const std::string& method = notification.method;
  if (method == "notifications/initialized") {
    promote();
  } else if (method == "notifications/cancelled") {
    cancel_request(notification.params);
  } else if (method == "notifications/disconnected") {
    end({ErrorKind::client_gone, 0, "the client left", nullptr}, false);
  } else if (method == "notifications/progress") {
    on_progress(notification.params, now);
  } else if (shared_.config.has_backend) {
    relay_notification(notification);
  } else if (method == "notifications/roots/list_changed" && live_) {
    shared_.out.emplace_back(ClientRootsChanged{number_, *live_});
  } else if (method == "notifications/tasks/status" && live_) {
    auto task = task_from_json(notification.params);
    if (task) shared_.out.emplace_back(ClientTaskStatus{number_, *live_, *std::move(task)});
  } else {
    log::debug("client {}: {} is not for this server", client_id_, log::printable(method));
  }
}

/// T40. What belongs on the RPC topic is not taken here.
void ServerSession::on_capability(const mqtt::Message& message) {
  const auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  const auto* valid = std::get_if<wire::RpcMessage>(&decoded.messages.front());
  const auto* notification = valid == nullptr ? nullptr : std::get_if<wire::Notification>(valid);
  const bool roots =
      notification != nullptr && notification->method == "notifications/roots/list_changed";
  if (roots && shared_.config.has_backend) {
    relay_notification(*notification);
  } else if (roots && live_) {
    shared_.out.emplace_back(ClientRootsChanged{number_, *live_});
  } else {
    log::debug("client {}: its capability topic says nothing that a server knows", client_id_);
  }
}

// --- The end

void ServerSession::close_runs(const Error& reason) {
  for (const CallNumber waiter : tasks_.clear()) drop_waiter(waiter);
  for (const CallNumber call : runs_.take_all()) shared_.out.emplace_back(CancelRun{call});
  for (const auto& ask : asks_.take_all()) {
    shared_.complete(ask.call, reason);
  }
  ask_origin_.clear();
  asks_in_flight_.clear();
  notices_.clear();
  for (const std::string& uri : std::exchange(subscriptions_, {})) {
    shared_.out.emplace_back(SubscriptionChanged{*live_, uri, false});
  }
  subscription_bytes_ = 0;
}

void ServerSession::announce_gone(const Error& reason) {
  over_ = true;
  close_runs(reason);
  drop_proposal();
  if (live_) shared_.out.emplace_back(ClientGone{number_, *live_, reason});
}

void ServerSession::end(const Error& reason, bool tell_client) {
  if (over_) return;
  announce_gone(reason);
  if (tell_client) {
    // After what waits for it: answers that it was still owed.
    for (Publish& message : shared_.outbox.take_all(client_id_)) {
      shared_.out.emplace_back(std::move(message));
    }
    shared_.out.emplace_back(
        Publish{0, shared_.rpc_message(client_id_, wire::encode_disconnected()), 0});
  } else {
    for (const Ticket ticket : shared_.outbox.drop(client_id_)) shared_.ticket_owner.erase(ticket);
  }
  for (std::string& topic : topics()) shared_.out.emplace_back(Unsubscribe{0, std::move(topic)});
}

void ServerSession::end_without_connection(const Error& reason) {
  if (!over_) announce_gone(reason);
}

}  // namespace mcp_mqtt::engine
