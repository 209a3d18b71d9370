#include <utility>

#include "engine/server_engine.hpp"
#include "ground/logging.hpp"
#include "wire/user_properties.hpp"

// Who is asking: the control topic, where only a user property says it, and the clients' own
// topics.
namespace mcp_mqtt::engine {

void ServerEngine::on_control(const mqtt::Message& message, TimePoint now) {
  if (message.retain) {
    // A broker keeps it: it would open a session each time this server starts.
    log::peer(LogLevel::warning,
              "a retained message on the control topic is dropped: an initialize is never kept");
    return;
  }
  const auto sender = wire::sender_id(message.user_properties);
  if (!sender) {
    log::peer(LogLevel::warning, "an initialize without MCP-MQTT-CLIENT-ID: nobody to answer to");
    return;
  }
  const std::string client_id(*sender);
  if (auto valid = wire::check_client_id(client_id); !valid) {
    log::peer(LogLevel::warning, "an initialize from a client id that cannot be used: {}",
              valid.error().message);
    return;
  }
  const auto decoded = wire::decode(message.payload, shared_.config.message_limits);
  const auto& first = decoded.messages.front();
  ServerSession* session = session_of(client_id);
  const auto answers_another = [&](const RequestId& id) {
    // Whoever posed as this client would make its call end with our answer to this.
    if (session == nullptr || !session->is_answering(id)) return false;
    log::peer(LogLevel::warning,
              "client {}: a control message under the id of a request under way is dropped",
              client_id);
    return true;
  };
  if (const auto* rejected = std::get_if<wire::Rejected>(&first)) {
    if (rejected->id && answers_another(*rejected->id)) return;
    log::peer(LogLevel::info, "client {}: a control message that cannot be used: {}", client_id,
              rejected->error.message);
    if (!rejected->was_response) refuse(client_id, {rejected->id, rejected->error});
    return;
  }
  const auto* request = std::get_if<wire::Request>(&std::get<wire::RpcMessage>(first));
  if (request == nullptr || decoded.batch) {
    log::peer(LogLevel::info, "client {}: only a single initialize belongs on the control topic",
              client_id);
    return;
  }
  if (answers_another(request->id)) return;
  if (request->method != "initialize") {
    refuse(client_id, {request->id, rpc_error(error_code::invalid_request,
                                              "only initialize belongs on the control topic")});
    return;
  }
  if (state_ == State::draining) {
    refuse(client_id, {request->id, rpc_error(error_code::server_busy,
                                              "this server is being drained: open a session with "
                                              "another instance")});
    return;
  }
  if (session == nullptr) session = begin_session(client_id, request->id);
  if (session == nullptr) return;
  session->on_initialize(*request, now);
  settle(*session);
}

/// nullptr where there is no room for another one; the client knows then.
ServerSession* ServerEngine::begin_session(const std::string& client_id, const RequestId& request) {
  const bool full = sessions_.size() >= shared_.config.max_sessions;
  if (full || shared_.provisional_sessions >= shared_.config.max_provisional_sessions) {
    refuse(client_id,
           {request, rpc_error(error_code::server_busy,
                               full ? "busy: this server has all the sessions it takes"
                                    : "busy: too many clients shake hands with this server")});
    return nullptr;
  }
  const SessionNumber number = ++last_session_;
  const auto added =
      sessions_.emplace(client_id, std::make_unique<ServerSession>(shared_, number, client_id));
  ServerSession* session = added.first->second.get();
  by_number_.emplace(number, session);
  return session;
}

/// Those who get no session have one turn together: however many they are, they hold up nobody.
void ServerEngine::refuse(const std::string& client_id, const wire::ErrorResponse& answer) {
  auto payload = wire::encode(answer, shared_.config.message_limits);
  if (!payload) return;
  const bool sent = shared_.outbox.push(
      "", Publish{0, shared_.rpc_message(client_id, *std::move(payload)), shared_.new_ticket()});
  if (!sent) log::debug("client {}: too many are refused at a time: it hears nothing", client_id);
  shared_.flow();
}

bool ServerEngine::is_from(const std::string& client_id, const mqtt::Message& message) {
  if (message.retain) {
    // Kept from an earlier life of the client: the session has just subscribed.
    log::peer(LogLevel::warning, "client {}: a retained message on its topic is dropped",
              client_id);
    return false;
  }
  const auto sender = wire::sender_id(message.user_properties);
  if (!sender || *sender == client_id) return true;
  log::peer(LogLevel::warning, "client {}: a message from '{}' on its topic is dropped", client_id,
            log::printable(*sender));
  return false;
}

}  // namespace mcp_mqtt::engine
