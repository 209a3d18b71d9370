#include <utility>

#include "engine/server_session.hpp"
#include "ground/logging.hpp"

// Notifications to the client: logs, progress, changes.
namespace mcp_mqtt::engine {

void ServerSession::log(const LoggingMessage& message) {
  if (live_ && !over_ && shared_.features.logging && message.level >= log_level_) {
    notify("notifications/message", to_json(message));
  }
}

void ServerSession::notify(std::string method, Json params) {
  if (live_ && !over_) send(wire::Notification{std::move(method), std::move(params)}, nullptr);
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
  notices_.begin(key, notification, ticket);
  shared_.out.emplace_back(
      Publish{0, shared_.rpc_message(client_id_, *std::move(payload)), ticket});
}

void ServerSession::report_progress(CallNumber call, const Progress& progress) {
  if (auto params = runs_.progress(call, progress, revision())) {
    notify("notifications/progress", *std::move(params));
  }
}

}  // namespace mcp_mqtt::engine
