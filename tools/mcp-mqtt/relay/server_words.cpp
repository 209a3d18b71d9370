#include "mcp-mqtt/relay/server_words.hpp"

#include <algorithm>
#include <utility>

#include "mcp-mqtt/relay/server_prefix.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr std::string_view scheme = "mcp-mqtt:/";
constexpr std::string_view separator = "__";
constexpr const char* related_task = "io.modelcontextprotocol/related-task";
/// Of a server's names that hosts cannot take as they are.
constexpr std::size_t most_changed = 10'000;

std::optional<Addressed> cut_at(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  return Addressed{std::string(text.substr(0, at)), std::string(text.substr(at + mark.size()))};
}

Json* member(Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

ServerWords::ServerWords(std::string server_name, std::size_t longest)
    : server_name_(std::move(server_name)),
      longest_(longest),
      prefix_(server_prefix(server_name_, longest / 2)) {}

std::string ServerWords::name_for_host(const std::string& name) {
  std::string rest = plain_name(name, longest_ - prefix_.size() - separator.size());
  std::string whole = prefix_ + std::string(separator) + rest;
  if (rest != name) {
    const std::lock_guard lock(mutex_);
    if (changed_.size() < most_changed) changed_.insert_or_assign(std::move(rest), name);
  }
  return whole;
}

std::string ServerWords::name_for_server(const std::string& rest) const {
  const std::lock_guard lock(mutex_);
  const auto found = changed_.find(rest);
  return found == changed_.end() ? rest : found->second;
}

std::string ServerWords::uri_for_host(const std::string& uri) const {
  return std::string(scheme) + prefix_ + '/' + uri;
}

Json ServerWords::entries_for_host(const std::string& list, Json entries) {
  const bool named = list == "tools" || list == "prompts";
  const char* key = named                         ? "name"
                    : list == "resources"         ? "uri"
                    : list == "resourceTemplates" ? "uriTemplate"
                                                  : "taskId";
  Json out = Json::array();
  for (Json& entry : entries) {
    const Json* given = member(entry, key);
    if (given == nullptr || !given->is_string()) continue;
    if (named) {
      entry[key] = name_for_host(given->get<std::string>());
    } else {
      member_for_host(entry, key, list == "tasks");
    }
    out.push_back(std::move(entry));
  }
  return out;
}

void ServerWords::member_for_host(Json& object, const char* name, bool task) const {
  Json* found = member(object, name);
  if (found == nullptr || !found->is_string()) return;
  const auto& text = found->get_ref<const std::string&>();
  *found = task ? prefix_ + '/' + text : uri_for_host(text);
}

void ServerWords::block_for_host(Json& block) const {
  const Json* type = member(block, "type");
  if (type == nullptr) return;
  if (*type == "resource_link") {
    member_for_host(block, "uri", false);
  } else if (*type == "resource") {
    if (Json* resource = member(block, "resource")) member_for_host(*resource, "uri", false);
  } else if (*type == "tool_result") {
    // Of a conversation with a model; it nests no deeper.
    if (Json* blocks = member(block, "content"); blocks != nullptr && blocks->is_array()) {
      for (Json& one : *blocks) {
        if (const Json* inner = member(one, "type"); inner && *inner != "tool_result") {
          block_for_host(one);
        }
      }
    }
  }
}

void ServerWords::content_for_host(Json& content) const {
  if (!content.is_array()) return block_for_host(content);
  for (Json& block : content) block_for_host(block);
}

void ServerWords::meta_for_host(Json& object) const {
  Json* meta = member(object, "_meta");
  Json* related = meta == nullptr ? nullptr : member(*meta, related_task);
  if (related != nullptr) member_for_host(*related, "taskId", true);
}

void ServerWords::meta_for_server(Json& params) const {
  Json* meta = member(params, "_meta");
  Json* related = meta == nullptr ? nullptr : member(*meta, related_task);
  Json* task = related == nullptr ? nullptr : member(*related, "taskId");
  if (task == nullptr || !task->is_string()) return;
  if (auto read = read_task(task->get<std::string>()); read && read->prefix == prefix_) {
    *task = std::move(read->rest);
  }
}

void ServerWords::result_for_host(const std::string& method, Json& result) const {
  meta_for_host(result);
  if (method.starts_with("tasks/")) member_for_host(result, "taskId", true);
  if (Json* task = member(result, "task")) member_for_host(*task, "taskId", true);
  if (Json* content = member(result, "content")) content_for_host(*content);
  Json* contents = method == "resources/read" ? member(result, "contents") : nullptr;
  if (contents != nullptr && contents->is_array()) {
    for (Json& part : *contents) member_for_host(part, "uri", false);
  }
  Json* messages = method == "prompts/get" ? member(result, "messages") : nullptr;
  if (messages != nullptr && messages->is_array()) {
    for (Json& message : *messages) {
      if (Json* content = member(message, "content")) content_for_host(*content);
    }
  }
}

void ServerWords::notification_for_host(const std::string& method, Json& params) const {
  meta_for_host(params);
  if (method == "notifications/tasks/status") {
    member_for_host(params, "taskId", true);
  } else if (method == "notifications/resources/updated") {
    member_for_host(params, "uri", false);
  } else if (method == "notifications/message" && params.is_object()) {
    const Json* logger = member(params, "logger");
    const bool named = logger != nullptr && logger->is_string();
    params["logger"] = named ? prefix_ + '/' + logger->get<std::string>() : prefix_;
  }
}

void ServerWords::request_for_host(const std::string& method, Json& params) const {
  meta_for_host(params);
  if (method == "elicitation/create") {
    // The user is to know who asks.
    if (Json* message = member(params, "message"); message != nullptr && message->is_string()) {
      *message = server_name_ + ": " + message->get<std::string>();
    }
  } else if (method == "sampling/createMessage") {
    Json* messages = member(params, "messages");
    if (messages == nullptr || !messages->is_array()) return;
    for (Json& message : *messages) {
      if (Json* content = member(message, "content")) content_for_host(*content);
    }
  }
}

std::optional<Addressed> read_name(std::string_view name) { return cut_at(name, separator); }

std::optional<Addressed> read_uri(std::string_view uri) {
  if (!uri.starts_with(scheme)) return std::nullopt;
  return cut_at(uri.substr(scheme.size()), "/");
}

std::optional<Addressed> read_task(std::string_view task_id) { return cut_at(task_id, "/"); }

}  // namespace mcp_mqtt::command_line
