#include "client/host.hpp"

#include <chrono>
#include <condition_variable>
#include <utility>
#include <variant>

namespace interop {

using namespace std::chrono_literals;
using mcp_mqtt::ClientRequestContext;
using mcp_mqtt::ClientSession;
using mcp_mqtt::CreateMessageRequest;
using mcp_mqtt::CreateMessageResult;
using mcp_mqtt::SamplingContent;

namespace {

CreateMessageResult says(SamplingContent content, std::string stop_reason = "endTurn") {
  return {
      .content = {std::move(content)}, .model = "parrot", .stop_reason = std::move(stop_reason)};
}

CreateMessageResult says_text(std::string text) {
  return says(mcp_mqtt::TextContent{.text = std::move(text)});
}

void wait_until_cancelled(const ClientRequestContext& context) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, context.stop_token(), 20s, [&] { return context.cancelled(); });
}

}  // namespace

CreateMessageResult Host::think(const CreateMessageRequest& request,
                                ClientRequestContext& context) {
  model_asked.add(request);
  const SamplingContent& last = request.messages.back().content.front();
  if (const auto* result = std::get_if<mcp_mqtt::ToolResultContent>(&last)) {
    return says_text("it says " + std::get<mcp_mqtt::TextContent>(result->content.at(0)).text);
  }
  if (!request.tools.empty()) {
    return says(
        mcp_mqtt::ToolUseContent{
            .id = "use-1", .name = request.tools.front().name, .input = {{"city", "Paris"}}},
        "toolUse");
  }
  const std::string text = std::get<mcp_mqtt::TextContent>(last).text;
  if (text == "reject") throw mcp_mqtt::McpError(mcp_mqtt::rpc_error(-1, "the user rejected it"));
  if (text == "wait") {
    wait_until_cancelled(context);
    if (context.cancelled()) ++cancelled;
  }
  if (text.starts_with("slowly")) {
    context.report_progress(1, 2);
    context.report_progress(2, 2);
  }
  return says_text("you wrote " + text);
}

void Host::set_user(User user) {
  const std::lock_guard lock(mutex_);
  user_ = std::move(user);
}

void Host::serve(mcp_mqtt::McpClient& client) {
  client.set_roots({{.uri = "file:///one", .name = "One"}});
  client.on_sampling([this](const CreateMessageRequest& request,
                            ClientRequestContext& context) { return think(request, context); },
                     {.tools = true, .context = true});
  client.on_elicitation(
      [this](const mcp_mqtt::ElicitRequest& request, ClientRequestContext&) {
        user_asked.add(request);
        std::unique_lock lock(mutex_);
        const User user = user_;
        lock.unlock();
        return user(request);
      },
      {.form = true, .url = true});
  client.on_log([heard = logs](const ClientSession&, const mcp_mqtt::LoggingMessage& message) {
    heard.add(message);
  });
  client.on_tools_changed([heard = lists_changed](const ClientSession&) { heard.add("tools"); });
  client.on_resources_changed(
      [heard = lists_changed](const ClientSession&) { heard.add("resources"); });
  client.on_prompts_changed(
      [heard = lists_changed](const ClientSession&) { heard.add("prompts"); });
  client.on_elicitation_complete(
      [heard = elicitations_completed](const ClientSession&, const std::string& id) {
        heard.add(id);
      });
  client.on_task_status(
      [heard = task_status](const ClientSession&, const mcp_mqtt::Task& task) { heard.add(task); });
}

}  // namespace interop
