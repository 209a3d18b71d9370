#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/tool_definition.hpp>

namespace mcp_mqtt::engine {

/// The tools of a server, by name. Listed in the order of their names, so that two instances of a
/// service answer alike.
class ToolRegistry {
 public:
  /// `invalid_argument` for a name that is taken or that breaks MCP's rule for names: 1 to 128
  /// characters of A-Z, a-z, 0-9, `_`, `-`, `.` and, for tools that a bridge gathers, `/`.
  Result<void> add(ToolDefinition tool);
  /// Whether there was one. Calls under way go on.
  bool remove(std::string_view name);

  bool empty() const noexcept { return tools_.empty(); }
  /// nullptr where there is none.
  std::shared_ptr<const ToolDefinition> find(std::string_view name) const;

  /// The result of `tools/list`. One page; a cursor is none of ours and refused (-32602).
  Result<Json> list(const Json& params, Revision revision) const;

 private:
  std::map<std::string, std::shared_ptr<const ToolDefinition>, std::less<>> tools_;
};

}  // namespace mcp_mqtt::engine
