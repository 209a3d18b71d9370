#include <mcp_mqtt/protocol/prompt.hpp>

#include "protocol/json_reader.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find_string;
using protocol::find_value;
using protocol::put_if;
using protocol::string_or_empty;
using protocol::violation;

Json argument_to_json(const PromptArgument& argument, Revision revision) {
  Json json{{"name", argument.name}};
  if (revision >= Revision::v2025_06_18) put_if(json, "title", argument.title);
  put_if(json, "description", argument.description);
  if (argument.required) json["required"] = true;
  return json;
}

std::vector<PromptArgument> arguments_from_json(const Json& prompt) {
  std::vector<PromptArgument> arguments;
  const Json* array = find_value(prompt, "arguments");
  if (array == nullptr || !array->is_array()) return arguments;
  for (const Json& json : *array) {
    auto name = find_string(json, "name");
    if (!name) continue;
    arguments.push_back({*std::move(name), string_or_empty(json, "title"),
                         string_or_empty(json, "description"),
                         protocol::find_bool(json, "required").value_or(false)});
  }
  return arguments;
}

/// A message has one content by the specification; from a peer that sends several, each becomes a
/// message.
Result<void> read_message(Json& json, std::vector<PromptMessage>& messages) {
  const auto word = find_string(json, "role");
  if (!word) return violation("a prompt message without a 'role'");
  const auto role = parse_role(*word);
  if (!role)
    return violation("a prompt message with the unknown 'role' " + protocol::quoted(*word));
  Json* content = protocol::find(json, "content");
  if (content == nullptr || content->is_null()) {
    return violation("a prompt message without 'content'");
  }
  const auto read = [&](Json& item) -> Result<void> {
    auto decoded = content_from_json(std::move(item));
    if (!decoded) return std::move(decoded).error();
    messages.push_back({*role, *std::move(decoded)});
    return {};
  };
  if (!content->is_array()) return read(*content);
  for (Json& item : *content) {
    if (auto done = read(item); !done) return done;
  }
  return {};
}

}  // namespace

Json to_json(const Prompt& prompt, Revision revision) {
  Json json{{"name", prompt.name}};
  if (revision >= Revision::v2025_06_18) put_if(json, "title", prompt.title);
  put_if(json, "description", prompt.description);
  if (!prompt.arguments.empty()) {
    Json arguments = Json::array();
    for (const PromptArgument& argument : prompt.arguments) {
      arguments.push_back(argument_to_json(argument, revision));
    }
    json["arguments"] = std::move(arguments);
  }
  protocol::put_icons(json, prompt.icons, revision);
  protocol::put_meta(json, prompt.meta, revision);
  return json;
}

Result<Prompt> prompt_from_json(const Json& json) {
  auto name = find_string(json, "name");
  if (!name) return violation("a prompt without a 'name'");
  return Prompt{*std::move(name),
                string_or_empty(json, "title"),
                string_or_empty(json, "description"),
                arguments_from_json(json),
                protocol::find_icons(json),
                protocol::object_or_null(json, "_meta")};
}

PromptMessage user_message(std::string text) { return {Role::user, TextContent{std::move(text)}}; }

PromptMessage assistant_message(std::string text) {
  return {Role::assistant, TextContent{std::move(text)}};
}

Json to_json(const GetPromptResult& result, Revision revision) {
  return to_json(GetPromptResult(result), revision);
}

Json to_json(GetPromptResult&& result, Revision revision) {
  Json messages = Json::array();
  for (PromptMessage& message : result.messages) {
    messages.push_back(Json{{"role", to_string(message.role)},
                            {"content", to_json(std::move(message.content), revision)}});
  }
  Json json{{"messages", std::move(messages)}};
  put_if(json, "description", result.description);
  protocol::put_object(json, "_meta", result.meta);
  return json;
}

Result<GetPromptResult> get_prompt_result_from_json(const Json& json) {
  return get_prompt_result_from_json(Json(json));
}

Result<GetPromptResult> get_prompt_result_from_json(Json&& json) {
  if (!json.is_object()) return violation("a prompts/get result that is no object");
  GetPromptResult result;
  result.description = string_or_empty(json, "description");
  result.meta = protocol::object_or_null(json, "_meta");
  Json* messages = protocol::find(json, "messages");
  if (messages == nullptr || messages->is_null()) return result;
  if (!messages->is_array()) return violation("a prompts/get result whose 'messages' is no array");
  for (Json& item : *messages) {
    if (auto done = read_message(item, result.messages); !done) return std::move(done).error();
  }
  return result;
}

}  // namespace mcp_mqtt
