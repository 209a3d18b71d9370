#include "protocol/shared_members.hpp"

#include "protocol/json_reader.hpp"

namespace mcp_mqtt::protocol {

void put_annotations(Json& object, const std::optional<Annotations>& annotations,
                     Revision revision) {
  if (!annotations) return;
  Json json = Json::object();
  if (!annotations->audience.empty()) json["audience"] = annotations->audience;
  put_if(json, "priority", annotations->priority);
  if (revision >= Revision::v2025_06_18) put_if(json, "lastModified", annotations->last_modified);
  object["annotations"] = std::move(json);
}

std::optional<Annotations> find_annotations(const Json& object) {
  const Json* json = find_object(object, "annotations");
  if (json == nullptr) return std::nullopt;
  return Annotations{strings(*json, "audience"), find_number(*json, "priority"),
                     string_or_empty(*json, "lastModified")};
}

void put_icons(Json& object, const std::vector<Icon>& icons, Revision revision) {
  if (revision < Revision::v2025_11_25) return;
  Json array = Json::array();
  for (const Icon& icon : icons) {
    if (!icon.src.empty()) array.push_back(to_json(icon));
  }
  if (!array.empty()) object["icons"] = std::move(array);
}

std::vector<Icon> find_icons(const Json& object) {
  std::vector<Icon> icons;
  const Json* array = find(object, "icons");
  if (array == nullptr || !array->is_array()) return icons;
  for (const Json& item : *array) {
    Icon icon = icon_from_json(item);
    if (!icon.src.empty()) icons.push_back(std::move(icon));
  }
  return icons;
}

void put_meta(Json& object, const Json& meta, Revision revision) {
  if (revision >= Revision::v2025_06_18) put_object(object, "_meta", meta);
}

}  // namespace mcp_mqtt::protocol
