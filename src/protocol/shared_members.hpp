#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/revision.hpp>

// Members that several of MCP's types have.
namespace mcp_mqtt::protocol {

/// `annotations` of content, resources and templates.
void put_annotations(Json& object, const std::optional<Annotations>& annotations,
                     Revision revision);
std::optional<Annotations> find_annotations(const Json& object);

/// `icons`, since 2025-11-25. An icon without a source is none.
void put_icons(Json& object, const std::vector<Icon>& icons, Revision revision);
std::vector<Icon> find_icons(const Json& object);

/// `_meta` of what has one since 2025-06-18. (That of requests and results is older.)
void put_meta(Json& object, const Json& meta, Revision revision);

/// The text of all text content, joined by line feeds.
template <class AnyContent>
std::string joined_text(const std::vector<AnyContent>& content) {
  std::string joined;
  bool is_first = true;
  for (const AnyContent& item : content) {
    if (const auto* text = std::get_if<TextContent>(&item)) {
      if (!is_first) joined += '\n';
      joined += text->text;
      is_first = false;
    }
  }
  return joined;
}

}  // namespace mcp_mqtt::protocol
