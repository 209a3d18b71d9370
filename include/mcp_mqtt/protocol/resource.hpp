#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// A resource as `resources/list` describes it.
struct Resource {
  std::string uri;
  std::string name;
  std::string title = {};  ///< For people; since 2025-06-18.
  std::string description = {};
  std::string mime_type = {};
  std::optional<std::int64_t> size = {};  ///< Bytes, before Base64; since 2025-03-26.
  std::optional<Annotations> annotations = {};
  std::vector<Icon> icons = {};  ///< Since 2025-11-25.
  Json meta = nullptr;           ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const Resource&) const = default;
};

Json to_json(const Resource& resource, Revision revision);
/// `protocol_violation` without a `uri`; the rest is read liberally.
Result<Resource> resource_from_json(const Json& json);

/// A family of resources as `resources/templates/list` describes it.
struct ResourceTemplate {
  std::string uri_template;  ///< RFC 6570, e.g. `plant://{bed}/soil`.
  std::string name;
  std::string title = {};  ///< For people; since 2025-06-18.
  std::string description = {};
  std::string mime_type = {};  ///< Where all of them have the same.
  std::optional<Annotations> annotations = {};
  std::vector<Icon> icons = {};  ///< Since 2025-11-25.
  Json meta = nullptr;           ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const ResourceTemplate&) const = default;
};

Json to_json(const ResourceTemplate& resource_template, Revision revision);
/// `protocol_violation` without a `uriTemplate`; the rest is read liberally.
Result<ResourceTemplate> resource_template_from_json(const Json& json);

/// The answer to `resources/read`: one or, for a directory say, several contents.
struct ReadResourceResult {
  std::vector<ResourceContents> contents;
  Json meta = nullptr;  ///< `_meta`; null: none.

  /// The text of all text contents, joined by line feeds.
  std::string text() const;

  bool operator==(const ReadResourceResult&) const = default;
};

/// What may be large is moved out of an rvalue.
Json to_json(const ReadResourceResult& result, Revision revision);
Json to_json(ReadResourceResult&& result, Revision revision);
Result<ReadResourceResult> read_resource_result_from_json(const Json& json);
Result<ReadResourceResult> read_resource_result_from_json(Json&& json);

}  // namespace mcp_mqtt
