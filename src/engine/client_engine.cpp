#include "engine/client_engine.hpp"

#include <algorithm>
#include <utility>

#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {

ClientEngine::ClientEngine(ClientConfig config, std::string client_id,
                           std::mt19937_64::result_type seed)
    : shared_(std::move(config)),
      discovery_(shared_),
      random_(seed),
      avoided_(shared_.config.avoid_at_first, shared_.config.avoid_for) {
  links_[0].client_id = std::move(client_id);
}

// --- Events

ClientSession* ClientEngine::session_of(SessionNumber number) const {
  const auto found = sessions_.find(number);
  if (found == sessions_.end()) return nullptr;
  touched_.insert(number);
  return found->second.get();
}

void ClientEngine::refresh_deadlines() const {
  for (const SessionNumber number : touched_) {
    const auto session = sessions_.find(number);
    deadlines_.set(number,
                   session == sessions_.end() ? std::nullopt : session->second->next_deadline());
  }
  touched_.clear();
}

ClientSession* ClientEngine::take_ticket(Ticket ticket) {
  const auto owner = shared_.ticket_owner.extract(ticket);
  return owner.empty() ? nullptr : session_of(owner.mapped());
}

void ClientEngine::on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (discovery_.on_subscribed(ticket, outcome)) return fail_what_cannot_be_found(now);
  if (ClientSession* session = take_ticket(ticket)) {
    session->on_subscribed(ticket, outcome, now);
    settle(*session, now);
  }
}

void ClientEngine::on_published(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (goodbyes_.erase(ticket) != 0) {
    if (goodbyes_.empty()) shared_.out.emplace_back(ClientLeft{});
    return;
  }
  if (ClientSession* session = take_ticket(ticket)) {
    session->on_published(ticket, outcome);
    settle(*session, now);
  }
}

void ClientEngine::on_message(ConnectionNumber connection, const mqtt::Message& message,
                              TimePoint now) {
  if (leaving_) return;
  // Nearly all messages are of a session, and its topic needs no taking apart.
  const auto known = session_by_rpc_topic_.find(message.topic);
  if (known != session_by_rpc_topic_.end()) {
    on_session_message(known->second, connection, message, now);
    return;
  }
  const wire::Topic topic = wire::parse_topic(message.topic);
  if (const auto* capability = std::get_if<wire::ServerCapabilityTopic>(&topic)) {
    ClientSession* session =
        session_for(connection, capability->server_id, capability->server_name, message);
    if (session != nullptr) session->on_capability(message, now);
  } else if (const auto* presence = std::get_if<wire::ServerPresenceTopic>(&topic)) {
    if (connection != 0) return;
    if (!discovery_.is_from(presence->server_id, presence->server_name, message)) return;
    auto change = discovery_.on_presence(presence->server_id, presence->server_name, message, now);
    if (!message.payload.empty()) {
      if (change) apply(*std::move(change), now, !message.retain);
      return;
    }
    const ServerInstance instance{presence->server_id, presence->server_name, "", Json::object()};
    const bool draining = wire::says_draining(message.user_properties);
    if (draining) drain_sessions_of(instance);
    if (change) apply(*std::move(change), now, !message.retain);
    close_sessions_of(instance, now, !draining);
  } else {
    log::debug("a message on {}, which is not for a client", log::printable(message.topic));
  }
}

void ClientEngine::on_session_message(SessionNumber number, ConnectionNumber connection,
                                      const mqtt::Message& message, TimePoint now) {
  ClientSession* session = session_of(number);
  if (session == nullptr || session->connection() != connection) return;
  if (!may_be_of(session->instance().server_id, message)) return;
  session->on_rpc(message, now);
  settle(*session, now);
}

Error ClientEngine::gone(const ServerInstance& instance) {
  return {ErrorKind::server_gone, 0, instance.server_name + " (" + instance.server_id + ") is gone",
          nullptr};
}

void ClientEngine::apply(InstanceChange change, TimePoint now, bool live) {
  const std::string name = change.instance.server_name;
  if (live && change.kind != InstanceChange::Kind::offline) {
    avoided_.forget(change.instance.server_id);
    restart_handshakes(change.instance, now);
  }
  if (change.kind != InstanceChange::Kind::offline) probe_doubtful(change.instance, now);
  if (change.kind == InstanceChange::Kind::again) {
    try_waiting_openings(now);
    open_by_itself(name, now);
    return;
  }
  if (change.kind == InstanceChange::Kind::offline) {
    const ServerInstance instance = change.instance;
    shared_.out.emplace_back(InstanceChanged{std::move(change)});
    avoided_.forget(instance.server_id);
    close_sessions_of(instance, now, false);
    if (!discovery_.registry().service_online(name)) closed_by_host_.erase(name);
    return;
  }
  if (change.kind == InstanceChange::Kind::online) avoided_.forget(change.instance.server_id);
  const std::size_t told = shared_.out.size();
  shared_.out.emplace_back(InstanceChanged{std::move(change)});
  std::erase_if(waiters_, [&](const auto& item) {
    if (!wire::filter_matches(item.second.filter, name)) return false;
    ServerInstance found = std::get<InstanceChanged>(shared_.out[told]).change.instance;
    shared_.out.emplace_back(InstanceFound{item.first, std::move(found)});
    return true;
  });
  try_waiting_openings(now);
  open_by_itself(name, now);
}

