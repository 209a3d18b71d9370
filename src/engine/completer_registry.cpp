#include "engine/completer_registry.hpp"

#include <utility>

namespace mcp_mqtt::engine {

Result<void> CompleterRegistry::set(Key key, Completer completer) {
  if (std::get<1>(key).empty() || std::get<2>(key).empty() || !completer) {
    return Error{ErrorKind::invalid_argument, 0,
                 "a completer needs a prompt or template, the name of an argument, and a function",
                 nullptr};
  }
  completers_.insert_or_assign(std::move(key),
                               std::make_shared<const Completer>(std::move(completer)));
  return {};
}

Result<void> CompleterRegistry::set_for_prompt(std::string prompt, std::string argument,
                                               Completer completer) {
  return set({false, std::move(prompt), std::move(argument)}, std::move(completer));
}

Result<void> CompleterRegistry::set_for_template(std::string uri_template, std::string variable,
                                                 Completer completer) {
  return set({true, std::move(uri_template), std::move(variable)}, std::move(completer));
}

std::shared_ptr<const Completer> CompleterRegistry::find(const CompleteRequest& request) const {
  Key key;
  if (const auto* prompt = std::get_if<PromptReference>(&request.reference)) {
    key = {false, prompt->name, request.argument};
  } else {
    key = {true, std::get<ResourceReference>(request.reference).uri, request.argument};
  }
  const auto found = completers_.find(key);
  return found == completers_.end() ? nullptr : found->second;
}

}  // namespace mcp_mqtt::engine
