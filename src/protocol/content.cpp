#include <utility>

#include <mcp_mqtt/protocol/content.hpp>

#include "protocol/base64.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_string;
using protocol::put_if;
using protocol::string_or_empty;
using protocol::take_string;
using protocol::violation;

/// Without an initializer list, which makes an array of each member first: most content is text.
Json text_json(std::string text) {
  Json json = Json::object();
  json["type"] = "text";
  json["text"] = std::move(text);
  return json;
}

Json media_json(const char* type, std::string bytes, const std::string& mime_type) {
  std::string data = protocol::base64_encode(bytes);
  bytes = {};
  return Json{{"type", type}, {"data", std::move(data)}, {"mimeType", mime_type}};
}

/// Takes out of the content what may be large.
struct ToJson {
  Revision revision;

  Json operator()(TextContent& content) const { return text_json(std::move(content.text)); }
  Json operator()(ImageContent& content) const {
    return media_json("image", std::move(content.data), content.mime_type);
  }
  Json operator()(AudioContent& content) const {
    if (revision < Revision::v2025_03_26) {
      return text_json("[audio, " + content.mime_type + ", " + std::to_string(content.data.size()) +
                       " bytes]");
    }
    return media_json("audio", std::move(content.data), content.mime_type);
  }
  Json operator()(EmbeddedResource& content) const {
    return Json{{"type", "resource"}, {"resource", to_json(std::move(content.resource), revision)}};
  }
  Json operator()(const ResourceLink& content) const {
    if (revision < Revision::v2025_06_18) return text_json(content.uri);
    Json json{{"type", "resource_link"}, {"uri", content.uri}, {"name", content.name}};
    put_if(json, "title", content.title);
    put_if(json, "description", content.description);
    put_if(json, "mimeType", content.mime_type);
    put_if(json, "size", content.size);
    protocol::put_icons(json, content.icons, revision);
    return json;
  }
  Json operator()(UnknownContent& content) const { return std::move(content.json); }
};

Result<std::pair<std::string, std::string>> media_from_json(Json& json) {
  const auto data = take_string(json, "data");
  if (!data) return violation("image or audio content without 'data'");
  auto bytes = protocol::base64_decode(*data);
  if (!bytes) return violation("content whose 'data' is not Base64");
  return std::pair(std::move(*bytes), string_or_empty(json, "mimeType"));
}

/// The content without its annotations and `_meta`, taken out of `json`.
Result<Content> bare_content_from_json(Json& json, const std::string& type) {
  if (type == "text") {
    auto text = take_string(json, "text");
    if (!text) return violation("text content without 'text'");
    return Content(TextContent{*std::move(text)});
  }
  if (type == "image" || type == "audio") {
    auto media = media_from_json(json);
    if (!media) return std::move(media).error();
    if (type == "image") {
      return Content(ImageContent{std::move(media->first), std::move(media->second)});
    }
    return Content(AudioContent{std::move(media->first), std::move(media->second)});
  }
  if (type == "resource") {
    Json* resource = find(json, "resource");
    if (resource == nullptr) return violation("an embedded resource without 'resource'");
    auto contents = resource_contents_from_json(std::move(*resource));
    if (!contents) return std::move(contents).error();
    return Content(EmbeddedResource{*std::move(contents)});
  }
  if (type == "resource_link") {
    auto uri = find_string(json, "uri");
    if (!uri) return violation("a resource link without 'uri'");
    ResourceLink link{*std::move(uri), string_or_empty(json, "name")};
    link.title = string_or_empty(json, "title");
    link.description = string_or_empty(json, "description");
    link.mime_type = string_or_empty(json, "mimeType");
    link.size = protocol::find_integer(json, "size");
    link.icons = protocol::find_icons(json);
    return Content(std::move(link));
  }
  return Content(UnknownContent{std::move(json)});
}

}  // namespace

ResourceContents text_contents(std::string uri, std::string text, std::string mime_type) {
  return {std::move(uri), std::move(mime_type), std::move(text)};
}

ResourceContents binary_contents(std::string uri, std::string bytes, std::string mime_type) {
  return {std::move(uri), std::move(mime_type), std::move(bytes), true};
}

Json to_json(const ResourceContents& contents, Revision revision) {
  return to_json(ResourceContents(contents), revision);
}

Json to_json(ResourceContents&& contents, Revision revision) {
  Json json{{"uri", contents.uri}};
  put_if(json, "mimeType", contents.mime_type);
  if (contents.binary) {
    json["blob"] = protocol::base64_encode(contents.text);
    contents.text = {};
  } else {
    json["text"] = std::move(contents.text);
  }
  protocol::put_meta(json, contents.meta, revision);
  return json;
}

Result<ResourceContents> resource_contents_from_json(const Json& json) {
  return resource_contents_from_json(Json(json));
}

Result<ResourceContents> resource_contents_from_json(Json&& json) {
  auto uri = find_string(json, "uri");
  if (!uri) return violation("resource contents without a 'uri'");
  ResourceContents contents;
  contents.uri = *std::move(uri);
  contents.mime_type = string_or_empty(json, "mimeType");
  contents.meta = protocol::object_or_null(json, "_meta");
  if (auto text = take_string(json, "text")) {
    contents.text = *std::move(text);
    return contents;
  }
  const auto blob = take_string(json, "blob");
  if (!blob) return violation("resource contents with neither 'text' nor 'blob'");
  auto bytes = protocol::base64_decode(*blob);
  if (!bytes) return violation("a 'blob' that is not Base64");
  contents.text = *std::move(bytes);
  contents.binary = true;
  return contents;
}

Json to_json(const Content& content, Revision revision) {
  return to_json(Content(content), revision);
}

Json to_json(Content&& content, Revision revision) {
  Json json = std::visit(ToJson{revision}, content);
  std::visit(
      [&](const auto& alternative) {
        if constexpr (requires { alternative.annotations; }) {
          protocol::put_annotations(json, alternative.annotations, revision);
          protocol::put_meta(json, alternative.meta, revision);
        }
      },
      content);
  return json;
}

Result<Content> content_from_json(const Json& json) { return content_from_json(Json(json)); }

Result<Content> content_from_json(Json&& json) {
  const auto type = find_string(json, "type");
  if (!type) return violation("content without a 'type'");
  auto content = bare_content_from_json(json, *type);
  if (!content) return content;
  std::visit(
      [&](auto& alternative) {
        if constexpr (requires { alternative.annotations; }) {
          alternative.annotations = protocol::find_annotations(json);
          alternative.meta = protocol::object_or_null(json, "_meta");
        }
      },
      *content);
  return content;
}

}  // namespace mcp_mqtt
