#include "engine/server_session.hpp"

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
          mqtt::Qos::at_least_once, false,
          wire::publish_properties(wire::Component::server, self.server_id)};
}

Ticket ServerShared::new_ticket(const std::string& client_id) {
  ticket_owner.emplace(++last_ticket_, client_id);
  return last_ticket_;
}

CallNumber ServerShared::new_call(const std::string& client_id) {
  call_owner.emplace(++last_call_, client_id);
  return last_call_;
}

ServerSession::ServerSession(ServerShared& shared, std::string client_id)
    : shared_(shared), client_id_(std::move(client_id)) {}

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
  auto proposal = read_initialize(request.params);
  if (!proposal) {
    answer(request.id, std::move(proposal).error(), nullptr);
    if (!live_ && !proposal_) over_ = true;
    return;
  }
  proposal->client_id = client_id_;
  proposal_ = Proposal{request.id, *std::move(proposal), now + shared_.config.handshake_timeout};
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
    shared_.out.emplace_back(
        Subscribe{0, {std::move(topic), mqtt::Qos::at_least_once, rpc}, ticket});
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
  proposal_->answered = true;
  answer(proposal_->request,
         initialize_result(shared_.config.implementation, shared_.config.instructions,
                           proposal_->client.revision),
         nullptr);
}

/// `notifications/initialized` came on the client's own topic: what was proposed is in force.
void ServerSession::promote() {
  if (!proposal_ || !proposal_->answered) {
    log::debug("client {}: notifications/initialized without an initialize", client_id_);
    return;
  }
  const bool again = live_.has_value();
  if (again) close_runs();
  live_ = std::move(proposal_->client);
  proposal_.reset();
  if (!again) shared_.out.emplace_back(ClientConnected{*live_});
}

void ServerSession::on_time(TimePoint now) {
  if (!proposal_ || now < proposal_->deadline) return;
  if (live_) {
    proposal_.reset();  // the session in use goes on; the claim was never proved
    return;
  }
  log::info("client {}: no notifications/initialized in time, the session ends", client_id_);
  end({ErrorKind::timeout, 0, "the client did not finish the handshake", nullptr}, false);
}

// --- Messages

void ServerSession::on_rpc(const mqtt::Message& message) {
  auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  if (decoded.batch && (!live_ || live_->revision != Revision::v2025_03_26)) {
    send(wire::ErrorResponse{std::nullopt, rpc_error(error_code::invalid_request,
                                                     "batches belong to revision 2025-03-26")},
         nullptr);
    return;
  }
  std::shared_ptr<Batch> batch;
  if (decoded.batch) {
    batch = std::make_shared<Batch>();
    for (const auto& item : decoded.messages) {
      const auto* rejected = std::get_if<wire::Rejected>(&item);
      const auto* valid = std::get_if<wire::RpcMessage>(&item);
      if (rejected != nullptr ? !rejected->was_response
                              : std::holds_alternative<wire::Request>(*valid)) {
        ++batch->missing;
      }
    }
  }
  for (const auto& item : decoded.messages) {
    if (over_) return;
    if (const auto* valid = std::get_if<wire::RpcMessage>(&item)) {
      handle(*valid, batch);
      continue;
    }
    const auto& rejected = std::get<wire::Rejected>(item);
    log::info("client {}: a message that cannot be used: {}", client_id_, rejected.error.message);
    if (!rejected.was_response) send(wire::ErrorResponse{rejected.id, rejected.error}, batch);
  }
}

void ServerSession::handle(const wire::RpcMessage& message, const std::shared_ptr<Batch>& batch) {
  if (const auto* request = std::get_if<wire::Request>(&message)) {
    handle_request(*request, batch);
  } else if (const auto* notification = std::get_if<wire::Notification>(&message)) {
    handle_notification(*notification);
  } else {
    log::debug("client {}: an answer to nothing that was asked", client_id_);
  }
}

void ServerSession::handle_request(const wire::Request& request,
                                   const std::shared_ptr<Batch>& batch) {
  if (in_flight(request.id)) {
    answer(request.id,
           rpc_error(error_code::invalid_request,
                     "a request with id " + to_string(request.id) + " is still being answered"),
           batch);
  } else if (request.method == "ping") {
    answer(request.id, Json::object(), batch);
  } else if (request.method == "tools/list") {
    // Also before the handshake: a bridge in the field asks so after its own restart.
    answer(request.id, shared_.tools.list(request.params, revision()), batch);
  } else if (request.method == "initialize") {
    answer(request.id,
           rpc_error(error_code::invalid_request, "initialize belongs on the control topic"),
           batch);
  } else if (!live_) {
    answer(request.id,
           rpc_error(error_code::invalid_request,
                     log::printable(request.method, 100) + " before notifications/initialized"),
           batch);
  } else if (request.method == "tools/call") {
    call_tool(request, batch);
  } else {
    answer(request.id,
           rpc_error(error_code::method_not_found,
                     "unknown method '" + log::printable(request.method, 100) + "'"),
           batch);
  }
}

void ServerSession::handle_notification(const wire::Notification& notification) {
  if (notification.method == "notifications/initialized") {
    promote();
  } else if (notification.method == "notifications/cancelled") {
    cancel(notification.params);
  } else if (notification.method == "notifications/disconnected") {
    end({ErrorKind::client_gone, 0, "the client left", nullptr}, false);
  } else {
    log::debug("client {}: {} is not for this server", client_id_,
               log::printable(notification.method));
  }
}

// --- The end

void ServerSession::close_runs() {
  for (const auto& [call, run] : runs_) {
    if (!run.cancelled) shared_.out.emplace_back(CancelRun{call});
  }
  runs_.clear();
}

void ServerSession::announce_gone(const Error& reason) {
  over_ = true;
  close_runs();
  proposal_.reset();
  if (live_) shared_.out.emplace_back(ClientGone{*live_, reason});
}

void ServerSession::end(const Error& reason, bool tell_client) {
  if (over_) return;
  announce_gone(reason);
  if (tell_client) {
    shared_.out.emplace_back(
        Publish{0, shared_.rpc_message(client_id_, wire::encode_disconnected()), 0});
  }
  for (std::string& topic : topics()) shared_.out.emplace_back(Unsubscribe{0, std::move(topic)});
}

void ServerSession::end_without_connection(const Error& reason) {
  if (!over_) announce_gone(reason);
}

}  // namespace mcp_mqtt::engine