/// Another process may answer under this server-id by now, which knows of no session.
void ClientEngine::probe_doubtful(const ServerInstance& instance, TimePoint now) {
  std::erase_if(doubtful_, [&](SessionNumber number) {
    ClientSession* session = session_of(number);
    if (session == nullptr) return true;
    if (session->instance().server_id != instance.server_id ||
        session->instance().server_name != instance.server_name) {
      return false;
    }
    session->probe(now);
    return true;
  });
}

std::vector<SessionNumber> ClientEngine::sessions_with(const ServerInstance& instance) const {
  std::vector<SessionNumber> numbers;
  for (const auto& [number, session] : sessions_) {
    if (session->instance().server_id == instance.server_id &&
        session->instance().server_name == instance.server_name) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

void ClientEngine::drain_sessions_of(const ServerInstance& instance) {
  const Error reason{ErrorKind::server_gone, 0,
                     instance.server_name + " (" + instance.server_id +
                         ") is being drained and takes no more requests",
                     nullptr};
  for (const SessionNumber number : sessions_with(instance)) session_of(number)->drain(reason);
}

/// Whether another instance takes over when the requests under way are over.
bool ClientEngine::moves_on(const ClientSession& session) const {
  const auto kept = kept_.find(session.number());
  return session.draining() && kept != kept_.end() && kept->second.request.reopen == Reopen::always;
}

/// T43: the instance is gone, and so are its sessions, but for those of a server that is being
/// drained: they may finish, unless `draining_too`.
void ClientEngine::close_sessions_of(const ServerInstance& instance, TimePoint now,
                                     bool draining_too) {
  for (const SessionNumber number : sessions_with(instance)) {
    ClientSession& session = *session_of(number);
    if (draining_too || !session.draining()) session.vanish(gone(instance));
    settle(session, now);
  }
}

/// A session that opened goes to who asked for it; one that is over leaves, and its opening, if it
/// never opened, goes on with another instance.
void ClientEngine::settle(ClientSession& session, TimePoint now) {
  for (const auto& one : shared_.subscriptions.take_again()) {
    // Not settled: `session` may be this one. Where it is over, what waits for it is told so.
    if (ClientSession* asked = session_of(one.session)) {
      asked->request(one.wanted.call, "resources/subscribe", Json{{"uri", one.wanted.uri}},
                     {shared_.config.subscribe_timeout, false, {}}, false, now);
    }
  }
  session.close_when_drained();
  const SessionNumber number = session.number();
  const auto opening = std::find_if(openings_.begin(), openings_.end(), [&](const auto& item) {
    return item.second.session == number;
  });
  if (session.state() == ClientSession::State::open && opening != openings_.end()) {
    const Opening done = std::move(opening->second);
    avoided_.forget(session.instance().server_id);
    openings_.erase(opening);
    // Nobody tells us yet whether its instance stays.
    if (const auto first = links_.find(0); first == links_.end() || !first->second.connected) {
      doubtful_.insert(number);
    }
    if (done.reopens != 0) {
      on_reopened(session, now);
      try_waiting_openings(now);
      return;
    }
    if (done.request.reopen != Reopen::never) kept_[number] = {done.request, session.instance()};
    shared_.out.emplace_back(SessionOpened{done.request.call, number, session.info()});
    renew_subscriptions(session, now);
    try_waiting_openings(now);  // who avoided this instance need not any more
    return;
  }
  if (session.state() != ClientSession::State::closed) return;
  const auto owned = std::move(sessions_.at(number));
  sessions_.erase(number);
  deadlines_.set(number, std::nullopt);
  doubtful_.erase(number);
  last_request_id_ = std::max(last_request_id_, owned->last_request_id());
  session_by_rpc_topic_.erase(owned->rpc_topic());
  // The outcome of what is under way may never come: its connection may be closed first.
  std::erase_if(shared_.ticket_owner, [&](const auto& item) { return item.second == number; });
  const ConnectionNumber connection = owned->connection();
  if (const auto link = links_.find(connection); link != links_.end()) --link->second.sessions;
  if (opening != openings_.end()) {
    fail_attempt(opening->first, owned->reason(), now);
  } else {
    shared_.subscriptions.on_session_closed(number);
    if (!suspend(*owned, now)) {
      close_for_good(number, owned->instance().server_name, owned->reason(), now);
      reopen_by_itself(*owned, now);
    }
  }
  const auto link = links_.find(connection);
  if (link != links_.end() && link->second.sessions == 0) release_connection(connection);
}

// --- Time and the end

Deadline ClientEngine::next_deadline() const {
  Deadline next = discovery_.next_deadline();
  refresh_deadlines();
  next = earlier(next, deadlines_.next());
  for (const auto& [number, opening] : openings_) {
    next = earlier(next, opening.not_before);
    if (!opening.instance) next = earlier(next, opening.choose_at);
    // Else it may take as long as the client lives.
    if (opening.deadline != TimePoint::max()) next = earlier(next, opening.deadline);
  }
  next = earlier(next, shared_.held.next_deadline());
  next = earlier(next, shared_.subscriptions.next_deadline());
  if (!openings_.empty()) next = earlier(next, avoided_.next_deadline());
  for (const auto& [call, waiter] : waiters_) next = earlier(next, waiter.deadline);
  for (const auto& [name, at] : open_again_at_) next = earlier(next, at);
  return next;
}

void ClientEngine::on_time(TimePoint now) {
  const bool rediscovering = discovery_.rediscovering();
  for (InstanceChange& change : discovery_.on_time(now)) apply(std::move(change), now);
  if (rediscovering && !discovery_.rediscovering()) try_waiting_openings(now);
  expire_held(now);
  refresh_deadlines();
  for (const SessionNumber number : deadlines_.take_due(now)) {
    if (ClientSession* session = session_of(number)) {
      session->on_time(now);
      settle(*session, now);
    }
  }
  end_overdue_subscriptions(now);
  std::erase_if(waiters_, [&](const auto& item) {
    if (now < item.second.deadline) return false;
    const std::string message = "no server matched '" + item.second.filter +
                                "' in time; if one runs, the broker may not let us read '" +
                                wire::presence_filter(item.second.filter) + "'";
    shared_.out.emplace_back(
        InstanceFound{item.first, Error{ErrorKind::server_gone, 0, message, nullptr}});
    return true;
  });
  std::vector<OpeningNumber> late;
  std::vector<OpeningNumber> rested;
  for (const auto& [number, opening] : openings_) {
    if (now >= opening.deadline) {
      late.push_back(number);
    } else if ((opening.not_before && now >= *opening.not_before) ||
               (!opening.instance && opening.choose_at && now >= *opening.choose_at)) {
      rested.push_back(number);
    }
  }
  for (const OpeningNumber number : late) {
    const Opening& opening = openings_.at(number);
    fail_opening(
        number,
        opening.last_error.value_or(opening.cause.value_or(
            Error{ErrorKind::server_gone, 0,
                  "no server '" + opening.request.server_name_filter +
                      "' could be opened in time; if one runs, the broker may not let us read '" +
                      wire::presence_filter(opening.request.server_name_filter) + "'",
                  nullptr})),
        now);
  }
  for (const OpeningNumber number : rested) {
    const auto opening = openings_.find(number);
    if (opening == openings_.end()) continue;
    Deadline& not_before = opening->second.not_before;
    Deadline& choose_at = opening->second.choose_at;
    if (not_before && now >= *not_before) not_before.reset();
    if (choose_at && now >= *choose_at) choose_at.reset();
    try_opening(number, now);
  }
  if (avoided_.on_time(now)) try_waiting_openings(now);
  std::vector<std::string> again;
  std::erase_if(open_again_at_, [&](const auto& item) {
    if (now < item.second) return false;
    again.push_back(item.first);
    return true;
  });
  for (const std::string& name : again) open_by_itself(name, now);
}

void ClientEngine::leave(TimePoint now) {
  if (leaving_) return;
  leaving_ = true;
  const Error reason{ErrorKind::stopped, 0, "the client was stopped", nullptr};
  while (!openings_.empty()) fail_opening(openings_.begin()->first, reason, now);
  for (const auto& [call, waiter] : std::exchange(waiters_, {})) {
    shared_.out.emplace_back(InstanceFound{call, reason});
  }
  while (!sessions_.empty()) {
    ClientSession& session = *session_of(sessions_.begin()->first);
    session.close_without_connection(reason);
    settle(session, now);
  }
  discovery_.on_connection_lost(reason);
  for (const auto& [connection, link] : links_) {
    if (!link.connected) continue;
    const Ticket ticket = shared_.new_ticket();
    goodbyes_.insert(ticket);
    shared_.out.emplace_back(Publish{connection, will(connection), ticket});
  }
  if (goodbyes_.empty()) shared_.out.emplace_back(ClientLeft{});
}

}  // namespace mcp_mqtt::engine
