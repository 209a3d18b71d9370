#include <mcp_mqtt/protocol/elicitation.hpp>
#include <mcp_mqtt/protocol/sampling.hpp>

#include "checks.hpp"

namespace conformance {

using mcp_mqtt::ClientRequestContext;
using mcp_mqtt::CreateMessageRequest;
using mcp_mqtt::CreateMessageResult;
using mcp_mqtt::ElicitRequest;
using mcp_mqtt::ElicitResult;

void register_host(mcp_mqtt::McpClient& client, Heard& heard) {
  client.on_log([&](auto, const mcp_mqtt::LoggingMessage& message) {
    heard.logs.put(list(to_string(message.level), message.data));
  });
  client.on_tools_changed([&](auto) { heard.list_changes.put("tools"); });
  client.on_sampling([&](const CreateMessageRequest& request, ClientRequestContext&) {
    heard.model_questions.put(to_json(request, mcp_mqtt::latest_revision).value());
    return CreateMessageResult{.content = {mcp_mqtt::TextContent{.text = "forty-two"}},
                               .model = "fixed-answer",
                               .stop_reason = "endTurn"};
  });
  client.on_elicitation([&](const ElicitRequest& request, ClientRequestContext&) {
    heard.user_questions.put({{"message", request.message}, {"schema", request.requested_schema}});
    Json content = Json::object();
    if (request.requested_schema["properties"].contains("response")) content["response"] = "yes";
    return ElicitResult{.content = content};
  });
}

}  // namespace conformance
