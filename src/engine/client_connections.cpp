#include <algorithm>
#include <utility>

#include "engine/client_engine.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

// The MQTT connections of a client: the first one, which discovers, and those for further client
// ids (T30).
namespace mcp_mqtt::engine {

const std::string& ClientEngine::client_id(ConnectionNumber connection) const {
  static const std::string none;
  const auto link = links_.find(connection);
  return link == links_.end() ? none : link->second.client_id;
}

mqtt::Message ClientEngine::will(ConnectionNumber connection) const {
  const std::string& id = client_id(connection);
  return {wire::client_presence_topic(id), wire::encode_disconnected(), mqtt::Qos::at_least_once,
          false, wire::publish_properties(wire::Component::client, id)};
}

mqtt::UserProperties ClientEngine::connect_properties() const {
  return wire::connect_properties(wire::Component::client, shared_.config.connect_meta);
}

void ClientEngine::on_connected(ConnectionNumber connection, const mqtt::ConnectionInfo& info,
                                TimePoint now) {
  const auto link = links_.find(connection);
  if (link == links_.end() || leaving_) return;
  link->second.connected = true;
  shared_.max_answer_bytes = most_bytes(shared_.config.message_limits, info);
  if (connection == 0) gave_up_.reset();
  if (!info.assigned_client_id.empty()) link->second.client_id = info.assigned_client_id;
  if (connection == 0) {
    discovery_.on_connected(info, now);
    try_waiting_openings(now);
    return;
  }
  for (auto& [number, opening] : openings_) {
    if (opening.connection != connection || !opening.instance || opening.session != 0) continue;
    const ServerInstance& wanted = *opening.instance;
    if (discovery_.registry().contains(wanted.server_id, wanted.server_name)) {
      start_session(number, now);
    } else {
      fail_attempt(number, gone(wanted), now);
    }
    break;
  }
  if (link->second.sessions == 0) release_connection(connection);  // nobody wants it any more
}

void ClientEngine::on_connect_failed(ConnectionNumber connection, const Error& reason,
                                     TimePoint now) {
  links_.erase(connection);
  for (auto& [number, opening] : openings_) {
    if (opening.connection == connection && opening.instance && opening.session == 0) {
      fail_attempt(number, reason, now);
      return;
    }
  }
}

void ClientEngine::on_connection_lost(ConnectionNumber connection, const Error& reason,
                                      TimePoint now) {
  const auto link = links_.find(connection);
  if (link == links_.end()) return;
  link->second.connected = false;
  if (connection == 0) {
    discovery_.on_connection_lost(reason);
    avoided_.clear();  // it may have been our link that was silent
    for (auto& [number, opening] : openings_) {
      opening.gathered = false;
      opening.choose_at.reset();
      if (opening.only_same) reopen_without_limits(opening, now);
    }
  }
  std::vector<SessionNumber> lost;
  for (const auto& [number, session] : sessions_) {
    if (session->connection() == connection) lost.push_back(number);
  }
  for (const SessionNumber number : lost) {
    ClientSession& session = *session_of(number);
    session.close_without_connection(reason);
    settle(session, now);
  }
  if (connection == 0) {
    for (const auto& [number, session] : sessions_) doubtful_.insert(number);
  }
  if (connection != 0) {
    links_.erase(connection);
  } else if (!link->second.initialized.empty()) {
    // The servers knew us under this id: the next initializations need another one (T30).
    if (!shared_.config.fixed_client_id) {
      link->second.client_id = fresh_client_id(link->second.client_id);
    }
    link->second.initialized.clear();
  }
}

/// Same length, another tail: peers and ACLs count on the length.
std::string ClientEngine::fresh_client_id(const std::string& like) {
  if (like.empty()) return like;  // the broker assigns one
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
  std::string id = like;
  const std::size_t tail = std::min<std::size_t>(id.size(), 12);
  do {
    for (std::size_t i = id.size() - tail; i < id.size(); ++i) id[i] = letters[letter(random_)];
  } while (id == like);
  return id;
}

void ClientEngine::release_connection(ConnectionNumber connection) {
  if (leaving_) return;  // the goodbye still goes over it
  const auto link = links_.find(connection);
  if (connection == 0 || link == links_.end()) return;
  // Its client id leaves the broker, though the client stays (T42).
  if (link->second.connected) shared_.out.emplace_back(Publish{connection, will(connection), 0});
  links_.erase(link);
  shared_.out.emplace_back(CloseConnection{connection});
}

}  // namespace mcp_mqtt::engine
