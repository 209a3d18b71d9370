#include <mcp_mqtt/error.hpp>

#include "hostile/row.hpp"

// What a server says unasked: requests, notifications, garbage.
namespace mcp_mqtt::hostile {
namespace {

constexpr int invalid = error_code::invalid_request;
constexpr int bad_params = error_code::invalid_params;
constexpr int unknown = error_code::method_not_found;

Row row(std::string name, std::string sent, std::string payload, Outcome outcome) {
  Row one;
  one.name = std::move(name);
  one.sent = std::move(sent);
  one.payload = text(std::move(payload));
  one.outcome = std::move(outcome);
  return one;
}

Group requests_of_servers() {
  Group group{"requests_of_servers",
              "Requests of a server. The client has declared roots, sampling without tools, and "
              "elicitation by form.",
              false,
              {}};
  auto& rows = group.rows;
  const auto ask = [&](std::string name, const std::string& method, const std::string& given,
                       Outcome outcome) {
    const std::string shown = given.size() > 60 ? given.substr(0, 57) + "…" : given;
    rows.push_back(row(std::move(name), "`" + method + "` with `" + shown + "`",
                       request("7", method, given), std::move(outcome)));
  };
  ask("server_method_unknown", "tools/list", "{}", refused(unknown, 7));
  ask("server_method_initialize", "initialize", "{}", refused(unknown, 7));
  ask("server_method_prototype", "__proto__", "{}", refused(unknown, 7));
  ask("server_ping_anything", "ping", R"({"a":[null]})", answered(7));
  ask("sampling_empty", "sampling/createMessage", "{}", refused(bad_params, 7));
  ask("sampling_messages_number", "sampling/createMessage", R"({"messages":5,"maxTokens":1})",
      refused(bad_params, 7));
  ask("sampling_message_garbage", "sampling/createMessage",
      R"({"messages":[5,{"role":7}],"maxTokens":1})", refused(bad_params, 7));
  ask("sampling_tokens_text", "sampling/createMessage", R"({"messages":[],"maxTokens":"all"})",
      refused(bad_params, 7));
  ask("sampling_tokens_1e300", "sampling/createMessage", R"({"messages":[],"maxTokens":1e300})",
      refused(bad_params, 7));
  ask("sampling_tools_undeclared", "sampling/createMessage",
      R"({"messages":[],"maxTokens":1,"tools":[{"name":"x","inputSchema":{}}]})",
      refused(bad_params, 7));
  ask("elicit_empty", "elicitation/create", "{}", refused(bad_params, 7));
  ask("elicit_schema_array", "elicitation/create", R"({"message":"m","requestedSchema":[]})",
      refused(bad_params, 7));
  ask("elicit_schema_nested", "elicitation/create",
      R"({"message":"m","requestedSchema":{"type":"object","properties":{"a":{"type":"object",)"
      R"("properties":{}}}}})",
      answered(7));
  ask("elicit_url_undeclared", "elicitation/create",
      R"x({"mode":"url","message":"m","url":"javascript:alert(1)","elicitationId":"1"})x",
      refused(bad_params, 7));
  ask("elicit_mode_unknown", "elicitation/create", R"({"mode":"voice","message":"m"})",
      refused(bad_params, 7));
  ask("server_tasks_undeclared", "tasks/list", "{}", refused(unknown, 7));
  for (const auto& [name, id] :
       std::vector<std::pair<std::string, std::string>>{{"null", "null"},
                                                        {"fraction", "0.5"},
                                                        {"2_63", "9223372036854775808"},
                                                        {"bool", "false"},
                                                        {"object", "{}"}}) {
    rows.push_back(row("server_id_" + name, "a request whose id is `" + id + "`: nobody can answer",
                       request(id, "ping"), warned("a message that cannot be used")));
  }
  rows.push_back(row("server_id_text", "a request whose id is a text", request("\"7\"", "ping"),
                     answered("7")));
  rows.push_back(row("server_id_twice", "a request with two ids; the last counts",
                     R"({"jsonrpc":"2.0","id":6,"id":7,"method":"ping"})", answered(7)));
  rows.push_back(row("server_batch", "a batch in revision 2025-11-25",
                     "[" + request("7", "ping") + "]", refused(invalid, 7)));
  rows.push_back(
      row("server_batch_empty", "an empty batch", "[]", warned("a message that cannot be used")));
  rows.push_back(row("server_params_array", "a request with params by position",
                     request("7", "ping", "[]"), refused(invalid, 7)));
  return group;
}

Group notifications_of_servers() {
  Group group{
      "notifications_of_servers", "Notifications of a server, and answers to nobody.", false, {}};
  const auto tell = [&](std::string name, std::string sent, const std::string& method,
                        const std::string& given, Outcome outcome = ignored()) {
    group.rows.push_back(
        row(std::move(name), std::move(sent), notification(method, given), std::move(outcome)));
  };
  const std::string progress = "notifications/progress";
  tell("server_progress_unknown", "progress of no call", progress,
       R"({"progressToken":99,"progress":1})");
  tell("server_progress_text", "progress whose token is a text", progress,
       R"({"progressToken":"1","progress":1})");
  tell("server_progress_null", "progress of null", progress,
       R"({"progressToken":1,"progress":null})");
  tell("server_progress_1e308", "progress of 1e308 of -1e308", progress,
       R"({"progressToken":1,"progress":1e308,"total":-1e308})");
  tell("server_progress_1e400", "progress of 1e400", progress,
       R"({"progressToken":1,"progress":1e400})", warned("a message that cannot be used"));
  tell("server_progress_nan", "progress of NaN", progress, R"({"progressToken":1,"progress":NaN})",
       warned("a message that cannot be used"));
  tell("server_progress_empty", "progress without anything", progress, "{}");
  tell("server_cancels_unknown", "a cancellation of no request", "notifications/cancelled",
       R"({"requestId":99})");
  tell("server_cancels_object", "a cancellation of `{}`", "notifications/cancelled",
       R"({"requestId":{}})");
  tell("server_cancels_nothing", "a cancellation of nothing", "notifications/cancelled", "{}");
  tell("server_log_garbage", "a log message with the level 5", "notifications/message",
       R"({"level":5,"data":{}})");
  tell("server_log_unknown_level", "a log message with the level \"loud\"", "notifications/message",
       R"({"level":"loud","data":"x"})");
  tell("server_update_without_uri", "an update without an URI", "notifications/resources/updated",
       "{}");
  tell("server_update_number", "an update of 5", "notifications/resources/updated", R"({"uri":5})");
  tell("server_update_not_watched", "an update of what nobody watches",
       "notifications/resources/updated", R"({"uri":"test://nothing"})");
  tell("server_task_garbage", "a task's status that is garbage", "notifications/tasks/status",
       R"({"taskId":[],"status":7})");
  tell("server_elicit_garbage", "the end of an elicitation that is garbage",
       "notifications/elicitation/complete", R"({"elicitationId":7})");
  tell("server_notice_unknown", "an unknown notification", "notifications/explode",
       R"({"now":true})");
  tell("server_initialized", "`notifications/initialized` of a server", "notifications/initialized",
       "{}");
  tell("server_online_on_rpc", "a presence on the RPC topic", "notifications/server/online",
       R"({"server_name":"x"})");
  tell("server_goodbye", "a goodbye", "notifications/disconnected", "null", ended());
  const auto say = [&](std::string name, std::string sent, std::string payload,
                       Outcome outcome = ignored()) {
    group.rows.push_back(
        row(std::move(name), std::move(sent), std::move(payload), std::move(outcome)));
  };
  say("server_result_to_nobody", "a result for no request",
      R"({"jsonrpc":"2.0","id":99,"result":{}})");
  say("server_error_to_nobody", "an error for no request",
      R"({"jsonrpc":"2.0","id":99,"error":{"code":1,"message":""}})");
  say("server_result_to_past", "a second answer to `initialize`",
      R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-11-05"}})");
  say("server_error_without_id", "an error with the id null",
      R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"\u001b[2J"}})",
      warned("an error without an id"));
  const Outcome unusable = warned("a message that cannot be used");
  say("server_empty", "an empty message", "", unusable);
  say("server_null", "`null`", "null", unusable);
  say("server_garbage", "garbage", "\xde\xad\xbe\xef", unusable);
  say("server_nested_100000", "100,000 levels", repeat("[", 100'000) + repeat("]", 100'000),
      unusable);
  say("server_open_10_million", "10 million `[`", repeat("[", 10'000'000), unusable);
  return group;
}

