#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/protocol/completion.hpp>

namespace mcp_mqtt {

class RequestContext;

/// Answers one `completion/complete`. May be called from several threads at once. An exception is
/// an internal error with its message.
using Completer =
    std::function<Completion(const CompleteRequest& request, RequestContext& context)>;

/// Those of `candidates` that begin with `typed`, whatever the case of ASCII letters; at most
/// Completion::max_values, with how many there are.
Completion matching(const std::vector<std::string>& candidates, std::string_view typed);

}  // namespace mcp_mqtt
