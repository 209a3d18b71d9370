#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/protocol/role.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// One argument of a prompt. On the wire its value is a string.
struct PromptArgument {
  std::string name;
  std::string title = {};  ///< For people; since 2025-06-18.
  std::string description = {};
  bool required = false;

  bool operator==(const PromptArgument&) const = default;
};

/// A prompt as `prompts/list` describes it.
struct Prompt {
  std::string name;
  std::string title = {};  ///< For people; since 2025-06-18.
  std::string description = {};
  std::vector<PromptArgument> arguments = {};
  std::vector<Icon> icons = {};  ///< Since 2025-11-25.
  Json meta = nullptr;           ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const Prompt&) const = default;
};

Json to_json(const Prompt& prompt, Revision revision);
/// `protocol_violation` without a `name`; the rest is read liberally.
Result<Prompt> prompt_from_json(const Json& json);

struct PromptMessage {
  Role role = Role::user;
  Content content;

  bool operator==(const PromptMessage&) const = default;
};

/// A message of the user with one text.
PromptMessage user_message(std::string text);
/// A message of the assistant with one text.
PromptMessage assistant_message(std::string text);

/// The answer to `prompts/get`.
struct GetPromptResult {
  std::string description = {};
  std::vector<PromptMessage> messages;
  Json meta = nullptr;  ///< `_meta`; null: none.

  bool operator==(const GetPromptResult&) const = default;
};

/// What may be large is moved out of an rvalue.
Json to_json(const GetPromptResult& result, Revision revision);
Json to_json(GetPromptResult&& result, Revision revision);
Result<GetPromptResult> get_prompt_result_from_json(const Json& json);
Result<GetPromptResult> get_prompt_result_from_json(Json&& json);

}  // namespace mcp_mqtt
