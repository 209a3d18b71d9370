#include <mcp_mqtt/error.hpp>

#include "hostile/row.hpp"

// Requests that a server does not know, does not offer, or cannot read; notifications and answers
// about what is not the sender's.
namespace mcp_mqtt::hostile {
namespace {

constexpr int invalid = error_code::invalid_request;
constexpr int bad_params = error_code::invalid_params;
constexpr int unknown = error_code::method_not_found;

/// A request with the id 7.
Row ask(std::string name, std::string sent, const std::string& method, const std::string& params,
        Outcome outcome) {
  Row row;
  row.name = std::move(name);
  row.sent = std::move(sent);
  row.payload = text(request("7", method, params));
  row.outcome = std::move(outcome);
  return row;
}

Row say(std::string name, std::string sent, std::string payload, Outcome outcome = ignored()) {
  Row row;
  row.name = std::move(name);
  row.sent = std::move(sent);
  row.payload = text(std::move(payload));
  row.outcome = std::move(outcome);
  return row;
}

Group methods() {
  Group group{"methods", "Methods that there are not, or not in this direction.", true, {}};
  for (const auto& [name, method] : std::vector<std::pair<std::string, std::string>>{
           {"method_unknown", "tools/destroy"},
           {"method_of_json_rpc", "rpc.discover"},
           {"method_of_servers", "sampling/createMessage"},
           {"method_is_notification", "notifications/cancelled"},
           {"method_online", "notifications/server/online"},
           {"method_in_capitals", "TOOLS/LIST"},
           {"method_with_nul", "tools/list\\u0000"},
           {"method_of_prototypes", "__proto__"},
           {"method_path", "../../tools/list"},
           {"method_format", "%s%n%s{}{0}"}}) {
    group.rows.push_back(
        ask(name, "a request `" + method + "`", method, "{}", refused(unknown, 7)));
  }
  return group;
}

Group params() {
  Group group{
      "params", "Every method with params of the wrong type or with unknown names.", true, {}};
  auto& rows = group.rows;
  const auto bad = [&](std::string name, const std::string& method, const std::string& given,
                       Outcome outcome = refused(bad_params, 7)) {
    const std::string shown = given.size() > 60 ? given.substr(0, 57) + "…" : given;
    rows.push_back(ask(std::move(name), "`" + method + "` with `" + shown + "`", method, given,
                       std::move(outcome)));
  };
  bad("call_without_name", "tools/call", "{}");
  bad("call_name_number", "tools/call", R"({"name":5})");
  bad("call_name_object", "tools/call", R"({"name":{"name":"set_volume"}})");
  bad("call_unknown_tool", "tools/call", R"({"name":"no such tool"})");
  bad("call_name_with_nul", "tools/call", R"({"name":"set_volume\u0000x"})");
  bad("call_arguments_array", "tools/call", R"({"name":"set_volume","arguments":[30]})");
  bad("call_arguments_string", "tools/call", R"({"name":"set_volume","arguments":"30"})");
  bad("call_argument_type", "tools/call", R"({"name":"set_volume","arguments":{"volume":"loud"}})",
      answered(7));
  bad("call_argument_range", "tools/call", R"({"name":"set_volume","arguments":{"volume":1e300}})",
      answered(7));
  bad("call_argument_fraction", "tools/call", R"({"name":"set_volume","arguments":{"volume":1.5}})",
      answered(7));
  bad("call_argument_unknown", "tools/call",
      R"({"name":"set_volume","arguments":{"volume":3,"extra":[[]]}})", answered(7));
  bad("call_raw_argument_type", "tools/call", R"({"name":"raw","arguments":{"n":{"n":1}}})",
      answered(7));
  bad("call_raw_pattern_bomb", "tools/call",
      R"({"name":"raw","arguments":{"n":1,"s":")" + repeat("a", 4'000) + "!\"}}", answered(7));
  bad("call_meta_array", "tools/call",
      R"({"name":"set_volume","arguments":{"volume":3},"_meta":[1]})", answered(7));
  bad("call_token_object", "tools/call",
      R"({"name":"set_volume","arguments":{"volume":3},"_meta":{"progressToken":{}}})",
      answered(7));
  bad("call_token_fraction", "tools/call",
      R"({"name":"set_volume","arguments":{"volume":3},"_meta":{"progressToken":1.5}})",
      answered(7));
  bad("read_without_uri", "resources/read", "{}");
  bad("read_uri_number", "resources/read", R"({"uri":5})");
  bad("read_uri_unknown", "resources/read", R"({"uri":"test://nothing"})",
      refused(error_code::resource_not_found, 7));
  bad("read_uri_path", "resources/read", R"({"uri":"file:///../../etc/passwd"})",
      refused(error_code::resource_not_found, 7));
  bad("read_uri_100_kb", "resources/read", R"({"uri":"test://)" + repeat("%2e", 33'000) + "\"}",
      refused(error_code::resource_not_found, 7));
  bad("read_uri_broken_escape", "resources/read", R"({"uri":"test://plant/%zz"})",
      refused(error_code::resource_not_found, 7));
  bad("read_uri_escaped_bytes", "resources/read", R"({"uri":"test://plant/%ff%fe"})",
      refused(error_code::resource_not_found, 7));
  bad("subscribe_without_uri", "resources/subscribe", "{}");
  bad("subscribe_uri_array", "resources/subscribe", R"({"uri":["test://note"]})");
  bad("subscribe_uri_unknown", "resources/subscribe", R"({"uri":"test://nothing"})",
      refused(error_code::resource_not_found, 7));
  bad("subscribe_wildcard", "resources/subscribe", R"({"uri":"#"})",
      refused(error_code::resource_not_found, 7));
  bad("unsubscribe_without_uri", "resources/unsubscribe", "{}");
  bad("unsubscribe_uri_null", "resources/unsubscribe", R"({"uri":null})");
  bad("unsubscribe_never_subscribed", "resources/unsubscribe", R"({"uri":"test://nothing"})",
      answered(7));
  bad("prompt_without_name", "prompts/get", "{}");
  bad("prompt_name_number", "prompts/get", R"({"name":5})");
  bad("prompt_unknown", "prompts/get", R"({"name":"nothing"})");
  bad("prompt_arguments_array", "prompts/get", R"({"name":"greet","arguments":["you"]})");
  bad("prompt_argument_number", "prompts/get", R"({"name":"greet","arguments":{"who":5}})");
  bad("prompt_argument_missing", "prompts/get", R"({"name":"greet","arguments":{}})");
  bad("complete_empty", "completion/complete", "{}");
  bad("complete_ref_string", "completion/complete",
      R"({"ref":"greet","argument":{"name":"who","value":"y"}})");
  bad("complete_ref_unknown", "completion/complete",
      R"({"ref":{"type":"ref/tool","name":"greet"},"argument":{"name":"who","value":"y"}})");
  bad("complete_argument_array", "completion/complete",
      R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":["who","y"]})");
  bad("complete_value_number", "completion/complete",
      R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":5}})");
  bad("complete_prompt_unknown", "completion/complete",
      R"({"ref":{"type":"ref/prompt","name":"no"},"argument":{"name":"who","value":"y"}})");
  bad("complete_uri_unknown", "completion/complete",
      R"({"ref":{"type":"ref/resource","uri":"no://x"},"argument":{"name":"a","value":""}})",
      refused(error_code::resource_not_found, 7));
  bad("level_missing", "logging/setLevel", "{}");
  bad("level_number", "logging/setLevel", R"({"level":7})");
  bad("level_unknown", "logging/setLevel", R"({"level":"loud"})");
  bad("ping_with_anything", "ping", R"({"x":[1,2,{"y":null}]})", answered(7));
  return group;
}

Group cursors() {
  Group group{"cursors", "Cursors that the server never gave out.", true, {}};
  for (const std::string& list :
       std::vector<std::string>{"tools/list", "resources/list", "resources/templates/list",
                                "prompts/list", "tasks/list"}) {
    std::string prefix = list.substr(0, list.rfind('/'));
    for (char& c : prefix) c = c == '/' ? '_' : c;
    const auto add = [&](const std::string& name, const std::string& cursor,
                         Outcome outcome = refused(bad_params, 7)) {
      group.rows.push_back(ask(prefix + "_cursor_" + name,
                               "`" + list + "` with the cursor `" + cursor + "`", list,
                               R"({"cursor":)" + cursor + "}", std::move(outcome)));
    };
    add("number", "5");
    add("object", "{}");
    add("garbage", "\"garbage!\"");
    add("empty", "\"\"");
    add("of_another", "\"bm9wZQp4\"");  // of a list "nope"
    add("null", "null", answered(7));
  }
  return group;
}

Group tasks() {
  Group group{"tasks", "Tasks that cannot be made, and tasks of others.", true, {}};
  const auto task = [](const std::string& value) {
    return R"({"name":"render","arguments":{},"task":)" + value + "}";
  };
  auto& rows = group.rows;
  rows.push_back(ask("task_number", "a call as a task that is `5`", "tools/call", task("5"),
                     refused(bad_params, 7)));
  rows.push_back(ask("task_ttl_string", "a task with the ttl \"long\"", "tools/call",
                     task(R"({"ttl":"long"})"), refused(bad_params, 7)));
  rows.push_back(ask("task_ttl_negative", "a task with the ttl -1", "tools/call",
                     task(R"({"ttl":-1})"), refused(bad_params, 7)));
  rows.push_back(ask("task_ttl_1e308", "a task with the ttl 1e308", "tools/call",
                     task(R"({"ttl":1e308})"), answered(7)));
  rows.push_back(ask("task_ttl_2_64", "a task with the ttl 2^64 - 1", "tools/call",
                     task(R"({"ttl":18446744073709551615})"), answered(7)));
  rows.push_back(ask("task_of_no_task_tool", "a call as a task of a tool that cannot be one",
                     "tools/call", R"({"name":"set_volume","arguments":{"volume":3},"task":{}})",
                     refused(unknown, 7)));
  for (const std::string& method :
       std::vector<std::string>{"tasks/get", "tasks/result", "tasks/cancel"}) {
    const std::string prefix = "task_" + method.substr(6);
    rows.push_back(ask(prefix + "_of_another",
                       "`" + method + "` of the task of another client, by its id", method,
                       R"({"taskId":"task-000001"})", refused(bad_params, 7)));
    rows.push_back(ask(prefix + "_number", "`" + method + "` of the task 1", method,
                       R"({"taskId":1})", refused(bad_params, 7)));
    rows.push_back(ask(prefix + "_missing", "`" + method + "` without an id", method, "{}",
                       refused(bad_params, 7)));
  }
  return group;
}

Group in_flight() {
  Group group{
      "in_flight", "Requests, cancellations and progress about what is under way.", true, {}};
  const std::string endless = R"({"name":"endless","arguments":{}})";
  Row twice = ask("id_in_flight", "a second request under the id of one that is being answered",
                  "ping", "{}", refused(invalid, 7));
  twice.before = text(request("7", "tools/call", endless));
  Row as_text = say("id_in_flight_as_text", "a request with the id \"7\" while 7 is being answered",
                    request("\"7\"", "ping"), answered("7"));
  as_text.before = twice.before;
  Row cancelled =
      say("cancel_as_text", "a cancellation of \"7\" while 7 is being answered: 7 goes on", "[]",
          refused(invalid, nullptr));
  cancelled.payload = text(notification("notifications/cancelled", R"({"requestId":"7"})"));
  cancelled.outcome = ignored();
  cancelled.before = twice.before;
  group.rows = {twice, as_text, cancelled};
  for (const auto& [name, id] :
       std::vector<std::pair<std::string, std::string>>{{"unknown", "99"},
                                                        {"of_another", "2"},
                                                        {"null", "null"},
                                                        {"object", "{}"},
                                                        {"1e300", "1e300"},
                                                        {"2_64", "18446744073709551615"}}) {
    group.rows.push_back(
        say("cancel_" + name, "a cancellation of the request `" + id + "`",
            notification("notifications/cancelled", R"({"requestId":)" + id + R"(,"reason":5})")));
  }
  group.rows.push_back(
      say("cancel_empty", "a cancellation of nothing", notification("notifications/cancelled")));
  for (const auto& [name, given] : std::vector<std::pair<std::string, std::string>>{
           {"unknown_token", R"({"progressToken":99,"progress":1})"},
           {"token_text", R"({"progressToken":"1","progress":1})"},
           {"token_object", R"({"progressToken":{},"progress":1})"},
           {"token_2_64", R"({"progressToken":18446744073709551615,"progress":1})"},
           {"text", R"({"progressToken":1,"progress":"half"})"},
           {"1e308", R"({"progressToken":1,"progress":1e308,"total":-1e308})"},
           {"empty", "{}"}}) {
    group.rows.push_back(say("progress_" + name, "progress with `" + given + "`",
                             notification("notifications/progress", given)));
  }
  group.rows.push_back(
      say("progress_1e400", "progress of 1e400",
          notification("notifications/progress", R"({"progressToken":1,"progress":1e400})"),
          refused(error_code::parse_error, nullptr)));
  return group;
}

Group answers() {
  Group group{"answers_to_server",
              "Answers to nobody, and answers to `roots/list` that are none. The server has asked "
              "the sender where a row says \"its question\".",
              true,
              {}};
  const auto nobody = [&](std::string name, std::string sent, std::string payload) {
    group.rows.push_back(say(std::move(name), std::move(sent), std::move(payload)));
  };
  nobody("result_to_nobody", "a result for a request that nobody made",
         R"({"jsonrpc":"2.0","id":99,"result":{}})");
  nobody("error_to_nobody", "an error for a request that nobody made",
         R"({"jsonrpc":"2.0","id":99,"error":{"code":-1,"message":"no"}})");
  nobody("error_without_id", "an error with the id null",
         R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}})");
  nobody("result_without_id", "a result without an id", R"({"jsonrpc":"2.0","result":{}})");
  nobody("result_to_fraction", "a result with the id 1.5",
         R"({"jsonrpc":"2.0","id":1.5,"result":{}})");
  nobody("result_and_error_to_nobody", "a result and an error in one, for nobody",
         R"({"jsonrpc":"2.0","id":99,"result":{},"error":{"code":1,"message":""}})");

