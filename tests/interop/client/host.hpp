#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "client/heard.hpp"

namespace interop {

/// What the client under test does for servers, its model and its user, and what servers told it.
/// Outlives the client.
class Host {
 public:
  using User = std::function<mcp_mqtt::ElicitResult(const mcp_mqtt::ElicitRequest&)>;

  /// Gives the client everything that it can declare. Call it before connect().
  void serve(mcp_mqtt::McpClient& client);

  /// What the user does from now on.
  void set_user(User user);

  Heard<mcp_mqtt::CreateMessageRequest> model_asked;
  Heard<mcp_mqtt::ElicitRequest> user_asked;
  Heard<mcp_mqtt::LoggingMessage> logs;
  Heard<std::string> lists_changed;  ///< "tools", "resources", "prompts".
  Heard<std::string> elicitations_completed;
  Heard<mcp_mqtt::Task> task_status;
  std::atomic<int> cancelled = 0;  ///< Requests to the model that the server cancelled.

 private:
  mcp_mqtt::CreateMessageResult think(const mcp_mqtt::CreateMessageRequest& request,
                                      mcp_mqtt::ClientRequestContext& context);

  std::mutex mutex_;
  User user_ = [](const mcp_mqtt::ElicitRequest&) {
    return mcp_mqtt::ElicitResult{.action = mcp_mqtt::ElicitAction::cancel};
  };
};

}  // namespace interop
