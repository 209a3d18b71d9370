#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// `ref/prompt`: the prompt whose argument is completed.
struct PromptReference {
  std::string name;
  bool operator==(const PromptReference&) const = default;
};

/// `ref/resource`: the URI template whose variable is completed.
struct ResourceReference {
  std::string uri;
  bool operator==(const ResourceReference&) const = default;
};

/// The params of `completion/complete`.
struct CompleteRequest {
  std::variant<PromptReference, ResourceReference> reference;
  std::string argument;  ///< The name of the argument or variable.
  std::string value;     ///< What has been typed so far.
  /// Arguments that have their value already (`context.arguments`, since 2025-06-18).
  std::map<std::string, std::string> context = {};

  bool operator==(const CompleteRequest&) const = default;
};

Json to_json(const CompleteRequest& request, Revision revision);
/// -32602 with what is wrong.
Result<CompleteRequest> complete_request_from_json(const Json& params);

/// Values that may complete an argument, best first.
struct Completion {
  /// The specification's limit: of more, the first 100 are sent, with `total` and `has_more`.
  static constexpr std::size_t max_values = 100;

  std::vector<std::string> values;
  std::optional<std::int64_t> total = {};
  std::optional<bool> has_more = {};

  bool operator==(const Completion&) const = default;
};

/// The result of `completion/complete`, with the `completion` member around it.
Json to_json(const Completion& completion);
Result<Completion> completion_from_json(const Json& result);

}  // namespace mcp_mqtt
