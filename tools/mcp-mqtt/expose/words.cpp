#include "mcp-mqtt/expose/words.hpp"

#include <utility>

#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/version.hpp>

#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line::words {
namespace {

/// Columns of a client's id: the broker lets it have 65,535 bytes.
constexpr std::size_t label_columns = 40;

}  // namespace

std::string text_member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
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

std::optional<RequestId> cancelled_request(const Json& params) {
  const auto id = params.find("requestId");
  if (id == params.end()) return std::nullopt;
  if (id->is_string()) return RequestId(id->get<std::string>());
  if (id->is_number_integer()) return RequestId(id->get<std::int64_t>());
  return std::nullopt;
}

Json end_message(const ChildEnd& end) {
  LoggingMessage message;
  message.level = LoggingLevel::error;
  message.logger = "mcp-mqtt";
  message.data = "the program behind this server " + end.text + ": the session is over";
  return to_json(message);
}

Json initialize_params() {
  return {{"protocolVersion", to_string(latest_revision)},
          {"capabilities", Json::object()},
          {"clientInfo", {{"name", "mcp-mqtt"}, {"version", MCP_MQTT_VERSION}}}};
}

Failure failure_of(const ChildCommand& command, const ChildEnd& end, const std::string& refusal,
                   bool served) {
  if (!end.started) return {ExitCode::usage, end.text};
  const std::string program = "'" + command.words.front() + "' ";
  if (!refusal.empty()) return {ExitCode::server_error, program + refusal};
  if (end.late) {
    return {ExitCode::timeout, program +
                                   "did not answer initialize in time (--timeout): does it speak "
                                   "MCP over its standard streams?"};
  }
  return {ExitCode::server_error,
          program + end.text + (served ? "" : " before it answered initialize")};
}

std::string refusal_of(const Result<Json>& answer) {
  if (!answer) return "does not take initialize: " + answer.error().message;
  const std::string revision = text_member(*answer, "protocolVersion");
  if (parse_revision(revision)) return {};
  return "answers initialize with no revision that is known here, but with '" + revision + "'";
}

std::string label_of(const ClientInfo& client) {
  return cut(safe_line(client.client_id), label_columns);
}

}  // namespace mcp_mqtt::command_line::words
