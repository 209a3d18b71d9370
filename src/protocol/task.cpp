#include <mcp_mqtt/protocol/task.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {

std::string_view to_string(TaskStatus status) noexcept {
  switch (status) {
    case TaskStatus::working:
      return "working";
    case TaskStatus::input_required:
      return "input_required";
    case TaskStatus::completed:
      return "completed";
    case TaskStatus::failed:
      return "failed";
    case TaskStatus::cancelled:
      break;
  }
  return "cancelled";
}

std::optional<TaskStatus> parse_task_status(std::string_view text) noexcept {
  for (const TaskStatus status :
       {TaskStatus::working, TaskStatus::input_required, TaskStatus::completed, TaskStatus::failed,
        TaskStatus::cancelled}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

std::string_view to_string(TaskSupport support) noexcept {
  switch (support) {
    case TaskSupport::optional:
      return "optional";
    case TaskSupport::required:
      return "required";
    case TaskSupport::forbidden:
      break;
  }
  return "forbidden";
}

std::optional<TaskSupport> parse_task_support(std::string_view text) noexcept {
  for (const TaskSupport support :
       {TaskSupport::forbidden, TaskSupport::optional, TaskSupport::required}) {
    if (to_string(support) == text) return support;
  }
  return std::nullopt;
}

Json to_json(const Task& task) {
  Json json{{"taskId", task.task_id},
            {"status", to_string(task.status)},
            {"createdAt", task.created_at},
            {"lastUpdatedAt", task.last_updated_at},
            {"ttl", nullptr}};
  protocol::put_if(json, "statusMessage", task.status_message);
  if (task.ttl) json["ttl"] = task.ttl->count();
  if (task.poll_interval) json["pollInterval"] = task.poll_interval->count();
  return json;
}

Result<Task> task_from_json(const Json& json) {
  auto id = protocol::find_string(json, "taskId");
  if (!id) return protocol::violation("a task without a 'taskId'");
  const auto word = protocol::find_string(json, "status");
  if (!word) return protocol::violation("a task without a 'status'");
  const auto status = parse_task_status(*word);
  if (!status)
    return protocol::violation("a task with the unknown 'status' " + protocol::quoted(*word));
  return Task{*std::move(id),
              *status,
              protocol::string_or_empty(json, "statusMessage"),
              protocol::string_or_empty(json, "createdAt"),
              protocol::string_or_empty(json, "lastUpdatedAt"),
              protocol::find_duration(json, "ttl"),
              protocol::find_duration(json, "pollInterval")};
}

}  // namespace mcp_mqtt
