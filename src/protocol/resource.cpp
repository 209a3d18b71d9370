#include <mcp_mqtt/protocol/resource.hpp>

#include "protocol/json_reader.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find_string;
using protocol::object_or_null;
using protocol::put_if;
using protocol::string_or_empty;
using protocol::violation;

/// What resources and templates have in common.
template <class Definition>
void put_definition(Json& json, const Definition& definition, Revision revision) {
  json["name"] = definition.name;
  put_if(json, "description", definition.description);
  put_if(json, "mimeType", definition.mime_type);
  protocol::put_annotations(json, definition.annotations, revision);
  if (revision >= Revision::v2025_06_18) put_if(json, "title", definition.title);
  protocol::put_icons(json, definition.icons, revision);
  protocol::put_meta(json, definition.meta, revision);
}

template <class Definition>
void find_definition(const Json& json, Definition& definition) {
  definition.name = string_or_empty(json, "name");
  definition.title = string_or_empty(json, "title");
  definition.description = string_or_empty(json, "description");
  definition.mime_type = string_or_empty(json, "mimeType");
  definition.annotations = protocol::find_annotations(json);
  definition.icons = protocol::find_icons(json);
  definition.meta = object_or_null(json, "_meta");
}

}  // namespace

Json to_json(const Resource& resource, Revision revision) {
  Json json{{"uri", resource.uri}};
  put_definition(json, resource, revision);
  if (revision >= Revision::v2025_03_26) put_if(json, "size", resource.size);
  return json;
}

Result<Resource> resource_from_json(const Json& json) {
  auto uri = find_string(json, "uri");
  if (!uri) return violation("a resource without a 'uri'");
  Resource resource;
  resource.uri = *std::move(uri);
  find_definition(json, resource);
  resource.size = protocol::find_integer(json, "size");
  return resource;
}

Json to_json(const ResourceTemplate& resource_template, Revision revision) {
  Json json{{"uriTemplate", resource_template.uri_template}};
  put_definition(json, resource_template, revision);
  return json;
}

Result<ResourceTemplate> resource_template_from_json(const Json& json) {
  auto uri_template = find_string(json, "uriTemplate");
  if (!uri_template) return violation("a resource template without a 'uriTemplate'");
  ResourceTemplate resource_template;
  resource_template.uri_template = *std::move(uri_template);
  find_definition(json, resource_template);
  return resource_template;
}

std::string ReadResourceResult::text() const {
  std::string joined;
  bool is_first = true;
  for (const ResourceContents& item : contents) {
    if (item.binary) continue;
    if (!is_first) joined += '\n';
    joined += item.text;
    is_first = false;
  }
  return joined;
}

Json to_json(const ReadResourceResult& result, Revision revision) {
  return to_json(ReadResourceResult(result), revision);
}

Json to_json(ReadResourceResult&& result, Revision revision) {
  Json contents = Json::array();
  for (ResourceContents& item : result.contents) {
    contents.push_back(to_json(std::move(item), revision));
  }
  Json json{{"contents", std::move(contents)}};
  protocol::put_object(json, "_meta", result.meta);
  return json;
}

Result<ReadResourceResult> read_resource_result_from_json(const Json& json) {
  return read_resource_result_from_json(Json(json));
}

Result<ReadResourceResult> read_resource_result_from_json(Json&& json) {
  if (!json.is_object()) return violation("a resources/read result that is no object");
  ReadResourceResult result;
  result.meta = object_or_null(json, "_meta");
  Json* contents = protocol::find(json, "contents");
  if (contents == nullptr || contents->is_null()) return result;
  if (!contents->is_array()) {
    return violation("a resources/read result whose 'contents' is no array");
  }
  for (Json& item : *contents) {
    auto decoded = resource_contents_from_json(std::move(item));
    if (!decoded) return std::move(decoded).error();
    result.contents.push_back(*std::move(decoded));
  }
  return result;
}

}  // namespace mcp_mqtt
