#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/protocol/role.hpp>
#include <mcp_mqtt/protocol/tool.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// The model wants a tool to be used (since 2025-11-25).
struct ToolUseContent {
  std::string id;  ///< Names this use; its result refers to it.
  std::string name;
  Json input = Json::object();
  Json meta = nullptr;

  bool operator==(const ToolUseContent&) const = default;
};

/// What a tool answered to the model (since 2025-11-25).
struct ToolResultContent {
  std::string tool_use_id;
  std::vector<Content> content = {};
  Json structured_content = nullptr;
  bool is_error = false;
  Json meta = nullptr;

  bool operator==(const ToolResultContent&) const = default;
};

using SamplingContent = std::variant<TextContent, ImageContent, AudioContent, ToolUseContent,
                                     ToolResultContent, UnknownContent>;

/// One message of a conversation with a model. Before 2025-11-25 it has exactly one content.
struct SamplingMessage {
  Role role = Role::user;
  std::vector<SamplingContent> content;
  Json meta = nullptr;

  /// All text content, joined by line feeds.
  std::string text() const;

  bool operator==(const SamplingMessage&) const = default;
};

/// A message of the user with one text.
SamplingMessage user_says(std::string text);
/// A message of the assistant with one text.
SamplingMessage assistant_says(std::string text);

/// What matters in the choice of a model; the client decides.
struct ModelPreferences {
  std::vector<std::string> hints = {};       ///< Parts of model names, best first.
  std::optional<double> cost_priority = {};  ///< 0 to 1, and so the others.
  std::optional<double> speed_priority = {};
  std::optional<double> intelligence_priority = {};

  bool operator==(const ModelPreferences&) const = default;
};

/// Whether the model may use the tools of a request (since 2025-11-25).
enum class ToolChoice { automatic, required, none };

/// The params of `sampling/createMessage`.
struct CreateMessageRequest {
  std::vector<SamplingMessage> messages;
  std::int64_t max_tokens = 1'000;
  std::string system_prompt = {};
  /// "none", "thisServer" or "allServers"; empty: not said.
  std::string include_context = {};
  std::optional<double> temperature = {};
  std::vector<std::string> stop_sequences = {};
  std::optional<ModelPreferences> preferences = {};
  /// Tools that the model may use (since 2025-11-25, behind the capability `sampling.tools`).
  std::vector<Tool> tools = {};
  std::optional<ToolChoice> tool_choice = {};
  Json metadata = nullptr;  ///< For the model's provider; null: none.
  Json meta = nullptr;      ///< `_meta`; null: none.

  bool operator==(const CreateMessageRequest&) const = default;
};

/// `unsupported` for what the revision has no form for: tools, any number of contents in a message
/// but one. (Audio becomes a text, as in other content.)
Result<Json> to_json(const CreateMessageRequest& request, Revision revision);
/// -32602 with what is wrong.
Result<CreateMessageRequest> create_message_request_from_json(const Json& params);

/// The model's answer.
struct CreateMessageResult {
  Role role = Role::assistant;
  std::vector<SamplingContent> content;
  std::string model;
  /// "endTurn", "stopSequence", "maxTokens", "toolUse" or the provider's own; empty: not said.
  std::string stop_reason = {};
  Json meta = nullptr;

  /// All text content, joined by line feeds.
  std::string text() const;

  bool operator==(const CreateMessageResult&) const = default;
};

Result<Json> to_json(const CreateMessageResult& result, Revision revision);
Result<CreateMessageResult> create_message_result_from_json(const Json& json);

}  // namespace mcp_mqtt
