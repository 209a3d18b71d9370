#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/tool_definition.hpp>

#include "engine/pages.hpp"
#include "schema/schema_validator.hpp"

namespace mcp_mqtt::engine {

/// A tool of a server, with what checks its calls.
struct RegisteredTool {
  ToolDefinition definition;
  /// nullptr: the arguments are not checked, or by the handler itself.
  std::shared_ptr<const schema::SchemaValidator> input;
  /// nullptr: structured content is not checked.
  std::shared_ptr<const schema::SchemaValidator> output;
};

/// The tools of a server, by name. Listed in the order of their names, so that two instances of a
/// service answer alike.
class ToolRegistry {
 public:
  /// `invalid_argument` for a name that is taken or that breaks MCP's rule for names: 1 to 128
  /// characters of A-Z, a-z, 0-9, `_`, `-`, `.` and, for tools that a bridge gathers, `/`.
  /// With `replace` a name that is taken goes over to the new tool.
  Result<void> add(ToolDefinition tool, bool replace = false);
  /// Whether there was one. Calls under way go on.
  bool remove(std::string_view name);

  bool empty() const noexcept { return tools_.empty(); }
  /// Whether a tool may be called as a task.
  bool any_task_support() const;
  /// nullptr where there is none.
  std::shared_ptr<const RegisteredTool> find(std::string_view name) const;

  /// Whether structured content of tools added from now on is checked against their schemas.
  void check_structured_content(bool check) noexcept { check_output_ = check; }

  /// A page of `tools/list`.
  Result<Json> list(const Json& params, const PageRoom& room, Revision revision) const;

 private:
#ifdef NDEBUG
  bool check_output_ = false;
#else
  bool check_output_ = true;
#endif
  std::map<std::string, std::shared_ptr<const RegisteredTool>, std::less<>> tools_;
};

}  // namespace mcp_mqtt::engine
