#include <mcp_mqtt/protocol/root.hpp>

#include "protocol/json_reader.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {

Json to_json(const std::vector<Root>& roots, Revision revision) {
  Json array = Json::array();
  for (const Root& root : roots) {
    Json json{{"uri", root.uri}};
    protocol::put_if(json, "name", root.name);
    protocol::put_meta(json, root.meta, revision);
    array.push_back(std::move(json));
  }
  return Json{{"roots", std::move(array)}};
}

Result<std::vector<Root>> roots_from_json(const Json& result) {
  if (!result.is_object()) return protocol::violation("a roots/list result that is no object");
  std::vector<Root> roots;
  const Json* array = protocol::find_value(result, "roots");
  if (array == nullptr) return roots;
  if (!array->is_array()) {
    return protocol::violation("a roots/list result whose 'roots' is no array");
  }
  for (const Json& json : *array) {
    auto uri = protocol::find_string(json, "uri");
    if (!uri) return protocol::violation("a root without a 'uri'");
    roots.push_back({*std::move(uri), protocol::string_or_empty(json, "name"),
                     protocol::object_or_null(json, "_meta")});
  }
  return roots;
}

}  // namespace mcp_mqtt
