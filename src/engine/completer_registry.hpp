#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/completer.hpp>

namespace mcp_mqtt::engine {

/// What completes the arguments of prompts and the variables of resource templates.
class CompleterRegistry {
 public:
  /// Replaces what was there. A completer may be set before its prompt or template is added.
  /// `invalid_argument` for an empty name or function.
  Result<void> set_for_prompt(std::string prompt, std::string argument, Completer completer);
  Result<void> set_for_template(std::string uri_template, std::string variable,
                                Completer completer);

  bool empty() const noexcept { return completers_.empty(); }
  /// nullptr where there is none.
  std::shared_ptr<const Completer> find(const CompleteRequest& request) const;

 private:
  /// Of a template?, its name or the template, the argument.
  using Key = std::tuple<bool, std::string, std::string>;
  Result<void> set(Key key, Completer completer);

  std::map<Key, std::shared_ptr<const Completer>> completers_;
};

}  // namespace mcp_mqtt::engine
