#include <mcp_mqtt/protocol/icon.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {

Json to_json(const Icon& icon) {
  Json json{{"src", icon.src}};
  protocol::put_if(json, "mimeType", icon.mime_type);
  if (!icon.sizes.empty()) json["sizes"] = icon.sizes;
  protocol::put_if(json, "theme", icon.theme);
  return json;
}

Icon icon_from_json(const Json& json) {
  Icon icon{protocol::string_or_empty(json, "src"), protocol::string_or_empty(json, "mimeType"),
            protocol::strings(json, "sizes"), protocol::string_or_empty(json, "theme")};
  // Drafts of the revision had one string here.
  if (auto size = protocol::find_string(json, "sizes")) icon.sizes = {*std::move(size)};
  return icon;
}

}  // namespace mcp_mqtt
