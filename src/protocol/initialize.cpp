#include <mcp_mqtt/protocol/initialize.hpp>

#include "protocol/json_reader.hpp"
#include "protocol/shared_members.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_bool;
using protocol::string_or_empty;

/// An object by the specification; `true` comes from the field too.
bool declared(const Json& capabilities, const char* name) {
  const Json* member = protocol::find_value(capabilities, name);
  return member != nullptr && *member != Json(false);
}

/// The member, or null: to look further down.
const Json& below(const Json& json, const char* name) {
  static const Json none;
  const Json* member = find(json, name);
  return member == nullptr ? none : *member;
}

bool flag(const Json& capabilities, const char* name, const char* member) {
  const Json* capability = find(capabilities, name);
  return capability != nullptr && find_bool(*capability, member).value_or(false);
}

using Flags = std::initializer_list<std::pair<const char*, bool>>;

Json capability(Flags flags) {
  Json json = Json::object();
  for (const auto& [name, set] : flags) {
    if (set) json[name] = true;
  }
  return json;
}

/// The parts that 2025-11-25 added are objects instead of booleans.
Json capability_of_parts(Flags parts) {
  Json json = Json::object();
  for (const auto& [name, set] : parts) {
    if (set) json[name] = Json::object();
  }
  return json;
}

/// What clients may offer since 2025-11-25.
void put_2025_11_25(Json& json, const ClientCapabilities& capabilities) {
  if (capabilities.sampling) {
    json["sampling"] = capability_of_parts(
        {{"tools", capabilities.sampling_tools}, {"context", capabilities.sampling_context}});
  }
  if (capabilities.elicitation || capabilities.elicitation_url) {
    json["elicitation"] = capability_of_parts(
        {{"form", capabilities.elicitation}, {"url", capabilities.elicitation_url}});
  }
  Json tasks = capability_of_parts(
      {{"list", capabilities.tasks_list}, {"cancel", capabilities.tasks_cancel}});
  if (capabilities.tasks_sampling) {
    tasks["requests"]["sampling"]["createMessage"] = Json::object();
  }
  if (capabilities.tasks_elicitation) tasks["requests"]["elicitation"]["create"] = Json::object();
  if (!tasks.empty()) json["tasks"] = std::move(tasks);
}

}  // namespace

Json to_json(const Implementation& implementation, Revision revision) {
  Json json{{"name", implementation.name}, {"version", implementation.version}};
  if (revision >= Revision::v2025_06_18) protocol::put_if(json, "title", implementation.title);
  if (revision >= Revision::v2025_11_25) {
    protocol::put_if(json, "description", implementation.description);
    protocol::put_if(json, "websiteUrl", implementation.website_url);
  }
  protocol::put_icons(json, implementation.icons, revision);
  return json;
}

Implementation implementation_from_json(const Json& json) {
  return {string_or_empty(json, "name"),       string_or_empty(json, "version"),
          string_or_empty(json, "title"),      string_or_empty(json, "description"),
          string_or_empty(json, "websiteUrl"), protocol::find_icons(json)};
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
  if (revision >= Revision::v2025_11_25) {
    Json tasks = capability_of_parts(
        {{"list", capabilities.tasks_list}, {"cancel", capabilities.tasks_cancel}});
    if (capabilities.tasks_tools_call) tasks["requests"]["tools"]["call"] = Json::object();
    if (!tasks.empty()) json["tasks"] = std::move(tasks);
  }
  protocol::put_object(json, "experimental", capabilities.experimental);
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
  const Json& tasks = below(json, "tasks");
  capabilities.tasks_tools_call = declared(below(below(tasks, "requests"), "tools"), "call");
  capabilities.tasks_list = declared(tasks, "list");
  capabilities.tasks_cancel = declared(tasks, "cancel");
  capabilities.experimental = protocol::object_or_null(json, "experimental");
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
  if (revision >= Revision::v2025_11_25) put_2025_11_25(json, capabilities);
  protocol::put_object(json, "experimental", capabilities.experimental);
  return json;
}

ClientCapabilities client_capabilities_from_json(const Json& json) {
  ClientCapabilities capabilities;
  capabilities.roots = declared(json, "roots");
  capabilities.roots_list_changed = flag(json, "roots", "listChanged");
  capabilities.sampling = declared(json, "sampling");
  const Json& sampling = below(json, "sampling");
  capabilities.sampling_tools = declared(sampling, "tools");
  capabilities.sampling_context = declared(sampling, "context");
  const Json& elicitation = below(json, "elicitation");
  capabilities.elicitation_url = declared(elicitation, "url");
  // Without a part it means forms, which is all that 2025-06-18 had.
  capabilities.elicitation = declared(json, "elicitation") &&
                             (declared(elicitation, "form") || !capabilities.elicitation_url);
  const Json& tasks = below(json, "tasks");
  const Json& requests = below(tasks, "requests");
  capabilities.tasks_sampling = declared(below(requests, "sampling"), "createMessage");
  capabilities.tasks_elicitation = declared(below(requests, "elicitation"), "create");
  capabilities.tasks_list = declared(tasks, "list");
  capabilities.tasks_cancel = declared(tasks, "cancel");
  capabilities.experimental = protocol::object_or_null(json, "experimental");
  if (json.is_object()) capabilities.raw = json;
  return capabilities;
}

}  // namespace mcp_mqtt
