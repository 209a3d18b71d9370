#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

// The server that README.md describes, one source file for each group of features.
namespace interop {

/// What its tools share.
class Device {
 public:
  std::atomic<int> volume = 0;
  std::atomic<bool> last_cancelled = false;

  void roots_changed(const std::string& client_id);
  int root_changes(const std::string& client_id) const;
  /// Ends the client's session soon, so that an answer that is under way gets out first.
  void hang_up_soon(const mcp_mqtt::ConnectedClient& client);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> root_changes_;
  std::vector<std::jthread> hanging_up_;
};

/// The six bytes of a picture, and its type.
const std::string& picture();
inline const std::string picture_type = "image/png";
mcp_mqtt::AudioContent sound();
mcp_mqtt::Icon icon();
mcp_mqtt::ResourceContents manual();
mcp_mqtt::ResourceContents logo();

/// Counts at 20 ms a step and tells the progress; throws when the call is cancelled.
void count_to(int to, Device& device, mcp_mqtt::RequestContext& context);

/// `{"action":…,"content":…}`, without content where there is none.
mcp_mqtt::CallToolResult shown(const mcp_mqtt::ElicitResult& result);
mcp_mqtt::ElicitRequest person_form();

void add_basic_tools(mcp_mqtt::McpServer& server, Device& device);
void add_content_tools(mcp_mqtt::McpServer& server);
void add_session_tools(mcp_mqtt::McpServer& server, Device& device);
void add_model_tools(mcp_mqtt::McpServer& server);
void add_user_tools(mcp_mqtt::McpServer& server);
void add_task_tools(mcp_mqtt::McpServer& server, Device& device);
void add_resources(mcp_mqtt::McpServer& server, Device& device);
void add_prompts(mcp_mqtt::McpServer& server);
void add_completions(mcp_mqtt::McpServer& server);

}  // namespace interop
