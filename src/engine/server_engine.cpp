#include "engine/server_engine.hpp"

#include <utility>

#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {

ServerEngine::ServerEngine(ServerConfig config) : shared_(std::move(config)) {}

// --- The connection

mqtt::Message ServerEngine::will() const {
  const ServerInstance& self = instance();
  return {wire::server_presence_topic(self.server_id, self.server_name), "",
          mqtt::Qos::at_least_once, true,
          wire::publish_properties(wire::Component::server, self.server_id)};
}

mqtt::UserProperties ServerEngine::connect_properties() const {
  return wire::connect_properties(wire::Component::server, shared_.config.connect_meta);
}

void ServerEngine::on_connected(const mqtt::ConnectionInfo& info, TimePoint) {
  if (state_ == State::leaving) return;
  shared_.max_answer_bytes = most_bytes(shared_.config.message_limits, info);
  ServerInstance& self = shared_.config.instance;
  const std::string will_name = self.server_name;
  if (!info.assigned_client_id.empty() && info.assigned_client_id != self.server_id) {
    log::info("server id '{}' from the broker", log::printable(info.assigned_client_id));
    self.server_id = info.assigned_client_id;
  }
  auto suggested = wire::suggested_server_name(info.user_properties);
  if (!suggested) {
    log::warning("the broker's MCP-SERVER-NAME cannot be used: {}", suggested.error().message);
  } else if (*suggested && **suggested != will_name) {
    log::info("server name '{}' from the broker instead of '{}'", log::printable(**suggested),
              log::printable(will_name));
    self.server_name = **std::move(suggested);
    // Once only: a broker that suggests another name each time must not keep us from serving.
    if (!std::exchange(adopted_name_, true)) {
      shared_.out.emplace_back(ReconnectWithWill{});
      return;
    }
    log::warning("the broker changed its mind about the server name: the will keeps the old one");
  }
  for (auto valid :
       {wire::check_server_id(self.server_id), wire::check_server_name(self.server_name)}) {
    if (valid) continue;
    shared_.out.emplace_back(ServerRefused{std::move(valid).error()});
    return;
  }
  state_ = State::subscribing;
  control_ticket_ = shared_.new_ticket();
  shared_.out.emplace_back(
      Subscribe{0,
                {wire::control_topic(self.server_id, self.server_name), mqtt::Qos::at_least_once},
                control_ticket_});
}

void ServerEngine::on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (ticket == control_ticket_) {
    if (state_ != State::subscribing || ended_with_connection(outcome)) return;
    if (!outcome) {
      shared_.out.emplace_back(ServerRefused{outcome.error()});
      return;
    }
    state_ = State::announcing;
    publish_presence();
    if (was_online_) presence_again_ = now + shared_.config.presence_repeat;
    return;
  }
  if (ServerSession* session = take_ticket(ticket)) {
    session->on_subscribed(ticket, outcome);
    settle(*session);
  }
}

void ServerEngine::publish_presence() {
  auto payload = wire::encode_server_online(instance(), shared_.config.message_limits);
  if (!payload) {
    shared_.out.emplace_back(ServerRefused{std::move(payload).error()});
    return;
  }
  mqtt::Message message = will();
  message.payload = *std::move(payload);
  presence_ticket_ = shared_.new_ticket();
  shared_.out.emplace_back(Publish{0, std::move(message), presence_ticket_});
}

void ServerEngine::on_published(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (ticket == 0) return;
  shared_.outbox.settle(ticket);
  take_published(ticket, outcome, now);
  shared_.flow();
}

void ServerEngine::take_published(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (notices_.knows(ticket)) {
    const auto again = notices_.settle(ticket);
    if (again && !ended_with_connection(outcome)) {
      tell_capability_topic(again->key, again->notification);
    }
    return;
  }
  if (ticket == presence_ticket_) {
    presence_ticket_ = 0;
    if (state_ != State::announcing || ended_with_connection(outcome)) return;
    if (!outcome) {
      shared_.out.emplace_back(ServerRefused{outcome.error()});
      return;
    }
    state_ = State::online;
    was_online_ = true;
    shared_.out.emplace_back(ServerOnline{});
    return;
  }
  if (ticket == clear_ticket_) {
    on_presence_cleared(outcome, now);
    return;
  }
  if (ServerSession* session = take_ticket(ticket)) {
    session->on_published(ticket, outcome, now);
    settle(*session);
  }
}

ServerSession* ServerEngine::take_ticket(Ticket ticket) {
  const auto owner = shared_.ticket_owner.extract(ticket);
  return owner.empty() ? nullptr : session_of(owner.mapped());
}

