#include "engine/tool_registry.hpp"

#include <algorithm>

namespace mcp_mqtt::engine {
namespace {

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/';
}

Error invalid(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, std::move(message), nullptr};
}

}  // namespace

Result<void> ToolRegistry::add(ToolDefinition tool) {
  const std::string& name = tool.tool.name;
  if (name.empty() || name.size() > 128 ||
      !std::all_of(name.begin(), name.end(), is_name_character)) {
    return invalid("tool name '" + name.substr(0, 140) +
                   "': 1 to 128 characters of A-Z, a-z, 0-9, '_', '-', '.' and '/' are allowed");
  }
  if (!tool.handler) return invalid("tool '" + name + "' has no handler");
  if (tools_.contains(name)) return invalid("tool '" + name + "' is defined already");
  auto entry = std::make_shared<const ToolDefinition>(std::move(tool));
  tools_.emplace(entry->tool.name, entry);
  return {};
}

bool ToolRegistry::remove(std::string_view name) {
  const auto found = tools_.find(name);
  if (found == tools_.end()) return false;
  tools_.erase(found);
  return true;
}

std::shared_ptr<const ToolDefinition> ToolRegistry::find(std::string_view name) const {
  const auto found = tools_.find(name);
  return found == tools_.end() ? nullptr : found->second;
}

Result<Json> ToolRegistry::list(const Json& params, Revision revision) const {
  if (const auto cursor = params.find("cursor"); cursor != params.end() && !cursor->is_null()) {
    return rpc_error(error_code::invalid_params, "unknown cursor: every tool is on the first page");
  }
  Json tools = Json::array();
  for (const auto& [name, entry] : tools_) tools.push_back(to_json(entry->tool, revision));
  return Json{{"tools", std::move(tools)}};
}

}  // namespace mcp_mqtt::engine
