#include <mcp_mqtt/protocol/initialize.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_bool;
using protocol::string_or_empty;

bool declared(const Json& capabilities, const char* name) {
  const Json* member = find(capabilities, name);
  return member != nullptr && !member->is_null();
}

bool flag(const Json& capabilities, const char* name, const char* member) {
  const Json* capability = find(capabilities, name);
  return capability != nullptr && find_bool(*capability, member).value_or(false);
}

Json capability(std::initializer_list<std::pair<const char*, bool>> flags) {
  Json json = Json::object();
  for (const auto& [name, set] : flags) {
    if (set) json[name] = true;
  }
  return json;
}

}  // namespace

Json to_json(const Implementation& implementation, Revision revision) {
  Json json{{"name", implementation.name}, {"version", implementation.version}};
  if (revision >= Revision::v2025_06_18) protocol::put_if(json, "title", implementation.title);
  return json;
}

Implementation implementation_from_json(const Json& json) {
  return {string_or_empty(json, "name"), string_or_empty(json, "version"),
          string_or_empty(json, "title")};
}

Json to_json(const ServerCapabilities& capabilities, Revision revision) {
  Json json = Json::object();
  if (capabilities.tools) {
    json["tools"] = capability({{"listChanged", capabilities.tools_list_changed}});
  }
  if (capabilities.resources) {
    json["resources"] = capability({{"subscribe", capabilities.resources_subscribe},
                                    {"listChanged", capabilities.resources_list_changed}});
  }
  if (capabilities.prompts) {
    json["prompts"] = capability({{"listChanged", capabilities.prompts_list_changed}});
  }
  if (capabilities.logging) json["logging"] = Json::object();
  if (capabilities.completions && revision >= Revision::v2025_03_26) {
    json["completions"] = Json::object();
  }
  return json;
}

ServerCapabilities server_capabilities_from_json(const Json& json) {
  ServerCapabilities capabilities;
  capabilities.tools = declared(json, "tools");
  capabilities.tools_list_changed = flag(json, "tools", "listChanged");
  capabilities.resources = declared(json, "resources");
  capabilities.resources_subscribe = flag(json, "resources", "subscribe");
  capabilities.resources_list_changed = flag(json, "resources", "listChanged");
  capabilities.prompts = declared(json, "prompts");
  capabilities.prompts_list_changed = flag(json, "prompts", "listChanged");
  capabilities.logging = declared(json, "logging");
  capabilities.completions = declared(json, "completions");
  if (json.is_object()) capabilities.raw = json;
  return capabilities;
}

Json to_json(const ClientCapabilities& capabilities, Revision revision) {
  Json json = Json::object();
  if (capabilities.roots) {
    json["roots"] = capability({{"listChanged", capabilities.roots_list_changed}});
  }
  if (capabilities.sampling) json["sampling"] = Json::object();
  if (capabilities.elicitation && revision >= Revision::v2025_06_18) {
    json["elicitation"] = Json::object();
  }
  return json;
}

ClientCapabilities client_capabilities_from_json(const Json& json) {
  ClientCapabilities capabilities;
  capabilities.roots = declared(json, "roots");
  capabilities.roots_list_changed = flag(json, "roots", "listChanged");
  capabilities.sampling = declared(json, "sampling");
  capabilities.elicitation = declared(json, "elicitation");
  if (json.is_object()) capabilities.raw = json;
  return capabilities;
}

}  // namespace mcp_mqtt
