#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// Hints on a piece of content or a resource: for whom, how important, how fresh.
struct Annotations {
  std::vector<std::string> audience = {};  ///< "user", "assistant"; empty: not said.
  std::optional<double> priority = {};     ///< 0 (optional) to 1 (required).
  std::string last_modified = {};          ///< ISO 8601; since 2025-06-18.

  bool operator==(const Annotations&) const = default;
};

struct TextContent {
  std::string text;
  std::optional<Annotations> annotations = {};
  Json meta = nullptr;  ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const TextContent&) const = default;
};

struct ImageContent {
  std::string data;  ///< The bytes; Base64 is made on the wire.
  std::string mime_type;
  std::optional<Annotations> annotations = {};
  Json meta = nullptr;  ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const ImageContent&) const = default;
};

/// Since 2025-03-26; an older peer gets a text that names the type.
struct AudioContent {
  std::string data;  ///< The bytes; Base64 is made on the wire.
  std::string mime_type;
  std::optional<Annotations> annotations = {};
  Json meta = nullptr;  ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const AudioContent&) const = default;
};

/// The contents of a resource: a text or bytes.
struct ResourceContents {
  std::string uri;
  std::string mime_type = {};
  std::string text = {};  ///< The text, or the bytes where `binary` is set.
  bool binary = false;
  Json meta = nullptr;  ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const ResourceContents&) const = default;
};

struct EmbeddedResource {
  ResourceContents resource;
  std::optional<Annotations> annotations = {};
  Json meta = nullptr;  ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const EmbeddedResource&) const = default;
};

/// Since 2025-06-18; an older peer gets a text with the URI.
struct ResourceLink {
  std::string uri;
  std::string name;
  std::string title = {};
  std::string description = {};
  std::string mime_type = {};
  std::optional<std::int64_t> size = {};
  std::optional<Annotations> annotations = {};
  std::vector<Icon> icons = {};  ///< Since 2025-11-25.
  Json meta = nullptr;           ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const ResourceLink&) const = default;
};

/// Content of a type that this library does not know, as it came.
struct UnknownContent {
  Json json;

  bool operator==(const UnknownContent&) const = default;
};

using Content = std::variant<TextContent, ImageContent, AudioContent, EmbeddedResource,
                             ResourceLink, UnknownContent>;

/// The contents of a text or of bytes, for a resource's reader to return.
ResourceContents text_contents(std::string uri, std::string text, std::string mime_type = {});
ResourceContents binary_contents(std::string uri, std::string bytes, std::string mime_type);

/// As an element of `contents`, and of an embedded resource. Here as below: what may be large is
/// moved out of an rvalue.
Json to_json(const ResourceContents& contents, Revision revision);
Json to_json(ResourceContents&& contents, Revision revision);
Result<ResourceContents> resource_contents_from_json(const Json& json);
Result<ResourceContents> resource_contents_from_json(Json&& json);

/// The wire form for a peer that speaks `revision`: what the revision lacks becomes a text.
Json to_json(const Content& content, Revision revision);
Json to_json(Content&& content, Revision revision);
/// `protocol_violation` with what is missing.
Result<Content> content_from_json(const Json& json);
Result<Content> content_from_json(Json&& json);

}  // namespace mcp_mqtt
