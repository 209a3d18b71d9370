#include "engine/tool_registry.hpp"

#include <algorithm>

#include "engine/pages.hpp"
#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/';
}

Error invalid_tool(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, std::move(message), nullptr};
}

/// A schema that cannot be used leaves the tool in use, unchecked.
std::shared_ptr<const schema::SchemaValidator> compile(const std::string& tool, const char* which,
                                                       const Json& schema) {
  auto validator = schema::SchemaValidator::compile(schema);
  if (validator) return *std::move(validator);
  log::warning("tool '{}': its {} schema cannot be checked: {}", tool, which,
               validator.error().message);
  return nullptr;
}

}  // namespace

Result<void> ToolRegistry::add(ToolDefinition tool, bool replace) {
  const std::string name = tool.tool.name;
  if (name.empty() || name.size() > 128 ||
      !std::all_of(name.begin(), name.end(), is_name_character)) {
    return invalid_tool(
        "tool name '" + name.substr(0, 140) +
        "': 1 to 128 characters of A-Z, a-z, 0-9, '_', '-', '.' and '/' are allowed");
  }
  if (!tool.handler) return invalid_tool("tool '" + name + "' has no handler");
  if (!replace && tools_.contains(name))
    return invalid_tool("tool '" + name + "' is defined already");
  RegisteredTool entry{std::move(tool), nullptr, nullptr};
  const Tool& described = entry.definition.tool;
  if (entry.definition.check_arguments) {
    entry.input = compile(name, "input", described.input_schema);
  }
  if (check_output_ && !described.output_schema.is_null()) {
    entry.output = compile(name, "output", described.output_schema);
  }
  tools_.insert_or_assign(name, std::make_shared<const RegisteredTool>(std::move(entry)));
  return {};
}

bool ToolRegistry::remove(std::string_view name) {
  const auto found = tools_.find(name);
  if (found == tools_.end()) return false;
  tools_.erase(found);
  return true;
}

std::shared_ptr<const RegisteredTool> ToolRegistry::find(std::string_view name) const {
  const auto found = tools_.find(name);
  return found == tools_.end() ? nullptr : found->second;
}

bool ToolRegistry::any_task_support() const {
  return std::any_of(tools_.begin(), tools_.end(), [](const auto& item) {
    return item.second->definition.tool.task_support != TaskSupport::forbidden;
  });
}

Result<Json> ToolRegistry::list(const Json& params, const PageRoom& room, Revision revision) const {
  return page_of(tools_, "tools", params, room,
                 [&](const auto& item) { return to_json(item.second->definition.tool, revision); });
}

}  // namespace mcp_mqtt::engine
