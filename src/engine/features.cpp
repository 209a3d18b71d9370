#include "engine/features.hpp"

namespace mcp_mqtt::engine {

ServerCapabilities Features::capabilities() const {
  ServerCapabilities capabilities;
  capabilities.tools = capabilities.tools_list_changed = declare_tools || !tools.empty();
  capabilities.resources = declare_resources || !resources.empty();
  capabilities.resources_list_changed = capabilities.resources;
  capabilities.resources_subscribe = capabilities.resources;
  capabilities.prompts = capabilities.prompts_list_changed = declare_prompts || !prompts.empty();
  capabilities.logging = logging;
  capabilities.completions = !completers.empty() || prompts.any_choices();
  if (tools.any_task_support()) {
    capabilities.tasks_tools_call = capabilities.tasks_list = capabilities.tasks_cancel = true;
  }
  return capabilities;
}

}  // namespace mcp_mqtt::engine
