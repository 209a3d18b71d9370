#include <set>
#include <utility>

#include "engine/client_engine.hpp"
#include "ground/logging.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

// What the client engine does beside the calls of its host: subscriptions to resources, requests of
// servers, changes that servers tell to all and that the client tells to all.
namespace mcp_mqtt::engine {

/// The session that a server's message is for; nullptr where there is none, or where somebody else
/// sent it. Some servers do not say who they are.
ClientSession* ClientEngine::session_for(ConnectionNumber connection, const std::string& server_id,
                                         const std::string& server_name,
                                         const mqtt::Message& message) const {
  const auto found =
      session_by_rpc_topic_.find(wire::rpc_topic(client_id(connection), server_id, server_name));
  if (found == session_by_rpc_topic_.end() || !may_be_of(server_id, message)) return nullptr;
  return session_of(found->second);
}

bool ClientEngine::may_be_of(const std::string& server_id, const mqtt::Message& message) {
  if (message.retain) {
    log::peer(LogLevel::warning,
              "server {}: a retained message on its topic is dropped: it is of another time",
              server_id);
    return false;
  }
  const auto sender = wire::sender_id(message.user_properties);
  if (sender && *sender != server_id) {
    log::peer(LogLevel::warning, "server {}: a message from '{}' on its topic is dropped",
              server_id, log::printable(*sender));
    return false;
  }
  return true;
}

// --- What would grow or wait for ever

void ClientEngine::fail_what_cannot_be_found(TimePoint now) {
  const auto refusal = discovery_.take_refusal();
  if (!refusal) return;
  std::vector<OpeningNumber> hopeless;
  for (const auto& [number, opening] : openings_) {
    if (!opening.instance && !discovery_.covers(opening.request.server_name_filter)) {
      hopeless.push_back(number);
    }
  }
  for (const OpeningNumber number : hopeless) fail_opening(number, *refusal, now);
  std::erase_if(waiters_, [&](const auto& item) {
    if (discovery_.covers(item.second.filter)) return false;
    shared_.out.emplace_back(InstanceFound{item.first, *refusal});
    return true;
  });
}

void ClientEngine::remember_initialized(Link& link, const std::string& server_id) const {
  constexpr std::size_t worth_a_look = 4'096;
  link.initialized.insert(server_id);
  // At each power of two, so that the look costs little for each instance.
  const std::size_t size = link.initialized.size();
  if (size < worth_a_look || (size & (size - 1)) != 0) return;
  const auto online = discovery_.registry().server_ids();
  std::erase_if(link.initialized,
                [&](const std::string& id) { return id != server_id && !online.contains(id); });
}

// --- Subscriptions

void ClientEngine::subscribe(SessionNumber number, CallToken call, const std::string& uri,
                             RequestTiming timing, TimePoint now) {
  const KeptSession* kept = suspended(number);
  const ClientSession* session = session_of(number);
  if (session == nullptr && kept == nullptr) {
    shared_.out.emplace_back(
        CompleteCall{call, Error{ErrorKind::server_gone, 0, "the session is over", nullptr}});
    return;
  }
  const auto wanted = shared_.subscriptions.add(
      call, number, (kept != nullptr ? kept->instance : session->instance()).server_name, uri,
      after(now, timing.timeout), shared_.out);
  if (wanted) send_subscribe(number, *wanted, timing, now);
}

void ClientEngine::send_subscribe(SessionNumber session, const SubscriptionBook::Wanted& wanted,
                                  RequestTiming timing, TimePoint now) {
  request(session, wanted.call, "resources/subscribe", Json{{"uri", wanted.uri}}, timing, false,
          now);
}

void ClientEngine::unsubscribe(SubscriptionNumber subscription, TimePoint now) {
  const auto dropped = shared_.subscriptions.remove(subscription);
  if (!dropped || leaving_ || session_of(dropped->session) == nullptr ||
      suspended(dropped->session) != nullptr) {
    return;
  }
  request(dropped->session, dropped->call, "resources/unsubscribe", Json{{"uri", dropped->uri}},
          {shared_.config.subscribe_timeout, false, {}}, false, now);
}

/// Whoever joined a request that somebody else made earlier has a time of its own.
void ClientEngine::end_overdue_subscriptions(TimePoint now) {
  for (const SubscriptionNumber number : shared_.subscriptions.overdue(now)) {
    unsubscribe(number, now);
    shared_.out.emplace_back(CompleteCall{
        number, Error{ErrorKind::timeout, 0, "resources/subscribe: no answer in time", nullptr}});
  }
}

void ClientEngine::renew_subscriptions(const ClientSession& session, TimePoint now) {
  const auto wanted = shared_.subscriptions.on_session_opened(
      session.number(), session.instance().server_name, shared_.out);
  for (const SubscriptionBook::Wanted& one : wanted) {
    send_subscribe(session.number(), one, {shared_.config.subscribe_timeout, false, {}}, now);
  }
}

// --- Requests of servers

void ClientEngine::answer(CallNumber call, Result<Json> outcome, TimePoint now) {
  const auto owner = shared_.run_owner.extract(call);
  if (owner.empty()) return;
  if (ClientSession* session = session_of(owner.mapped())) {
    session->finish(call, std::move(outcome), now);
  }
}

void ClientEngine::report_progress(CallNumber call, const Progress& progress) {
  const auto owner = shared_.run_owner.find(call);
  if (owner == shared_.run_owner.end()) return;
  if (ClientSession* session = session_of(owner->second)) session->report_progress(call, progress);
}

// --- What the client tells

void ClientEngine::notify(SessionNumber number, std::string method, Json params) {
  if (ClientSession* session = session_of(number)) {
    session->notify(std::move(method), std::move(params));
  }
}

void ClientEngine::notify_roots_changed() {
  if (leaving_ || !shared_.config.capabilities.roots_list_changed) return;
  std::set<ConnectionNumber> connections;
  for (const auto& [number, session] : sessions_) {
    if (session->state() == ClientSession::State::open) connections.insert(session->connection());
  }
  const auto payload = wire::encode(wire::Notification{"notifications/roots/list_changed"},
                                    shared_.config.message_limits);
  if (!payload) return;
  for (const ConnectionNumber connection : connections) {
    const std::string& id = client_id(connection);
    shared_.out.emplace_back(
        Publish{connection,
                {wire::client_capability_topic(id), *payload, mqtt::Qos::at_least_once, false,
                 wire::publish_properties(wire::Component::client, id)},
                0});
  }
}

}  // namespace mcp_mqtt::engine
