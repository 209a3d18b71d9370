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
