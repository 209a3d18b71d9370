#include "mcp-mqtt/expose/shared_child.hpp"

#include <algorithm>
#include <utility>

#include "mcp-mqtt/expose/words.hpp"

namespace mcp_mqtt::command_line {
namespace {

using SharedClock = std::chrono::steady_clock;

/// So many lives in a row that were shorter than `a_life` are enough.
constexpr int most_short_lives = 5;
constexpr std::chrono::seconds a_life{10};
/// Before the second one; it doubles each time.
constexpr std::chrono::milliseconds first_pause{200};
/// Clients whose `initialize` waits for the child.
constexpr std::size_t most_waiting = 1'000;

/// Whether an update of `uri` concerns who subscribed to `subscribed`: it may be a part of it.
bool concerns(const std::string& subscribed, const std::string& uri) {
  if (!uri.starts_with(subscribed)) return false;
  return uri.size() == subscribed.size() || subscribed.ends_with('/') ||
         uri[subscribed.size()] == '/' || uri[subscribed.size()] == '#' ||
         uri[subscribed.size()] == '?';
}

}  // namespace

void SharedChild::start(std::chrono::milliseconds pause) {
  const auto self = shared_from_this();
  auto peer = ChildPeer::make(
      setup_, "shared",
      {[self](const wire::Request& request) { self->refuse(request); },
       [self](wire::Notification notification) { self->on_told(std::move(notification)); },
       [self](const ChildEnd& end) { self->on_end(end); }});
  {
    const std::lock_guard lock(mutex_);
    peer_ = peer;
  }
  peer->ask(PeerRequest("initialize", words::initialize_params(), {},
                        [self](Result<Json> answer) { self->on_initialized(std::move(answer)); }));
  peer->run(children_, pause);
}

SharedChild::SessionId SharedChild::begin(PeerRequest initialize) {
  const std::lock_guard lock(mutex_);
  const SessionId id = ++last_session_;
  if (!result_.is_null()) {
    sessions_[id].life = life_;
    initialize.answer(result_);
  } else if (waiting_.size() < most_waiting) {
    waiting_.push_back({id, std::move(initialize)});
  } else {
    initialize.answer(rpc_error(error_code::server_busy, "busy: this server is starting"));
  }
  return id;
}

void SharedChild::connected(SessionId id, const ConnectedClient& client) {
  const std::lock_guard lock(mutex_);
  const auto session = sessions_.find(id);
  // What it was told of is another life.
  if (session == sessions_.end() || session->second.life != life_) return client.disconnect();
  session->second.client = client;
  session->second.connected = true;
}

void SharedChild::on_request(SessionId id, const PeerRequest& request) {
  const auto peer = peer_of(id);
  if (peer == nullptr) {
    request.answer(rpc_error(error_code::internal_error,
                             "the program behind this server ended, and this session with it"));
  } else if (request.method() == "logging/setLevel") {
    set_level(*peer, id, request);
  } else if (request.method() == "resources/subscribe") {
    subscribe(*peer, id, request);
  } else if (request.method() == "resources/unsubscribe") {
    unsubscribe(*peer, id, request);
  } else if (request.method().starts_with("tasks/")) {
    request.answer(rpc_error(error_code::method_not_found, "a shared server offers no tasks"));
  } else {
    peer->ask(with_own_token(id, request));
  }
}

void SharedChild::on_notification(SessionId id, const std::string& method, const Json& params) {
  const auto peer = peer_of(id);
  // The child was told of no roots.
  if (peer != nullptr && method != "notifications/roots/list_changed") peer->tell(method, params);
}

void SharedChild::gone(SessionId id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const Waiting& one) { return one.session == id; });
  const auto session = sessions_.extract(id);
  std::erase_if(tokens_, [&](const auto& token) { return token.second.session == id; });
  if (session.empty() || session.mapped().life != life_) return;
  for (const std::string& uri : session.mapped().uris) {
    if (!watched(uri)) ask_for_us("resources/unsubscribe", {{"uri", uri}});
  }
  if (session.mapped().level) tell_level();
}

std::shared_ptr<ChildPeer> SharedChild::peer() {
  const std::lock_guard lock(mutex_);
  return peer_;
}

