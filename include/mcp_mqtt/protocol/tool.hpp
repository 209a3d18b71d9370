#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/protocol/task.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// Hints about a tool (since 2025-03-26). They are not promises: judge them by whom they come from.
struct ToolAnnotations {
  std::string title = {};
  std::optional<bool> read_only = {};
  std::optional<bool> destructive = {};
  std::optional<bool> idempotent = {};
  std::optional<bool> open_world = {};

  bool operator==(const ToolAnnotations&) const = default;
};

/// A tool as `tools/list` describes it.
struct Tool {
  std::string name;
  std::string title = {};  ///< For people; since 2025-06-18.
  std::string description = {};
  /// A JSON Schema object; `"type":"object"` and `"properties"` are always sent.
  Json input_schema = Json::object();
  /// Since 2025-06-18; null: none.
  Json output_schema = nullptr;
  std::optional<ToolAnnotations> annotations = {};
  std::vector<Icon> icons = {};  ///< Since 2025-11-25.
  /// Whether a call may or must be a task (`execution.taskSupport`, since 2025-11-25).
  TaskSupport task_support = TaskSupport::forbidden;
  Json meta = nullptr;  ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const Tool&) const = default;
};

Json to_json(const Tool& tool, Revision revision);
Result<Tool> tool_from_json(const Json& json);

/// What a tool answers.
struct CallToolResult {
  std::vector<Content> content;
  /// A JSON object that matches the tool's output schema; null: none. Since 2025-06-18; an older
  /// peer reads the text content.
  Json structured_content = nullptr;
  /// The tool failed; `content` says how, for the model to read.
  bool is_error = false;
  Json meta = nullptr;  ///< `_meta`; null: none.

  /// All text content, joined by line feeds.
  std::string text() const;

  bool operator==(const CallToolResult&) const = default;
};

/// A result of one text.
CallToolResult text_result(std::string text);
/// A failure of the tool with one text that says what went wrong.
CallToolResult error_result(std::string text);

/// What may be large is moved out of an rvalue.
Json to_json(const CallToolResult& result, Revision revision);
Json to_json(CallToolResult&& result, Revision revision);
Result<CallToolResult> call_tool_result_from_json(const Json& json);
Result<CallToolResult> call_tool_result_from_json(Json&& json);

}  // namespace mcp_mqtt
