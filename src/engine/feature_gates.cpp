#include "engine/feature_gates.hpp"

#include <algorithm>
#include <array>

#include "engine/error_of.hpp"

namespace mcp_mqtt::engine {
namespace {

struct Gate {
  std::string_view method;
  bool ServerCapabilities::*capability;
  const char* name;
  /// Since when the capability guards the method.
  Revision guarded_since = Revision::v2024_11_05;
  /// Since when there is the method.
  Revision exists_since = Revision::v2024_11_05;
};

constexpr std::array gates{
    Gate{"tools/list", &ServerCapabilities::tools, "tools"},
    Gate{"tools/call", &ServerCapabilities::tools, "tools"},
    Gate{"resources/list", &ServerCapabilities::resources, "resources"},
    Gate{"resources/templates/list", &ServerCapabilities::resources, "resources"},
    Gate{"resources/read", &ServerCapabilities::resources, "resources"},
    Gate{"resources/subscribe", &ServerCapabilities::resources_subscribe, "resources.subscribe"},
    Gate{"resources/unsubscribe", &ServerCapabilities::resources_subscribe, "resources.subscribe"},
    Gate{"prompts/list", &ServerCapabilities::prompts, "prompts"},
    Gate{"prompts/get", &ServerCapabilities::prompts, "prompts"},
    // 2024-11-05 has completion without a capability.
    Gate{"completion/complete", &ServerCapabilities::completions, "completions",
         Revision::v2025_03_26},
    Gate{"logging/setLevel", &ServerCapabilities::logging, "logging"},
    Gate{"tasks/get", &ServerCapabilities::tasks_tools_call, "tasks.requests.tools.call",
         Revision::v2025_11_25, Revision::v2025_11_25},
    Gate{"tasks/result", &ServerCapabilities::tasks_tools_call, "tasks.requests.tools.call",
         Revision::v2025_11_25, Revision::v2025_11_25},
    Gate{"tasks/list", &ServerCapabilities::tasks_list, "tasks.list", Revision::v2025_11_25,
         Revision::v2025_11_25},
    Gate{"tasks/cancel", &ServerCapabilities::tasks_cancel, "tasks.cancel", Revision::v2025_11_25,
         Revision::v2025_11_25},
};
constexpr Gate tool_task{"tools/call as a task", &ServerCapabilities::tasks_tools_call,
                         "tasks.requests.tools.call", Revision::v2025_11_25, Revision::v2025_11_25};

Result<void> check(const Gate& gate, const ServerCapabilities& declared, Revision revision) {
  const std::string method(gate.method);
  if (revision < gate.exists_since) {
    return unsupported(method + ": revision " + std::string(to_string(revision)) +
                       ", which this session speaks, does not have it");
  }
  if (revision >= gate.guarded_since && !(declared.*gate.capability)) {
    return unsupported(method + ": the server did not declare '" + gate.name + "'");
  }
  return {};
}

}  // namespace

Result<void> check_request(const std::string& method, const Json& params,
                           const ServerCapabilities& declared, Revision revision) {
  const auto gate = std::find_if(gates.begin(), gates.end(),
                                 [&](const Gate& one) { return one.method == method; });
  if (gate == gates.end()) return {};
  if (auto allowed = check(*gate, declared, revision); !allowed) return allowed;
  if (method == "tools/call" && params.is_object() && params.contains("task")) {
    return check(tool_task, declared, revision);
  }
  return {};
}

}  // namespace mcp_mqtt::engine