  const auto answer = [&](std::string name, std::string sent, std::string payload,
                          Outcome outcome) {
    Row row = say(std::move(name), std::move(sent), std::move(payload), std::move(outcome));
    row.place = Place::answer;
    group.rows.push_back(std::move(row));
  };
  constexpr ErrorKind violation = ErrorKind::protocol_violation;
  answer("answer_both", "a result and an error in one, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"result":{"roots":[]},"error":{"code":1,"message":""}})",
         failed(violation));
  answer("answer_error_string", "an error that is a string, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"error":"no"})", failed(violation));
  answer("answer_error_code_text", "an error whose code is text, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"error":{"code":"x","message":"no"}})", failed(violation));
  answer("answer_error_code_2_40", "an error whose code is 2^40, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"error":{"code":1099511627776,"message":"no"}})",
         failed(violation));
  answer("answer_without_version", "an answer without `jsonrpc`, to its question",
         R"({"id":$ID,"result":{"roots":[]}})", failed(violation));
  answer("answer_null", "a result that is null, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"result":null})", failed(violation));
  answer("answer_roots_number", "roots that are a number, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"result":{"roots":5}})", failed(violation));
  answer("answer_roots_of_numbers", "roots that are numbers, to its question",
         R"({"jsonrpc":"2.0","id":$ID,"result":{"roots":[1,2]}})", failed(violation));
  Row other = say("answer_for_another",
                  "an answer to a question that the server put to another client, by its id; that "
                  "client's own answer counts",
                  R"({"jsonrpc":"2.0","id":$ID,"result":{"roots":[{"uri":"file:///mallory"}]}})");
  other.place = Place::other_answer;
  group.rows.push_back(other);
  return group;
}

}  // namespace

std::vector<Group> requests() {
  return {methods(), params(), cursors(), tasks(), in_flight(), answers()};
}

}  // namespace mcp_mqtt::hostile
