#include <utility>

#include <mcp_mqtt/protocol/tool.hpp>

#include "protocol/json_reader.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_bool;
using protocol::find_object;
using protocol::find_string;
using protocol::object_or_null;
using protocol::put_if;
using protocol::put_object;
using protocol::string_or_empty;
using protocol::violation;

/// A bridge in the field reads `type` and `properties` even of a tool without arguments.
Json complete_input_schema(const Json& schema) {
  Json complete = schema.is_object() ? schema : Json::object();
  if (!complete.contains("type")) complete["type"] = "object";
  if (!complete.contains("properties")) complete["properties"] = Json::object();
  return complete;
}

Json annotations_to_json(const ToolAnnotations& annotations) {
  Json json = Json::object();
  put_if(json, "title", annotations.title);
  put_if(json, "readOnlyHint", annotations.read_only);
  put_if(json, "destructiveHint", annotations.destructive);
  put_if(json, "idempotentHint", annotations.idempotent);
  put_if(json, "openWorldHint", annotations.open_world);
  return json;
}

}  // namespace

Json to_json(const Tool& tool, Revision revision) {
  Json json{{"name", tool.name}, {"inputSchema", complete_input_schema(tool.input_schema)}};
  put_if(json, "description", tool.description);
  if (tool.annotations && revision >= Revision::v2025_03_26) {
    json["annotations"] = annotations_to_json(*tool.annotations);
  }
  if (revision >= Revision::v2025_06_18) {
    put_if(json, "title", tool.title);
    put_object(json, "outputSchema", tool.output_schema);
  }
  if (tool.task_support != TaskSupport::forbidden && revision >= Revision::v2025_11_25) {
    json["execution"] = Json{{"taskSupport", to_string(tool.task_support)}};
  }
  protocol::put_icons(json, tool.icons, revision);
  protocol::put_meta(json, tool.meta, revision);
  return json;
}

Result<Tool> tool_from_json(const Json& json) {
  auto name = find_string(json, "name");
  if (!name) return violation("a tool without a 'name'");
  Tool tool;
  tool.name = std::move(*name);
  tool.title = string_or_empty(json, "title");
  tool.description = string_or_empty(json, "description");
  if (const Json* schema = find_object(json, "inputSchema")) tool.input_schema = *schema;
  tool.output_schema = object_or_null(json, "outputSchema");
  tool.icons = protocol::find_icons(json);
  if (const Json* execution = find_object(json, "execution")) {
    tool.task_support = parse_task_support(string_or_empty(*execution, "taskSupport"))
                            .value_or(TaskSupport::forbidden);
  }
  tool.meta = object_or_null(json, "_meta");
  if (const Json* hints = find_object(json, "annotations")) {
    tool.annotations =
        ToolAnnotations{string_or_empty(*hints, "title"), find_bool(*hints, "readOnlyHint"),
                        find_bool(*hints, "destructiveHint"), find_bool(*hints, "idempotentHint"),
                        find_bool(*hints, "openWorldHint")};
  }
  return tool;
}

std::string CallToolResult::text() const { return protocol::joined_text(content); }

CallToolResult text_result(std::string text) {
  CallToolResult result;
  result.content.emplace_back(TextContent{std::move(text)});
  return result;
}

CallToolResult error_result(std::string text) {
  CallToolResult result = text_result(std::move(text));
  result.is_error = true;
  return result;
}

Json to_json(const CallToolResult& result, Revision revision) {
  return to_json(CallToolResult(result), revision);
}

Json to_json(CallToolResult&& result, Revision revision) {
  Json content = Json::array();
  for (Content& item : result.content) content.push_back(to_json(std::move(item), revision));
  Json json = Json::object();
  if (!result.structured_content.is_null()) {
    // Peers refuse what is no object, as their revisions allow.
    if (revision >= Revision::v2025_06_18 && result.structured_content.is_object()) {
      json["structuredContent"] = std::move(result.structured_content);
    } else if (content.empty()) {
      content.push_back(to_json(Content(TextContent{result.structured_content.dump(
                                    -1, ' ', false, Json::error_handler_t::replace)}),
                                revision));
    }
  }
  json["content"] = std::move(content);
  if (result.is_error) json["isError"] = true;
  put_object(json, "_meta", result.meta);
  return json;
}

Result<CallToolResult> call_tool_result_from_json(const Json& json) {
  return call_tool_result_from_json(Json(json));
}

Result<CallToolResult> call_tool_result_from_json(Json&& json) {
  if (!json.is_object()) return violation("a tools/call result that is no object");
  CallToolResult result;
  if (Json* structured = find(json, "structuredContent");
      structured != nullptr && structured->is_object()) {
    result.structured_content = std::move(*structured);
  }
  result.is_error = find_bool(json, "isError").value_or(false);
  result.meta = object_or_null(json, "_meta");
  Json* content = find(json, "content");
  if (content == nullptr || content->is_null()) return result;
  if (!content->is_array()) return violation("a tools/call result whose 'content' is no array");
  for (Json& item : *content) {
    auto decoded = content_from_json(std::move(item));
    if (!decoded) return std::move(decoded).error();
    result.content.push_back(*std::move(decoded));
  }
  return result;
}

}  // namespace mcp_mqtt
