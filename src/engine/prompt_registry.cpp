#include "engine/prompt_registry.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/pages.hpp"
#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

Error invalid_prompt(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, std::move(message), nullptr};
}

}  // namespace

Result<void> PromptRegistry::add(PromptDefinition prompt, bool replace) {
  const std::string name = prompt.prompt.name;
  if (name.empty()) return invalid_prompt("the name of a prompt is empty");
  if (!prompt.handler) return invalid_prompt("prompt '" + name + "' has no handler");
  std::set<std::string_view> names;
  for (const PromptArgument& argument : prompt.prompt.arguments) {
    if (argument.name.empty())
      return invalid_prompt("prompt '" + name + "' has an argument without name");
    if (!names.insert(argument.name).second) {
      return invalid_prompt("prompt '" + name + "' has two arguments '" + argument.name + "'");
    }
  }
  if (!replace && prompts_.contains(name)) {
    return invalid_prompt("prompt '" + name + "' is defined already");
  }
  prompts_.insert_or_assign(name, std::make_shared<const PromptDefinition>(std::move(prompt)));
  return {};
}

bool PromptRegistry::remove(std::string_view name) {
  const auto found = prompts_.find(name);
  if (found == prompts_.end()) return false;
  prompts_.erase(found);
  return true;
}

bool PromptRegistry::any_choices() const {
  return std::any_of(prompts_.begin(), prompts_.end(),
                     [](const auto& item) { return !item.second->choices.empty(); });
}

std::shared_ptr<const PromptDefinition> PromptRegistry::find(std::string_view name) const {
  const auto found = prompts_.find(name);
  return found == prompts_.end() ? nullptr : found->second;
}

Result<Json> PromptRegistry::list(const Json& params, const PageRoom& room,
                                  Revision revision) const {
  return page_of(prompts_, "prompts", params, room,
                 [&](const auto& item) { return to_json(item.second->prompt, revision); });
}

Result<Json> read_prompt_arguments(const Prompt& prompt, const Json& params) {
  const auto given = params.find("arguments");
  Json arguments = given == params.end() || given->is_null() ? Json::object() : *given;
  if (!arguments.is_object()) {
    return rpc_error(error_code::invalid_params, "the 'arguments' of a prompt must be an object");
  }
  std::string problems;
  const auto add = [&](const std::string& problem) {
    problems += (problems.empty() ? "" : "; ") + problem;
  };
  for (const auto& [name, value] : arguments.items()) {
    if (!value.is_string()) {
      add("argument '" + log::printable(name, 100) + "': a string is needed, as for all prompts");
    }
  }
  for (const PromptArgument& argument : prompt.arguments) {
    if (argument.required && !arguments.contains(argument.name)) {
      add("argument '" + argument.name + "' is missing");
    }
  }
  if (!problems.empty()) return rpc_error(error_code::invalid_params, std::move(problems));
  return arguments;
}

}  // namespace mcp_mqtt::engine
