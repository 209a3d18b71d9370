#include <algorithm>
#include <utility>

#include "mcp-mqtt/expose/shared_child.hpp"
#include "mcp-mqtt/expose/words.hpp"

// What clients that know nothing of each other ask of one child: progress tokens, log levels and
// subscriptions.
namespace mcp_mqtt::command_line {

PeerRequest SharedChild::with_own_token(SessionId id, const PeerRequest& request) {
  Json params = request.params();
  Json of_client = take_progress_token(params);
  if (of_client.is_null()) return request;
  std::int64_t own = 0;
  {
    const std::lock_guard lock(mutex_);
    own = ++last_token_;
    tokens_.emplace(own, Token{id, std::move(of_client)});
  }
  params["_meta"]["progressToken"] = own;
  return {request.method(), std::move(params), request.stop_token(),
          [self = shared_from_this(), request, own](Result<Json> answer) {
            {
              const std::lock_guard lock(self->mutex_);
              self->tokens_.erase(own);
            }
            request.answer(std::move(answer));
          }};
}

void SharedChild::on_progress(Json params) {
  const auto own = params.find("progressToken");
  if (own == params.end() || !own->is_number_integer()) return;
  const auto token = tokens_.find(own->get<std::int64_t>());
  if (token == tokens_.end()) return;
  const auto session = sessions_.find(token->second.session);
  if (session == sessions_.end() || !session->second.connected) return;
  params["progressToken"] = token->second.of_client;
  session->second.client.notify("notifications/progress", std::move(params));
}

void SharedChild::set_level(ChildPeer& peer, SessionId id, const PeerRequest& request) {
  const auto level = parse_logging_level(text_member(request.params(), "level"));
  if (!level) return peer.ask(request);
  LoggingLevel least{};
  {
    const std::lock_guard lock(mutex_);
    sessions_[id].level = level;
    least = *most_verbose();
    if (level_ == least) return request.answer(Json::object());
    level_ = least;
  }
  peer.ask(PeerRequest("logging/setLevel", {{"level", to_string(least)}}, {},
                       [self = shared_from_this(), id, request](Result<Json> answer) {
                         if (!answer) self->forget_level(id);
                         request.answer(std::move(answer));
                       }));
}

void SharedChild::forget_level(SessionId id) {
  const std::lock_guard lock(mutex_);
  level_.reset();
  if (const auto session = sessions_.find(id); session != sessions_.end()) {
    session->second.level.reset();
  }
}

std::optional<LoggingLevel> SharedChild::most_verbose() const {
  std::optional<LoggingLevel> least;
  for (const auto& [id, session] : sessions_) {
    if (session.level && (!least || *session.level < *least)) least = session.level;
  }
  return least;
}

void SharedChild::tell_level() {
  const auto level = most_verbose();
  if (level == level_) return;
  // Nobody has a wish any more: as it is for those who never said one.
  level_ = level;
  ask_for_us("logging/setLevel", {{"level", to_string(level.value_or(LoggingLevel::info))}});
}

void SharedChild::subscribe(ChildPeer& peer, SessionId id, const PeerRequest& request) {
  const std::string uri = text_member(request.params(), "uri");
  {
    const std::lock_guard lock(mutex_);
    const auto session = sessions_.find(id);
    // At once: an update may come before the answer.
    if (session != sessions_.end()) session->second.uris.insert(uri);
  }
  peer.ask(PeerRequest(request.method(), request.params(), request.stop_token(),
                       [self = shared_from_this(), id, uri, request](Result<Json> answer) {
                         if (!answer) self->forget_subscription(id, uri);
                         request.answer(std::move(answer));
                       }));
}

void SharedChild::forget_subscription(SessionId id, const std::string& uri) {
  const std::lock_guard lock(mutex_);
  const auto session = sessions_.find(id);
  if (session != sessions_.end()) session->second.uris.erase(uri);
}

void SharedChild::unsubscribe(ChildPeer& peer, SessionId id, const PeerRequest& request) {
  const std::string uri = text_member(request.params(), "uri");
  forget_subscription(id, uri);
  {
    const std::lock_guard lock(mutex_);
    if (watched(uri)) return request.answer(Json::object());
  }
  peer.ask(request);
}

bool SharedChild::watched(const std::string& uri) const {
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [&](const auto& one) { return one.second.uris.contains(uri); });
}

void SharedChild::ask_for_us(const std::string& method, Json params) {
  peer_->ask(PeerRequest(method, std::move(params), {}, {}));
}

}  // namespace mcp_mqtt::command_line