Group channels() {
  Group group{"channels",
              "Messages of a server on a topic where they do not belong, or retained.",
              false,
              {}};
  const auto add = [&](std::string name, std::string sent, Place place, std::string payload,
                       Outcome outcome, bool retain = false) {
    Row one = row(std::move(name), std::move(sent), std::move(payload), std::move(outcome));
    one.place = place;
    one.retain = retain;
    one.no_broker = retain;
    group.rows.push_back(std::move(one));
  };
  const std::string goodbye = notification("notifications/disconnected");
  add("capability_of_server_garbage", "garbage on the capability topic", Place::capability, "{{",
      ignored());
  add("capability_of_server_empty", "an empty message on the capability topic", Place::capability,
      "", ignored());
  add("capability_of_server_goodbye", "a goodbye on the capability topic", Place::capability,
      goodbye, ignored());
  add("capability_of_server_request", "a request on the capability topic", Place::capability,
      request("7", "ping"), ignored());
  add("capability_of_server_result", "a result on the capability topic", Place::capability,
      R"({"jsonrpc":"2.0","id":2,"result":{}})", ignored());
  add("capability_of_server_batch", "a batch on the capability topic", Place::capability,
      "[" + notification("notifications/tools/list_changed") + "]", ignored());
  add("retained_goodbye_of_server", "a retained goodbye on the RPC topic", Place::rpc, goodbye,
      warned("retained"), true);
  add("retained_request_of_server", "a retained request on the RPC topic", Place::rpc,
      request("7", "ping"), warned("retained"), true);
  add("retained_change_of_server", "a retained `tools/list_changed` on the capability topic",
      Place::capability, notification("notifications/tools/list_changed"), warned("retained"),
      true);
  return group;
}

}  // namespace

std::vector<Group> messages_to_clients() {
  return {requests_of_servers(), notifications_of_servers(), channels()};
}

}  // namespace mcp_mqtt::hostile
