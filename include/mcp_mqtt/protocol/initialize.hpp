#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// Who a peer is, in its own words.
struct Implementation {
  std::string name;
  std::string version;
  std::string title = {};        ///< For people; since 2025-06-18.
  std::string description = {};  ///< Since 2025-11-25.
  std::string website_url = {};  ///< Since 2025-11-25.
  std::vector<Icon> icons = {};  ///< Since 2025-11-25.

  bool operator==(const Implementation&) const = default;
};

Json to_json(const Implementation& implementation, Revision revision);
/// Liberal: what is missing reads as empty.
Implementation implementation_from_json(const Json& json);

/// What a server offers, as it declared in `initialize`.
struct ServerCapabilities {
  bool tools = false;
  bool tools_list_changed = false;
  bool resources = false;
  bool resources_subscribe = false;
  bool resources_list_changed = false;
  bool prompts = false;
  bool prompts_list_changed = false;
  bool logging = false;
  bool completions = false;  ///< Has no member in 2024-11-05.
  /// Since 2025-11-25: `tasks.requests.tools.call`, `tasks.list`, `tasks.cancel`.
  bool tasks_tools_call = false;
  bool tasks_list = false;
  bool tasks_cancel = false;
  Json experimental = nullptr;  ///< An object; null: none.
  /// The whole member as it came, with what this library does not know.
  Json raw = Json::object();
};

Json to_json(const ServerCapabilities& capabilities, Revision revision);
ServerCapabilities server_capabilities_from_json(const Json& json);

/// What a client offers, as it declared in `initialize`.
struct ClientCapabilities {
  bool roots = false;
  bool roots_list_changed = false;
  bool sampling = false;
  bool sampling_tools = false;    ///< Since 2025-11-25.
  bool sampling_context = false;  ///< Since 2025-11-25.
  bool elicitation = false;       ///< Forms; since 2025-06-18.
  bool elicitation_url = false;   ///< Since 2025-11-25.
  /// Since 2025-11-25: `tasks.requests.sampling.createMessage`, `….elicitation.create`,
  /// `tasks.list`, `tasks.cancel`.
  bool tasks_sampling = false;
  bool tasks_elicitation = false;
  bool tasks_list = false;
  bool tasks_cancel = false;
  Json experimental = nullptr;  ///< An object; null: none.
  /// The whole member as it came, with what this library does not know.
  Json raw = Json::object();
};

Json to_json(const ClientCapabilities& capabilities, Revision revision);
ClientCapabilities client_capabilities_from_json(const Json& json);

/// The answer to `initialize`.
struct InitializeResult {
  Revision revision = latest_revision;
  ServerCapabilities capabilities;
  Implementation server_info;
  std::string instructions;
};

}  // namespace mcp_mqtt
