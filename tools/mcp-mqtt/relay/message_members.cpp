#include "mcp-mqtt/relay/message_members.hpp"

#include <cstdint>
#include <utility>

namespace mcp_mqtt::command_line {

std::string text_member(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<RequestId> cancelled_id(const Json& params) {
  const auto given = params.find("requestId");
  if (given == params.end()) return std::nullopt;
  if (given->is_string()) return given->get<std::string>();
  if (given->is_number_integer()) return given->get<std::int64_t>();
  return std::nullopt;
}

Json take_progress_token(Json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return nullptr;
  Json token = nullptr;
  if (const auto found = meta->find("progressToken"); found != meta->end()) {
    token = std::move(*found);
    meta->erase("progressToken");
  }
  if (meta->empty()) params.erase("_meta");
  return token.is_string() || token.is_number_integer() ? token : Json(nullptr);
}

Json progress_params(const Json& token, const Progress& progress) {
  Json params{{"progressToken", token}, {"progress", progress.progress}};
  if (progress.total) params["total"] = *progress.total;
  if (!progress.message.empty()) params["message"] = progress.message;
  return params;
}

}  // namespace mcp_mqtt::command_line
