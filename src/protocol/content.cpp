#include <mcp_mqtt/protocol/content.hpp>

#include "protocol/base64.hpp"
#include "protocol/json_reader.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_string;
using protocol::put_if;
using protocol::string_or_empty;
using protocol::violation;

Json annotations_to_json(const Annotations& annotations, Revision revision) {
  Json json = Json::object();
  if (!annotations.audience.empty()) json["audience"] = annotations.audience;
  put_if(json, "priority", annotations.priority);
  if (revision >= Revision::v2025_06_18) put_if(json, "lastModified", annotations.last_modified);
  return json;
}

std::optional<Annotations> annotations_from_json(const Json& content) {
  const Json* json = find(content, "annotations");
  if (json == nullptr || !json->is_object()) return std::nullopt;
  Annotations annotations;
  if (const Json* audience = find(*json, "audience"); audience != nullptr && audience->is_array()) {
    for (const Json& role : *audience) {
      if (role.is_string()) annotations.audience.push_back(role.get<std::string>());
    }
  }
  annotations.priority = protocol::find_number(*json, "priority");
  annotations.last_modified = string_or_empty(*json, "lastModified");
  return annotations;
}

Json resource_contents_to_json(const ResourceContents& resource) {
  Json json{{"uri", resource.uri}};
  put_if(json, "mimeType", resource.mime_type);
  if (resource.binary) {
    json["blob"] = protocol::base64_encode(resource.text);
  } else {
    json["text"] = resource.text;
  }
  return json;
}

Result<ResourceContents> resource_contents_from_json(const Json& json) {
  auto uri = find_string(json, "uri");
  if (!uri) return violation("resource contents without a 'uri'");
  ResourceContents resource{std::move(*uri), string_or_empty(json, "mimeType"), {}, false};
  if (auto text = find_string(json, "text")) {
    resource.text = std::move(*text);
    return resource;
  }
  const auto blob = find_string(json, "blob");
  if (!blob) return violation("resource contents with neither 'text' nor 'blob'");
  auto bytes = protocol::base64_decode(*blob);
  if (!bytes) return violation("a 'blob' that is not Base64");
  resource.text = std::move(*bytes);
  resource.binary = true;
  return resource;
}

Json text_json(std::string text) { return Json{{"type", "text"}, {"text", std::move(text)}}; }

Json media_json(const char* type, const std::string& data, const std::string& mime_type) {
  return Json{{"type", type}, {"data", protocol::base64_encode(data)}, {"mimeType", mime_type}};
}

struct ToJson {
  Revision revision;

  Json operator()(const TextContent& content) const { return text_json(content.text); }
  Json operator()(const ImageContent& content) const {
    return media_json("image", content.data, content.mime_type);
  }
  Json operator()(const AudioContent& content) const {
    if (revision < Revision::v2025_03_26) {
      return text_json("[audio, " + content.mime_type + ", " + std::to_string(content.data.size()) +
                       " bytes]");
    }
    return media_json("audio", content.data, content.mime_type);
  }
  Json operator()(const EmbeddedResource& content) const {
    return Json{{"type", "resource"}, {"resource", resource_contents_to_json(content.resource)}};
  }
  Json operator()(const ResourceLink& content) const {
    if (revision < Revision::v2025_06_18) return text_json(content.uri);
    Json json{{"type", "resource_link"}, {"uri", content.uri}, {"name", content.name}};
    put_if(json, "title", content.title);
    put_if(json, "description", content.description);
    put_if(json, "mimeType", content.mime_type);
    put_if(json, "size", content.size);
    return json;
  }
  Json operator()(const UnknownContent& content) const { return content.json; }
};

Result<std::pair<std::string, std::string>> media_from_json(const Json& json) {
  const auto data = find_string(json, "data");
  if (!data) return violation("image or audio content without 'data'");
  auto bytes = protocol::base64_decode(*data);
  if (!bytes) return violation("content whose 'data' is not Base64");
  return std::pair(std::move(*bytes), string_or_empty(json, "mimeType"));
}

}  // namespace

Json to_json(const Content& content, Revision revision) {
  Json json = std::visit(ToJson{revision}, content);
  std::visit(
      [&](const auto& alternative) {
        if constexpr (requires { alternative.annotations; }) {
          if (alternative.annotations) {
            json["annotations"] = annotations_to_json(*alternative.annotations, revision);
          }
        }
      },
      content);
  return json;
}

Result<Content> content_from_json(const Json& json) {
  const auto type = find_string(json, "type");
  if (!type) return violation("content without a 'type'");
  auto annotations = annotations_from_json(json);
  if (*type == "text") {
    auto text = find_string(json, "text");
    if (!text) return violation("text content without 'text'");
    return Content(TextContent{std::move(*text), std::move(annotations)});
  }
  if (*type == "image" || *type == "audio") {
    auto media = media_from_json(json);
    if (!media) return media.error();
    if (*type == "image") {
      return Content(
          ImageContent{std::move(media->first), std::move(media->second), std::move(annotations)});
    }
    return Content(
        AudioContent{std::move(media->first), std::move(media->second), std::move(annotations)});
  }
  if (*type == "resource") {
    const Json* resource = find(json, "resource");
    if (resource == nullptr) return violation("an embedded resource without 'resource'");
    auto contents = resource_contents_from_json(*resource);
    if (!contents) return contents.error();
    return Content(EmbeddedResource{*std::move(contents), std::move(annotations)});
  }
  if (*type == "resource_link") {
    auto uri = find_string(json, "uri");
    if (!uri) return violation("a resource link without 'uri'");
    ResourceLink link{std::move(*uri),
                      string_or_empty(json, "name"),
                      string_or_empty(json, "title"),
                      string_or_empty(json, "description"),
                      string_or_empty(json, "mimeType"),
                      std::nullopt,
                      std::move(annotations)};
    if (const Json* size = find(json, "size"); size != nullptr && size->is_number_integer()) {
      link.size = size->get<std::int64_t>();
    }
    return Content(std::move(link));
  }
  return Content(UnknownContent{json});
}

}  // namespace mcp_mqtt