std::shared_ptr<ChildPeer> SharedChild::peer_of(SessionId id) {
  const std::lock_guard lock(mutex_);
  const auto session = sessions_.find(id);
  return session != sessions_.end() && session->second.life == life_ ? peer_ : nullptr;
}

void SharedChild::refuse(const wire::Request& request) {
  if (request.method == "ping") return peer()->answer(request.id, Json::object());
  peer()->answer(request.id, rpc_error(error_code::method_not_found,
                                       "this client can do nothing of that kind"));
}

void SharedChild::on_told(wire::Notification notification) {
  const std::lock_guard lock(mutex_);
  if (notification.method == "notifications/progress") {
    return on_progress(std::move(notification.params));
  }
  if (notification.method == "notifications/cancelled") return;  // it was refused
  for (const auto& [id, session] : sessions_) {
    if (!session.connected || !hears(session, notification)) continue;
    session.client.notify(notification.method, notification.params);
    // It goes out on the capability topic, where all clients read it.
    if (notification.method.ends_with("/list_changed")) break;
  }
}

bool SharedChild::hears(const Session& session, const wire::Notification& notification) {
  if (notification.method == "notifications/message") {
    const auto level = parse_logging_level(text_member(notification.params, "level"));
    return !level || *level >= session.level.value_or(LoggingLevel::info);
  }
  if (notification.method != "notifications/resources/updated") return true;
  const std::string uri = text_member(notification.params, "uri");
  return std::any_of(session.uris.begin(), session.uris.end(),
                     [&](const std::string& one) { return concerns(one, uri); });
}

void SharedChild::on_initialized(Result<Json> answer) {
  if (const std::string refusal = words::refusal_of(answer); !refusal.empty()) {
    const std::lock_guard lock(mutex_);
    if (peer_->ended()) return;  // which is told next, with the reason
    refusal_ = refusal;
    peer_->end();
    return;
  }
  peer()->ready();
  peer()->tell("notifications/initialized");
  if (const auto capabilities = answer->find("capabilities");
      capabilities != answer->end() && capabilities->is_object()) {
    capabilities->erase("tasks");
  }
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = life_++ == 0;
    ready_at_ = SharedClock::now();
    result_ = *answer;
    for (const Waiting& one : std::exchange(waiting_, {})) {
      sessions_[one.session].life = life_;
      one.initialize.answer(result_);
    }
  }
  if (first && events_.on_ready) events_.on_ready(*answer);
}

void SharedChild::on_end(const ChildEnd& end) {
  std::optional<Failure> given_up;
  std::chrono::milliseconds pause{0};
  {
    const std::lock_guard lock(mutex_);
    const bool served = !std::exchange(result_, nullptr).is_null();
    end_sessions(end);
    if (life_ > 0) peer_->log(end.text);
    if (end.asked && refusal_.empty()) return;  // all is over
    const Failure why =
        words::failure_of(setup_.command, end, std::exchange(refusal_, std::string()), served);
    const bool long_life = served && SharedClock::now() - ready_at_ >= a_life;
    short_lives_ = long_life ? 1 : short_lives_ + 1;
    if (life_ == 0) {
      given_up = why;
    } else if (short_lives_ >= most_short_lives) {
      given_up = Failure(why.code(), std::string(why.what()) + ": it is given up, since it was " +
                                         "started " + std::to_string(short_lives_) +
                                         " times in a row and did not last");
    } else {
      pause = first_pause * (1U << static_cast<unsigned>(short_lives_ - 1));
      setup_.log("shared: is started again in " + std::to_string(pause.count()) + " ms");
    }
    if (given_up) {
      for (const Waiting& one : std::exchange(waiting_, {})) {
        one.initialize.answer(rpc_error(error_code::internal_error, given_up->what()));
      }
    }
  }
  if (!given_up) {
    start(pause);
  } else if (events_.on_failed) {
    events_.on_failed(*given_up);
  }
}

void SharedChild::end_sessions(const ChildEnd& end) {
  tokens_.clear();
  level_.reset();
  for (auto& [id, session] : sessions_) {
    session.uris.clear();
    if (!std::exchange(session.connected, false) || end.asked) continue;
    session.client.notify("notifications/message", words::end_message(end));
    session.client.disconnect();
  }
  // Those that are shaking hands were told of this life, too.
  if (life_ > 0) ++life_;
}

}  // namespace mcp_mqtt::command_line
