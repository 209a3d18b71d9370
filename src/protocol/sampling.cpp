#include <mcp_mqtt/protocol/sampling.hpp>

#include "protocol/json_reader.hpp"
#include "protocol/sampling_content.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find_string;
using protocol::find_value;
using protocol::invalid_params;
using protocol::object_or_null;
using protocol::put_if;
using protocol::put_object;
using protocol::string_or_empty;
using protocol::violation;

constexpr const char* name_of(ToolChoice choice) {
  switch (choice) {
    case ToolChoice::required:
      return "required";
    case ToolChoice::none:
      return "none";
    case ToolChoice::automatic:
      break;
  }
  return "auto";
}

Json preferences_to_json(const ModelPreferences& preferences) {
  Json json = Json::object();
  if (!preferences.hints.empty()) {
    Json hints = Json::array();
    for (const std::string& hint : preferences.hints) hints.push_back(Json{{"name", hint}});
    json["hints"] = std::move(hints);
  }
  put_if(json, "costPriority", preferences.cost_priority);
  put_if(json, "speedPriority", preferences.speed_priority);
  put_if(json, "intelligencePriority", preferences.intelligence_priority);
  return json;
}

/// Advice only, so nothing in it is worth an error.
std::optional<ModelPreferences> preferences_from_json(const Json& params) {
  const Json* json = protocol::find_object(params, "modelPreferences");
  if (json == nullptr) return std::nullopt;
  ModelPreferences preferences;
  if (const Json* hints = find_value(*json, "hints"); hints != nullptr && hints->is_array()) {
    for (const Json& hint : *hints) {
      if (auto name = find_string(hint, "name")) preferences.hints.push_back(*std::move(name));
    }
  }
  preferences.cost_priority = protocol::find_number(*json, "costPriority");
  preferences.speed_priority = protocol::find_number(*json, "speedPriority");
  preferences.intelligence_priority = protocol::find_number(*json, "intelligencePriority");
  return preferences;
}

Result<Json> messages_to_json(const std::vector<SamplingMessage>& messages, Revision revision) {
  Json array = Json::array();
  for (const SamplingMessage& message : messages) {
    auto content = protocol::sampling_content_to_json(message.content, revision);
    if (!content) return content;
    Json json{{"role", to_string(message.role)}, {"content", *std::move(content)}};
    if (revision >= Revision::v2025_11_25) put_object(json, "_meta", message.meta);
    array.push_back(std::move(json));
  }
  return array;
}

Result<SamplingMessage> message_from_json(const Json& json) {
  const auto word = find_string(json, "role");
  if (!word) return violation("a sampling message without a 'role'");
  const auto role = parse_role(*word);
  if (!role)
    return violation("a sampling message with the unknown 'role' " + protocol::quoted(*word));
  auto content = protocol::sampling_content_from_json(json);
  if (!content) return std::move(content).error();
  return SamplingMessage{*role, *std::move(content), object_or_null(json, "_meta")};
}

Result<void> read_tools(const Json& params, CreateMessageRequest& request) {
  if (const Json* tools = find_value(params, "tools")) {
    if (!tools->is_array()) return invalid_params("'tools' is no array");
    for (const Json& json : *tools) {
      auto tool = tool_from_json(json);
      if (!tool) return invalid_params(std::move(tool).error().message);
      request.tools.push_back(*std::move(tool));
    }
  }
  if (const Json* choice = find_value(params, "toolChoice")) {
    if (!choice->is_object()) return invalid_params("'toolChoice' is no object");
    const Json* mode = find_value(*choice, "mode");
    request.tool_choice = ToolChoice::automatic;
    if (mode == nullptr) return {};
    for (const ToolChoice each : {ToolChoice::automatic, ToolChoice::required, ToolChoice::none}) {
      if (*mode != name_of(each)) continue;
      request.tool_choice = each;
      return {};
    }
    return invalid_params("the 'mode' of 'toolChoice' is none of auto, required and none");
  }
  return {};
}

}  // namespace

