#include <fmt/format.h>
#include <utility>

#include "engine/server_session.hpp"
#include "ground/logging.hpp"

// Notifications to the client: logs, progress, changes.
namespace mcp_mqtt::engine {

void ServerSession::log(const LoggingMessage& message, CallNumber origin, TimePoint now) {
  if (!live_ || over_ || !shared_.features.logging || message.level < log_level_) return;
  tell_left_out(now);
  if (log_gate_.admit(now)) notify("notifications/message", to_json(message), origin);
}

void ServerSession::tell_left_out(TimePoint now) {
  if (!live_ || over_) return;
  const std::size_t left_out = log_gate_.take_left_out(now);
  if (left_out == 0) return;
  log::info("client {}: {} log messages were left out", client_id_, left_out);
  if (log_level_ > LoggingLevel::warning) return;
  LoggingMessage notice;
  notice.level = LoggingLevel::warning;
  notice.logger = "mcp_mqtt";
  notice.data = fmt::format("{} log messages were left out: a client gets {} a second", left_out,
                            shared_.config.log_messages_per_second);
  notify("notifications/message", to_json(notice));
}

void ServerSession::notify(std::string method, Json params, CallNumber origin) {
  if (!live_ || over_) return;
  if (const HandlerRun* run = runs_.find(origin); run != nullptr && !run->task_id.empty()) {
    params = with_related_task(std::move(params), run->task_id);
  }
  send(wire::Notification{std::move(method), std::move(params)}, nullptr);
}

void ServerSession::notify_once(const std::string& key, const wire::Notification& notification) {
  if (!live_ || over_ || !notices_.admit(key)) return;
  auto payload = wire::encode(notification, shared_.config.message_limits);
  if (!payload) {
    log::warning("client {}: {} was not sent: {}", client_id_, notification.method,
                 payload.error().message);
    return;
  }
  const Ticket ticket = shared_.new_ticket(client_id_);
  if (!shared_.post(client_id_, *std::move(payload), ticket)) {
    log::peer(LogLevel::warning, "client {}: {} was not sent: too much waits for it", client_id_,
              notification.method);
    return;
  }
  notices_.begin(key, notification, ticket);
}

bool ServerSession::hears_changes_of(FeatureList list) const {
  if (!live_) return false;
  switch (list) {
    case FeatureList::tools:
      return declared_.tools_list_changed;
    case FeatureList::resources:
      return declared_.resources_list_changed;
    case FeatureList::prompts:
      return declared_.prompts_list_changed;
    case FeatureList::none:
      break;
  }
  return false;
}

void ServerSession::report_progress(CallNumber call, const Progress& progress) {
  if (auto params = runs_.progress(call, progress, revision())) {
    notify("notifications/progress", *std::move(params));
  }
}

}  // namespace mcp_mqtt::engine
