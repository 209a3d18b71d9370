#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/prompt_definition.hpp>

#include "engine/pages.hpp"

namespace mcp_mqtt::engine {

/// The prompts of a server, by name, and listed in that order.
class PromptRegistry {
 public:
  /// `invalid_argument` for a name that is taken or empty, or an argument that stands twice.
  /// With `replace` what is taken goes over to the new one.
  Result<void> add(PromptDefinition prompt, bool replace = false);
  /// Whether there was one.
  bool remove(std::string_view name);

  bool empty() const noexcept { return prompts_.empty(); }
  /// Whether an argument of a prompt has choices to complete it with.
  bool any_choices() const;
  /// nullptr where there is none.
  std::shared_ptr<const PromptDefinition> find(std::string_view name) const;

  /// A page of `prompts/list`.
  Result<Json> list(const Json& params, const PageRoom& room, Revision revision) const;

 private:
  std::map<std::string, std::shared_ptr<const PromptDefinition>, std::less<>> prompts_;
};

/// The `arguments` of `prompts/get` as an object of strings; -32602 for what is no string, and for
/// required arguments that are missing: all of them are named.
Result<Json> read_prompt_arguments(const Prompt& prompt, const Json& params);

}  // namespace mcp_mqtt::engine
