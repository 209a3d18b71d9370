#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// Where a task is. The last three are final.
enum class TaskStatus { working, input_required, completed, failed, cancelled };

std::string_view to_string(TaskStatus status) noexcept;
std::optional<TaskStatus> parse_task_status(std::string_view text) noexcept;
constexpr bool is_final(TaskStatus status) noexcept {
  return status == TaskStatus::completed || status == TaskStatus::failed ||
         status == TaskStatus::cancelled;
}

/// Whether a tool may or must be called as a task (`execution.taskSupport`).
enum class TaskSupport { forbidden, optional, required };

std::string_view to_string(TaskSupport support) noexcept;
std::optional<TaskSupport> parse_task_support(std::string_view text) noexcept;

/// A request that goes on after its first answer (2025-11-25, experimental).
struct Task {
  std::string task_id;
  TaskStatus status = TaskStatus::working;
  std::string status_message = {};
  std::string created_at;       ///< ISO 8601, UTC.
  std::string last_updated_at;  ///< ISO 8601, UTC.
  /// How long after its creation the receiver keeps it; nullopt: without a limit.
  std::optional<std::chrono::milliseconds> ttl = {};
  std::optional<std::chrono::milliseconds> poll_interval = {};

  bool operator==(const Task&) const = default;
};

Json to_json(const Task& task);
Result<Task> task_from_json(const Json& json);

}  // namespace mcp_mqtt
