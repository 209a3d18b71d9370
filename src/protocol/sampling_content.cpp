#include "protocol/sampling_content.hpp"

#include <algorithm>
#include <string>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt::protocol {
namespace {

struct SamplingToJson {
  Revision revision;

  Json operator()(const UnknownContent& content) const { return content.json; }
  Json operator()(const ToolUseContent& content) const {
    Json json{{"type", "tool_use"}, {"id", content.id}, {"name", content.name}};
    json["input"] = content.input.is_object() ? content.input : Json::object();
    put_object(json, "_meta", content.meta);
    return json;
  }
  Json operator()(const ToolResultContent& content) const {
    Json array = Json::array();
    for (const Content& item : content.content) array.push_back(to_json(item, revision));
    Json json{{"type", "tool_result"}, {"toolUseId", content.tool_use_id}};
    json["content"] = std::move(array);
    put_object(json, "structuredContent", content.structured_content);
    if (content.is_error) json["isError"] = true;
    put_object(json, "_meta", content.meta);
    return json;
  }
  template <class Other>
  Json operator()(const Other& content) const {
    return to_json(Content(content), revision);
  }
};

bool is_about_tools(const SamplingContent& content) {
  return std::holds_alternative<ToolUseContent>(content) ||
         std::holds_alternative<ToolResultContent>(content);
}

Result<SamplingContent> tool_use_from_json(const Json& json) {
  auto id = find_string(json, "id");
  if (!id) return violation("a tool use without an 'id'");
  auto name = find_string(json, "name");
  if (!name) return violation("a tool use without a 'name'");
  ToolUseContent content{*std::move(id), *std::move(name)};
  if (const Json* input = find_value(json, "input")) {
    if (!input->is_object()) return violation("a tool use whose 'input' is no object");
    content.input = *input;
  }
  content.meta = object_or_null(json, "_meta");
  return SamplingContent(std::move(content));
}

Result<SamplingContent> tool_result_from_json(const Json& json) {
  auto id = find_string(json, "toolUseId");
  if (!id) return violation("a tool result without a 'toolUseId'");
  ToolResultContent result{*std::move(id)};
  if (const Json* content = find_value(json, "content")) {
    if (!content->is_array()) return violation("a tool result whose 'content' is no array");
    for (const Json& item : *content) {
      auto decoded = content_from_json(item);
      if (!decoded) return std::move(decoded).error();
      result.content.push_back(*std::move(decoded));
    }
  }
  result.structured_content = object_or_null(json, "structuredContent");
  result.is_error = find_bool(json, "isError").value_or(false);
  result.meta = object_or_null(json, "_meta");
  return SamplingContent(std::move(result));
}

Result<SamplingContent> item_from_json(const Json& json) {
  const auto type = find_string(json, "type");
  if (!type) return violation("content without a 'type'");
  if (*type == "tool_use") return tool_use_from_json(json);
  if (*type == "tool_result") return tool_result_from_json(json);
  if (*type != "text" && *type != "image" && *type != "audio") {
    return SamplingContent(UnknownContent{json});
  }
  auto content = content_from_json(json);
  if (!content) return std::move(content).error();
  return std::visit(
      [](auto&& alternative) -> Result<SamplingContent> {
        using Alternative = std::decay_t<decltype(alternative)>;
        if constexpr (std::is_constructible_v<SamplingContent, Alternative>) {
          return SamplingContent(std::forward<decltype(alternative)>(alternative));
        } else {
          return violation("content that sampling does not have");
        }
      },
      *std::move(content));
}

}  // namespace

Result<Json> sampling_content_to_json(const std::vector<SamplingContent>& content,
                                      Revision revision) {
  if (revision < Revision::v2025_11_25) {
    const std::string name = "MCP revision " + std::string(to_string(revision));
    if (std::any_of(content.begin(), content.end(), is_about_tools)) {
      return unsupported(name + " has no tool use in sampling");
    }
    if (content.size() != 1) {
      return unsupported(name + " allows exactly one content in a sampling message, not " +
                         std::to_string(content.size()));
    }
  }
  if (content.size() == 1) return std::visit(SamplingToJson{revision}, content.front());
  Json array = Json::array();
  for (const SamplingContent& item : content)
    array.push_back(std::visit(SamplingToJson{revision}, item));
  return array;
}

Result<std::vector<SamplingContent>> sampling_content_from_json(const Json& message) {
  const Json* json = find_value(message, "content");
  if (json == nullptr) return violation("a sampling message without 'content'");
  std::vector<SamplingContent> content;
  const auto read = [&](const Json& item) -> Result<void> {
    auto decoded = item_from_json(item);
    if (!decoded) return std::move(decoded).error();
    content.push_back(*std::move(decoded));
    return {};
  };
  if (!json->is_array()) {
    if (auto done = read(*json); !done) return std::move(done).error();
    return content;
  }
  for (const Json& item : *json) {
    if (auto done = read(item); !done) return std::move(done).error();
  }
  return content;
}

}  // namespace mcp_mqtt::protocol