std::string SamplingMessage::text() const { return protocol::joined_text(content); }

SamplingMessage user_says(std::string text) { return {Role::user, {TextContent{std::move(text)}}}; }

SamplingMessage assistant_says(std::string text) {
  return {Role::assistant, {TextContent{std::move(text)}}};
}

Result<Json> to_json(const CreateMessageRequest& request, Revision revision) {
  auto messages = messages_to_json(request.messages, revision);
  if (!messages) return messages;
  if ((!request.tools.empty() || request.tool_choice) && revision < Revision::v2025_11_25) {
    return protocol::unsupported("MCP revision " + std::string(to_string(revision)) +
                                 " has no tools for sampling");
  }
  Json json{{"messages", *std::move(messages)}, {"maxTokens", request.max_tokens}};
  put_if(json, "systemPrompt", request.system_prompt);
  put_if(json, "includeContext", request.include_context);
  put_if(json, "temperature", request.temperature);
  if (!request.stop_sequences.empty()) json["stopSequences"] = request.stop_sequences;
  if (request.preferences) json["modelPreferences"] = preferences_to_json(*request.preferences);
  if (!request.tools.empty()) {
    Json tools = Json::array();
    for (const Tool& tool : request.tools) tools.push_back(to_json(tool, revision));
    json["tools"] = std::move(tools);
  }
  if (request.tool_choice) json["toolChoice"] = Json{{"mode", name_of(*request.tool_choice)}};
  put_object(json, "metadata", request.metadata);
  put_object(json, "_meta", request.meta);
  return json;
}

Result<CreateMessageRequest> create_message_request_from_json(const Json& params) {
  const Json* messages = find_value(params, "messages");
  if (messages == nullptr || !messages->is_array()) {
    return invalid_params("'messages' is missing or no array");
  }
  CreateMessageRequest request;
  for (const Json& json : *messages) {
    auto message = message_from_json(json);
    if (!message) return invalid_params(std::move(message).error().message);
    request.messages.push_back(*std::move(message));
  }
  if (find_value(params, "maxTokens") != nullptr) {
    const auto max_tokens = protocol::find_integer(params, "maxTokens");
    if (!max_tokens) return invalid_params("'maxTokens' is no whole number");
    request.max_tokens = *max_tokens;
  }
  if (auto done = read_tools(params, request); !done) return std::move(done).error();
  request.system_prompt = string_or_empty(params, "systemPrompt");
  request.include_context = string_or_empty(params, "includeContext");
  request.temperature = protocol::find_number(params, "temperature");
  request.stop_sequences = protocol::strings(params, "stopSequences");
  request.preferences = preferences_from_json(params);
  request.metadata = object_or_null(params, "metadata");
  request.meta = object_or_null(params, "_meta");
  return request;
}

std::string CreateMessageResult::text() const { return protocol::joined_text(content); }

Result<Json> to_json(const CreateMessageResult& result, Revision revision) {
  auto content = protocol::sampling_content_to_json(result.content, revision);
  if (!content) return content;
  Json json{
      {"role", to_string(result.role)}, {"content", *std::move(content)}, {"model", result.model}};
  put_if(json, "stopReason", result.stop_reason);
  put_object(json, "_meta", result.meta);
  return json;
}

Result<CreateMessageResult> create_message_result_from_json(const Json& json) {
  CreateMessageResult result;
  if (const auto word = find_string(json, "role")) {
    const auto role = parse_role(*word);
    if (!role)
      return violation("a model's answer with the unknown 'role' " + protocol::quoted(*word));
    result.role = *role;
  }
  auto content = protocol::sampling_content_from_json(json);
  if (!content) return std::move(content).error();
  result.content = *std::move(content);
  result.model = string_or_empty(json, "model");
  result.stop_reason = string_or_empty(json, "stopReason");
  result.meta = object_or_null(json, "_meta");
  return result;
}

}  // namespace mcp_mqtt
