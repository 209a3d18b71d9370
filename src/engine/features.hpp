#pragma once

#include <cstddef>

#include <mcp_mqtt/protocol/initialize.hpp>

#include "engine/completer_registry.hpp"
#include "engine/prompt_registry.hpp"
#include "engine/resource_registry.hpp"
#include "engine/tool_registry.hpp"

namespace mcp_mqtt::engine {

/// A list that clients hear changes of (`notifications/…/list_changed`); `none`: no list.
enum class FeatureList { none, tools, resources, prompts };

/// What a server offers to its clients.
struct Features {
  ToolRegistry tools;
  ResourceRegistry resources;
  PromptRegistry prompts;
  CompleterRegistry completers;
  std::size_t page_size = 100;  // entries of a page, in every list
  /// Declared also while there is none: it will be added at run time.
  bool declare_tools = true;
  bool declare_resources = false;
  bool declare_prompts = false;
  bool logging = true;

  ServerCapabilities capabilities() const;
};

}  // namespace mcp_mqtt::engine
