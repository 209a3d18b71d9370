#pragma once

#include <chrono>
#include <string_view>

namespace mcp_mqtt {

/// How long each kind of request waits for its answer unless the call says otherwise (T45).
struct Timeouts {
  std::chrono::milliseconds initialize{30'000};
  std::chrono::milliseconds ping{10'000};
  std::chrono::milliseconds tools_list{30'000};
  std::chrono::milliseconds tools_call{60'000};
  std::chrono::milliseconds resources_list{30'000};
  std::chrono::milliseconds resources_templates_list{30'000};
  std::chrono::milliseconds resources_read{30'000};
  std::chrono::milliseconds resources_subscribe{30'000};
  std::chrono::milliseconds prompts_list{30'000};
  std::chrono::milliseconds prompts_get{30'000};
  std::chrono::milliseconds completion_complete{60'000};
  std::chrono::milliseconds logging_set_level{30'000};
  std::chrono::milliseconds roots_list{30'000};
  std::chrono::milliseconds sampling_create_message{60'000};
  /// A person reads and fills in a form.
  std::chrono::milliseconds elicitation_create{300'000};
  std::chrono::milliseconds tasks_get{30'000};
  /// Waits for the end of the task.
  std::chrono::milliseconds tasks_result{300'000};
  std::chrono::milliseconds tasks_list{30'000};
  std::chrono::milliseconds tasks_cancel{30'000};
  /// The cap of a call whose timeout starts again with progress, unless the call says otherwise: a
  /// peer that always reports and never answers ends too.
  std::chrono::milliseconds total{3'600'000};
  /// Methods that have no member here.
  std::chrono::milliseconds other{30'000};

  /// The timeout of a method by its name, e.g. "tools/call".
  std::chrono::milliseconds of(std::string_view method) const;
};

}  // namespace mcp_mqtt
