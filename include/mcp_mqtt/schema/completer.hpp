#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
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

namespace schema {

/// The completer that calls `function`: it takes what has been typed (a string) or the whole
/// CompleteRequest, then RequestContext& if it likes, and returns candidates, of which those that
/// match are sent (see matching()), or a Completion, which is sent as it is.
template <class F>
Completer make_completer(F function) {
  return [function = std::move(function)](const CompleteRequest& request,
                                          RequestContext& context) -> Completion {
    const auto call = [&]() -> decltype(auto) {
      if constexpr (std::is_invocable_v<const F&, const CompleteRequest&, RequestContext&>) {
        return function(request, context);
      } else if constexpr (std::is_invocable_v<const F&, const CompleteRequest&>) {
        return function(request);
      } else {
        static_assert(std::is_invocable_v<const F&, const std::string&>,
                      "A completer can be called while it is const, with a string or const "
                      "CompleteRequest&, and RequestContext& after it if it likes.");
        return function(request.value);
      }
    };
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(call())>, Completion>) {
      return call();
    } else {
      return matching(call(), request.value);
    }
  };
}

}  // namespace schema
}  // namespace mcp_mqtt
