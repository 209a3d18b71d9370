#include "mcp-mqtt/relay/host_calls.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// A server that is away may come back for so long; hosts give up after a minute.
constexpr auto away = 30s;

/// What only looks may be asked twice.
bool only_looks(std::string_view method) {
  constexpr std::array<std::string_view, 5> looking{"ping", "resources/read", "prompts/get",
                                                    "completion/complete", "tasks/get"};
  return method.ends_with("/list") ||
         std::find(looking.begin(), looking.end(), method) != looking.end();
}

}  // namespace

void HostCalls::ask(const ClientSession& session, wire::Request request, Translation translation) {
  bool taken = false;
  {
    const std::lock_guard lock(mutex_);
    taken = !calls_.emplace(request.id, Call{session, {}}).second;
  }
  if (taken) {
    host_.answer(request.id, rpc_error(error_code::invalid_request, "this id is in use already"));
    return;
  }
  PendingCall pending = start(session, request, std::move(translation));
  const std::lock_guard lock(mutex_);
  if (const auto found = calls_.find(request.id); found != calls_.end()) {
    found->second.pending = std::move(pending);
  }
}

CallOptions HostCalls::options_of(const ClientSession& session,
                                  const wire::Request& request) const {
  CallOptions options;
  options.timeout = timeout_;
  if (session.state() == SessionState::reopening) {
    options.timeout = std::min<std::chrono::milliseconds>(timeout_, away);
  }
  options.reset_timeout_on_progress = true;
  options.total_timeout = 24h;
  options.idempotent = only_looks(request.method);
  return options;
}

PendingCall HostCalls::start(const ClientSession& session, wire::Request& request,
                             Translation translation) {
  const RequestId& id = request.id;
  CallOptions options = options_of(session, request);
  if (request.method == "resources/subscribe") {
    return subscribe(session, request, options, translation);
  }
  if (request.method == "logging/setLevel") {
    if (const auto level = parse_logging_level(text_member(request.params, "level"))) {
      // The library keeps the level, so that it survives the session.
      return session.async_set_logging_level(*level, options, [this, id](Result<void> outcome) {
        answer(id, outcome ? Result<Json>(Json::object()) : outcome.error());
      });
    }
  }
  if (const Json token = take_progress_token(request.params); !token.is_null()) {
    options.on_progress = [this, id, token](const Progress& progress) {
      host_.tell(wire::Notification{"notifications/progress", progress_params(token, progress)},
                 id);
    };
  }
  return session.async_request(
      request.method, std::move(request.params), options,
      [this, id, translate = std::move(translation.result)](Result<Json> outcome) {
        if (outcome && translate) translate(*outcome);
        answer(id, std::move(outcome));
      });
}

// The library keeps the subscription, so that it survives the session.
PendingCall HostCalls::subscribe(const ClientSession& session, const wire::Request& request,
                                 const CallOptions& options, const Translation& translation) {
  const std::string uri = text_member(request.params, "uri");
  const std::string name = translation.uri ? translation.uri(uri) : uri;
  return session.async_subscribe(
      uri,
      [this, translate = translation.uri](const ResourceUpdated& updated) {
        host_.tell(wire::Notification{"notifications/resources/updated",
                                      {{"uri", translate ? translate(updated.uri) : updated.uri}}});
      },
      options,
      [this, id = request.id, name](Result<ResourceSubscription> subscribed) {
        if (!subscribed) return answer(id, subscribed.error());
        ResourceSubscription replaced;
        {
          const std::lock_guard lock(mutex_);
          replaced = std::exchange(subscriptions_[name], *std::move(subscribed));
        }
        answer(id, Json::object());
      });
}

bool HostCalls::unsubscribe(const std::string& uri) {
  // It ends outside the lock: that waits for a callback, which may take the lock.
  decltype(subscriptions_)::node_type ended;
  const std::lock_guard lock(mutex_);
  ended = subscriptions_.extract(uri);
  return !ended.empty();
}

bool HostCalls::cancel(const Json& params) {
  const auto id = cancelled_id(params);
  if (!id) return false;
  PendingCall pending;
  {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.extract(*id);
    if (found.empty()) return false;
    pending = std::move(found.mapped().pending);
  }
  pending.cancel(text_member(params, "reason"));
  return true;
}

std::optional<RequestId> HostCalls::only_one(const ClientSession& session) const {
  const std::lock_guard lock(mutex_);
  std::optional<RequestId> found;
  for (const auto& [id, call] : calls_) {
    if (call.session != session) continue;
    if (found) return std::nullopt;
    found = id;
  }
  return found;
}

void HostCalls::answer(const RequestId& id, Result<Json> outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (calls_.erase(id) == 0) return;  // cancelled
  }
  host_.answer(id, std::move(outcome));
}

}  // namespace mcp_mqtt::command_line
