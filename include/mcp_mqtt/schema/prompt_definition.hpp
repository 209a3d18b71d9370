#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/prompt.hpp>

namespace mcp_mqtt {

class RequestContext;

/// Answers one `prompts/get`. `arguments` is an object of strings, as the caller sent it.
/// May be called from several threads at once. Throws ArgumentError for arguments that it cannot
/// use; any other exception is an internal error with its message.
using PromptHandler =
    std::function<GetPromptResult(const Json& arguments, RequestContext& context)>;

/// A prompt as `prompts/list` shows it, together with what answers `prompts/get`.
struct PromptDefinition {
  Prompt prompt;
  PromptHandler handler;
  /// What `completion/complete` offers for an argument that has no completer of its own, by the
  /// argument's name.
  std::map<std::string, std::vector<std::string>> choices = {};
  /// As ToolDefinition::run_inline.
  bool run_inline = false;
};

}  // namespace mcp_mqtt
