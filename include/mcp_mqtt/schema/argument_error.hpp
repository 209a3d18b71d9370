#pragma once

#include <stdexcept>
#include <string>

namespace mcp_mqtt {

/// The arguments of a tool call cannot be used. `what()` is the whole explanation, written for the
/// model that made the call; it lists every problem found. A tool's own function may throw it too.
class ArgumentError : public std::runtime_error {
 public:
  explicit ArgumentError(const std::string& explanation) : std::runtime_error(explanation) {}
};

}  // namespace mcp_mqtt
