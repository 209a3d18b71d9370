#include <array>
#include <utility>

#include <mcp_mqtt/timeouts.hpp>

namespace mcp_mqtt {

std::chrono::milliseconds Timeouts::of(std::string_view method) const {
  using Member = std::chrono::milliseconds Timeouts::*;
  static constexpr std::array<std::pair<std::string_view, Member>, 20> table{{
      {"initialize", &Timeouts::initialize},
      {"ping", &Timeouts::ping},
      {"tools/list", &Timeouts::tools_list},
      {"tools/call", &Timeouts::tools_call},
      {"resources/list", &Timeouts::resources_list},
      {"resources/templates/list", &Timeouts::resources_templates_list},
      {"resources/read", &Timeouts::resources_read},
      {"resources/subscribe", &Timeouts::resources_subscribe},
      {"resources/unsubscribe", &Timeouts::resources_subscribe},
      {"prompts/list", &Timeouts::prompts_list},
      {"prompts/get", &Timeouts::prompts_get},
      {"completion/complete", &Timeouts::completion_complete},
      {"logging/setLevel", &Timeouts::logging_set_level},
      {"roots/list", &Timeouts::roots_list},
      {"sampling/createMessage", &Timeouts::sampling_create_message},
      {"elicitation/create", &Timeouts::elicitation_create},
      {"tasks/get", &Timeouts::tasks_get},
      {"tasks/result", &Timeouts::tasks_result},
      {"tasks/list", &Timeouts::tasks_list},
      {"tasks/cancel", &Timeouts::tasks_cancel},
  }};
  for (const auto& [name, member] : table) {
    if (name == method) return this->*member;
  }
  return other;
}

}  // namespace mcp_mqtt