ServerSession* ServerEngine::session_of(const std::string& client_id) const {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

ServerSession* ServerEngine::session_of(SessionNumber number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

SessionNumber ServerEngine::session_number(const std::string& client_id) const {
  const ServerSession* session = session_of(client_id);
  return session != nullptr && session->live() != nullptr ? session->number() : 0;
}

// --- Messages

bool ServerEngine::is_own(const std::string& server_id, const std::string& server_name) const {
  return server_id == instance().server_id && server_name == instance().server_name;
}

void ServerEngine::on_message(const mqtt::Message& message, TimePoint now) {
  if (state_ == State::offline || state_ == State::leaving) return;
  // Nearly all messages are of a session, and the names in its topic were checked when it began.
  if (const auto client_id =
          wire::client_of_rpc_topic(message.topic, instance().server_id, instance().server_name)) {
    on_client_rpc(std::string(*client_id), message, now);
    return;
  }
  const wire::Topic topic = wire::parse_topic(message.topic);
  if (const auto* control = std::get_if<wire::ControlTopic>(&topic)) {
    if (is_own(control->server_id, control->server_name)) on_control(message, now);
  } else if (const auto* presence = std::get_if<wire::ClientPresenceTopic>(&topic)) {
    on_client_presence(presence->client_id, message);
  } else if (const auto* capability = std::get_if<wire::ClientCapabilityTopic>(&topic)) {
    on_client_capability(capability->client_id, message);
  } else {
    log::debug("a message on {}, which is not for a server", log::printable(message.topic));
  }
}

void ServerEngine::on_client_rpc(const std::string& client_id, const mqtt::Message& message,
                                 TimePoint now) {
  ServerSession* session = session_of(client_id);
  if (session == nullptr) return;
  if (!is_from(client_id, message)) return;
  session->on_rpc(message, now);
  settle(*session);
}

void ServerEngine::on_client_capability(const std::string& client_id,
                                        const mqtt::Message& message) {
  ServerSession* session = session_of(client_id);
  if (session == nullptr) return;
  if (is_from(client_id, message)) session->on_capability(message);
}

/// T42, and the client's will. Anything empty counts too: one peer clears its presence like that.
void ServerEngine::on_client_presence(const std::string& client_id, const mqtt::Message& message) {
  ServerSession* session = session_of(client_id);
  if (session == nullptr || !is_from(client_id, message)) return;
  if (!message.payload.empty()) {
    const auto decoded = wire::decode(message.payload, shared_.config.message_limits);
    const auto* valid = std::get_if<wire::RpcMessage>(&decoded.messages.front());
    const auto* notification = valid == nullptr ? nullptr : std::get_if<wire::Notification>(valid);
    if (notification == nullptr || notification->method != "notifications/disconnected") {
      log::debug("client {}: its presence says nothing that a server knows", client_id);
      return;
    }
  }
  session->end({ErrorKind::client_gone, 0, "the client left the broker", nullptr}, false);
  settle(*session);
}

void ServerEngine::settle(const ServerSession& session) {
  const SessionNumber number = session.number();
  if (!session.over()) {
    deadlines_.set(number, session.next_deadline());
    return;
  }
  deadlines_.set(number, std::nullopt);
  by_number_.erase(number);
  sessions_.erase(std::string(session.client_id()));
  if (shared_.draining_since && sessions_.empty()) left();
}

void ServerEngine::forget_sessions() {
  sessions_.clear();
  by_number_.clear();
  deadlines_.clear();
}

// --- Handlers

void ServerEngine::finish(CallNumber call, Result<Json> outcome, TimePoint now) {
  if (ServerSession* session = session_of(shared_.calls.end(call))) {
    session->finish(call, std::move(outcome), now);
    settle(*session);
  }
}

void ServerEngine::report_progress(CallNumber call, const Progress& progress) {
  const std::string* owner = shared_.calls.owner(call);
  if (owner == nullptr) return;
  if (ServerSession* session = session_of(*owner)) session->report_progress(call, progress);
}

// --- Towards clients

void ServerEngine::ask(SessionNumber number, CallToken call, std::string method, Json params,
                       RequestTiming timing, bool wants_progress, CallNumber origin,
                       TimePoint now) {
  ServerSession* session = session_of(number);
  if (session == nullptr) {
    shared_.complete(
        call, Error{ErrorKind::client_gone, 0, "the client of this session is gone", nullptr});
    return;
  }
  session->ask(call, std::move(method), std::move(params), timing, wants_progress, origin, now);
  settle(*session);
}

void ServerEngine::cancel_ask(SessionNumber number, CallToken call, const std::string& reason,
                              TimePoint now) {
  if (ServerSession* session = session_of(number)) {
    session->cancel_ask(call, reason, now);
    settle(*session);
  }
}

void ServerEngine::log(SessionNumber number, const LoggingMessage& message, CallNumber origin,
                       TimePoint now) {
  if (ServerSession* session = session_of(number)) {
    session->log(message, origin, now);
    settle(*session);
  }
}

void ServerEngine::notify(SessionNumber number, std::string method, Json params,
                          CallNumber origin) {
  ServerSession* session = session_of(number);
  if (session == nullptr) return;
  if (shared_.config.has_backend) {
    // What a backend says is for one client, but not all clients read it on their own topic.
    const bool list = method.ends_with("/list_changed");
    const bool update = method == "notifications/resources/updated";
    const ChangeRoute route = list     ? shared_.config.list_changes
                              : update ? shared_.config.resource_updates
                                       : ChangeRoute::per_session;
    if (route != ChangeRoute::per_session && session->live() != nullptr) {
      const auto uri = params.find("uri");
      const bool named = update && uri != params.end() && uri->is_string();
      tell_capability_topic(named ? update_key(uri->get_ref<const std::string&>()) : method,
                            {method, params});
    }
    if (route == ChangeRoute::capability_topic) return;
  }
  session->notify(std::move(method), std::move(params), origin);
}

void ServerEngine::disconnect(SessionNumber number) {
  if (ServerSession* session = session_of(number)) {
    session->end({ErrorKind::stopped, 0, "the server ended the session", nullptr}, true);
    settle(*session);
  }
}

void ServerEngine::log_to_all(const LoggingMessage& message, TimePoint now) {
  for (auto& [id, session] : sessions_) {
    session->log(message, 0, now);
    settle(*session);
  }
}

void ServerEngine::resource_updated(const std::string& uri) {
  const wire::Notification notification{"notifications/resources/updated", {{"uri", uri}}};
  tell_sessions(shared_.config.resource_updates, update_key(uri), notification,
                [&](const ServerSession& session) { return session.subscribed_to(uri); });
}

Result<void> ServerEngine::change(FeatureList list,
                                  const std::function<Result<void>(Features&)>& change) {
  if (auto changed = change(shared_.features); !changed) return changed;
  if (list == FeatureList::none) return {};
  const std::string method = std::string("notifications/") +
                             (list == FeatureList::tools       ? "tools"
                              : list == FeatureList::resources ? "resources"
                                                               : "prompts") +
                             "/list_changed";
  tell_sessions(shared_.config.list_changes, method, {method},
                [&](const ServerSession& session) { return session.hears_changes_of(list); });
  return {};
}

void ServerEngine::tell_sessions(ChangeRoute route, const std::string& key,
                                 const wire::Notification& notification,
                                 const std::function<bool(const ServerSession&)>& wanted) {
  bool anybody = false;
  for (auto& [id, session] : sessions_) {
    if (!wanted(*session)) continue;
    anybody = true;
    if (route == ChangeRoute::capability_topic) break;
    session->notify_once(key, notification);
  }
  if (anybody && route != ChangeRoute::per_session) tell_capability_topic(key, notification);
}

void ServerEngine::tell_capability_topic(const std::string& key,
                                         const wire::Notification& notification) {
  if (state_ != State::online && state_ != State::announcing && state_ != State::draining) return;
  if (!notices_.admit(key)) return;
  auto payload = wire::encode(notification, shared_.config.message_limits);
  if (!payload) {
    log::warning("{} was not sent: {}", notification.method, payload.error().message);
    return;
  }
  const ServerInstance& self = instance();
  const Ticket ticket = shared_.new_ticket();
  notices_.begin(key, notification, ticket);
  shared_.out.emplace_back(
      Publish{0,
              {wire::server_capability_topic(self.server_id, self.server_name), *std::move(payload),
               mqtt::Qos::at_least_once, false,
               wire::publish_properties(wire::Component::server, self.server_id)},
              ticket});
}

// --- Time

Deadline ServerEngine::next_deadline() const {
  Deadline next = earlier(presence_again_, drain_deadline_);
  return earlier(next, deadlines_.next());
}

void ServerEngine::on_time(TimePoint now) {
  if (presence_again_ && now >= *presence_again_) {
    presence_again_.reset();
    if (state_ == State::online || state_ == State::announcing) publish_presence();
  }
  if (drain_deadline_ && now >= *drain_deadline_) {
    leave();
    return;
  }
  for (const SessionNumber number : deadlines_.take_due(now)) {
    if (ServerSession* session = session_of(number)) {
      session->on_time(now);
      settle(*session);
    }
  }
}

std::vector<ClientInfo> ServerEngine::clients() const {
  std::vector<ClientInfo> clients;
  for (const auto& [id, session] : sessions_) {
    if (session->live() != nullptr) clients.push_back(*session->live());
  }
  return clients;
}

}  // namespace mcp_mqtt::engine
