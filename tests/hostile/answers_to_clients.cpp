#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/protocol/completion.hpp>

#include "hostile/row.hpp"

// What a server says in answer to a client's requests.
namespace mcp_mqtt::hostile {
namespace {

using namespace std::chrono_literals;

constexpr ErrorKind violation = ErrorKind::protocol_violation;

std::string result(const std::string& json) {
  return R"({"jsonrpc":"2.0","id":$ID,"result":)" + json + "}";
}

Group handshakes() {
  Group group{"handshakes", "Answers to `initialize`.", false, {}};
  const auto add = [&](std::string name, std::string sent, std::string payload, Outcome outcome) {
    Row row;
    row.name = std::move(name);
    row.sent = "`initialize` answered with " + std::move(sent);
    row.place = Place::handshake;
    row.stage = Stage::none;
    row.payload = text(std::move(payload));
    row.outcome = std::move(outcome);
    group.rows.push_back(std::move(row));
  };
  const std::string version = R"("protocolVersion":"2025-11-25")";
  add("handshake_null", "null", result("null"), failed(violation));
  add("handshake_array", "an array", result("[1]"), failed(violation));
  add("handshake_text", "a text", result("\"ok\""), failed(violation));
  add("handshake_empty", "`{}`", result("{}"), failed(violation));
  add("handshake_version_number", "a `protocolVersion` that is a number",
      result(R"({"protocolVersion":20251125})"), failed(violation));
  add("handshake_version_unknown", "an unknown `protocolVersion`",
      result(R"({"protocolVersion":"2099-01-01"})"), failed(ErrorKind::unsupported));
  add("handshake_version_1_mb", "a `protocolVersion` of 1 MB",
      result(R"({"protocolVersion":")" + repeat("2", 1'000'000) + "\"}"),
      failed(ErrorKind::unsupported));
  add("handshake_wrong_types", "capabilities 5, serverInfo [] and instructions {}",
      result("{" + version + R"(,"capabilities":5,"serverInfo":[],"instructions":{}})"),
      succeeded());
  add("handshake_wrong_members", "capabilities whose members are of wrong types",
      result("{" + version +
             R"(,"capabilities":{"tools":[],"resources":5,"tasks":{"requests":[]},)"
             R"("experimental":7},"serverInfo":{"name":5,"icons":{}}})"),
      succeeded());
  add("handshake_both", "a result and an error in one",
      R"({"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":""}})",
      failed(violation));
  add("handshake_error_text", "an error that is a text",
      R"({"jsonrpc":"2.0","id":$ID,"error":"no"})", failed(violation));
  add("handshake_supported_garbage", "an error whose `supported` is garbage",
      R"({"jsonrpc":"2.0","id":$ID,"error":{"code":-32602,"message":"no",)"
      R"("data":{"supported":[5,null,"2099-01-01",{}]}}})",
      failed(ErrorKind::rpc));
  add("handshake_supported_same", "an error whose `supported` is what was refused",
      R"({"jsonrpc":"2.0","id":$ID,"error":{"code":-32602,"message":"no",)"
      R"("data":{"supported":["2025-11-25"]}}})",
      failed(ErrorKind::rpc));
  add("handshake_supported_again", "an error that names another revision, again and again",
      R"({"jsonrpc":"2.0","id":$ID,"error":{"code":-32602,"message":"no",)"
      R"("data":{"supported":["2025-06-18","2025-03-26"]}}})",
      failed(ErrorKind::rpc));
  add("handshake_goodbye", "`notifications/disconnected`",
      notification("notifications/disconnected"), failed(ErrorKind::server_gone));
  const auto silent = [&](std::string name, std::string sent, std::string payload) {
    add(std::move(name), std::move(sent) + ", which is no answer", std::move(payload),
        failed(ErrorKind::timeout));
  };
  silent("handshake_garbage", "garbage", "}");
  silent("handshake_id_text", "its id as a text",
         R"({"jsonrpc":"2.0","id":"$ID","result":{"protocolVersion":"2025-11-25"}})");
  silent("handshake_id_double", "its id with a fraction",
         R"({"jsonrpc":"2.0","id":$ID.0,"result":{"protocolVersion":"2025-11-25"}})");
  silent("handshake_other_id", "another id",
         R"({"jsonrpc":"2.0","id":99,"result":{"protocolVersion":"2025-11-25"}})");
  silent("handshake_id_null", "an error with the id null",
         R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}})");
  return group;
}

/// A call with a timeout that only an answer that is none reaches.
CallOptions within(std::chrono::milliseconds timeout) { return {.timeout = timeout}; }
CallOptions patient() { return within(60s); }
CallOptions hasty() { return within(300ms); }

Row answer(std::string name, std::string sent, std::function<void(const ClientSession&)> call,
           std::function<std::string()> payload, Outcome outcome) {
  Row row;
  row.name = std::move(name);
  row.sent = std::move(sent);
  row.place = Place::answer;
  row.call = std::move(call);
  row.payload = std::move(payload);
  row.outcome = std::move(outcome);
  return row;
}

Group envelopes() {
  Group group{"answers", "Answers to a call that are no answers, or nearly.", false, {}};
  const auto add = [&](std::string name, std::string sent, std::string payload, Outcome outcome) {
    const bool silent =
        outcome.kind == Outcome::Kind::failed && outcome.error == ErrorKind::timeout;
    group.rows.push_back(answer(
        std::move(name), "`tools/call` answered with " + std::move(sent),
        [silent](const ClientSession& session) {
          session.call_tool("any", Json::object(), silent ? hasty() : patient());
        },
        text(std::move(payload)), std::move(outcome)));
  };
  add("call_both", "a result and an error in one",
      R"({"jsonrpc":"2.0","id":$ID,"result":{},"error":{"code":1,"message":""}})",
      failed(violation));
  add("call_neither", "neither result nor error; a message without both is no answer",
      R"({"jsonrpc":"2.0","id":$ID})", failed(ErrorKind::timeout));
  add("call_no_version", "an answer without `jsonrpc`", R"({"id":$ID,"result":{}})",
      failed(violation));
  add("call_version_1", "`jsonrpc` \"1.0\"", R"({"jsonrpc":"1.0","id":$ID,"result":{}})",
      failed(violation));
  add("call_error_null", "an error that is null", R"({"jsonrpc":"2.0","id":$ID,"error":null})",
      failed(violation));
  add("call_error_empty", "an error without code and message",
      R"({"jsonrpc":"2.0","id":$ID,"error":{}})", failed(violation));
  add("call_error_code_1e9", "an error with the code 1e9",
      R"({"jsonrpc":"2.0","id":$ID,"error":{"code":1e9,"message":"no"}})", failed(violation));
  add("call_error_message_null", "an error whose message is null",
      R"({"jsonrpc":"2.0","id":$ID,"error":{"code":1,"message":null}})", failed(violation));
  add("call_error_control",
      "an error whose message clears a terminal; the program sees it as it is",
      R"({"jsonrpc":"2.0","id":$ID,"error":{"code":1,"message":"\u001b[2J\u0000"}})",
      failed(ErrorKind::rpc));
  add("call_id_text", "its id as a text", R"({"jsonrpc":"2.0","id":"$ID","result":{}})",
      failed(ErrorKind::timeout));
  add("call_id_double", "its id with a fraction", R"({"jsonrpc":"2.0","id":$ID.0,"result":{}})",
      failed(ErrorKind::timeout));
  add("call_id_other", "the id of no call", R"({"jsonrpc":"2.0","id":4711,"result":{}})",
      failed(ErrorKind::timeout));
  add("call_garbage", "garbage", "\xff", failed(ErrorKind::timeout));
  add("call_empty", "an empty message", "", failed(ErrorKind::timeout));
  add("call_batch", "a batch of its result, in revision 2025-11-25",
      R"([{"jsonrpc":"2.0","id":$ID,"result":{"content":[]}}])", failed(violation));
  add("call_nested_65", "a result of 65 levels",
      result(R"({"structuredContent":{"a":)" + repeat("[", 62) + repeat("]", 62) + "}}"),
      failed(ErrorKind::timeout));
  add("call_result_1e400", "a number beyond a double",
      result(R"({"structuredContent":{"a":1e400}})"), failed(ErrorKind::timeout));
  add("call_not_utf8", "a text that is not UTF-8",
      result("{\"content\":[{\"type\":\"text\",\"text\":\"\xff\"}]}"), failed(ErrorKind::timeout));
  add("call_id_twice", "two ids, of which the last counts",
      R"({"jsonrpc":"2.0","id":4711,"id":$ID,"result":{"content":[]}})", succeeded());
  group.rows.push_back(answer(
      "call_17_mb", "`tools/call` answered with 17 MiB, beyond the limit",
      [](const ClientSession& session) { session.call_tool("any", Json::object(), within(2s)); },
      [] {
        return result(R"({"content":[{"type":"text","text":")" + repeat("x", 17U << 20) +
                      R"("}]})");
      },
      failed(ErrorKind::timeout)));
  group.rows.push_back(answer(
      "call_10_mb_number", "`tools/call` answered with a number of 10 million digits",
      [](const ClientSession& session) { session.call_tool("any", Json::object(), within(2s)); },
      [] { return result(R"({"structuredContent":{"a":)" + repeat("9", 10'000'000) + "}}"); },
      failed(ErrorKind::timeout)));
  return group;
}

Group results() {
  Group group{"results",
              "Results of every method that are of the wrong type. A list leaves out the entries "
              "that cannot be read.",
              false,
              {}};
  using Call = std::function<void(const ClientSession&)>;
  const auto add = [&](std::string name, const std::string& method, Call call, std::string json,
                       Outcome outcome) {
    const std::string shown = json.size() > 70 ? json.substr(0, 67) + "…" : json;
    group.rows.push_back(answer(std::move(name), "`" + method + "` answered with `" + shown + "`",
                                std::move(call), text(result(json)), std::move(outcome)));
  };
  const Call tools = [](const ClientSession& s) { s.list_tools(patient()); };
  const Call call = [](const ClientSession& s) { s.call_tool("any", Json::object(), patient()); };
  const Call resources = [](const ClientSession& s) { s.list_resources(patient()); };
  const Call templates = [](const ClientSession& s) { s.list_resource_templates(patient()); };
  const Call read = [](const ClientSession& s) { s.read_resource("a://b", patient()); };
  const Call prompts = [](const ClientSession& s) { s.list_prompts(patient()); };
  const Call prompt = [](const ClientSession& s) { s.get_prompt("any", {}, patient()); };
  const Call complete = [](const ClientSession& s) {
    CompleteRequest request;
    request.reference = PromptReference{"any"};
    request.argument = "a";
    s.complete(request, patient());
  };
  const Call task = [](const ClientSession& s) { s.get_task("task-1", patient()); };
  const Call level = [](const ClientSession& s) {
    s.set_logging_level(LoggingLevel::debug, patient());
  };
  const Call ping = [](const ClientSession& s) { s.ping(patient()); };
  for (const auto& [name, method, function, member] :
       std::vector<std::tuple<std::string, std::string, Call, std::string>>{
           {"tools", "tools/list", tools, "tools"},
           {"resources", "resources/list", resources, "resources"},
           {"templates", "resources/templates/list", templates, "resourceTemplates"},
           {"prompts", "prompts/list", prompts, "prompts"}}) {
    add(name + "_null", method, function, "null", failed(violation));
    add(name + "_missing", method, function, "{}", failed(violation));
    add(name + "_object", method, function, "{\"" + member + "\":{}}", failed(violation));
    add(name + "_of_garbage", method, function,
        "{\"" + member + R"(":[1,null,"x",[],{},{"name":5,"uri":{}},{"uriTemplate":"{"}]})",
        succeeded());
    add(name + "_next_cursor_object", method, function,
        "{\"" + member + R"(":[],"nextCursor":{"a":1}})", failed(violation));
    add(name + "_next_cursor_same", method, function,
        "{\"" + member + R"(":[],"nextCursor":"again"})", failed(violation));
  }
  add("call_result_null", "tools/call", call, "null", failed(violation));
  add("call_result_text", "tools/call", call, "\"done\"", failed(violation));
  add("call_content_object", "tools/call", call, R"({"content":{}})", failed(violation));
  add("call_content_number", "tools/call", call, R"({"content":[5]})", failed(violation));
  add("call_content_text_number", "tools/call", call, R"({"content":[{"type":"text","text":5}]})",
      failed(violation));
  add("call_content_bad_base64", "tools/call", call,
      R"({"content":[{"type":"image","data":"!!!","mimeType":"image/png"}]})", failed(violation));
  add("call_structured_array", "tools/call", call, R"({"content":[],"structuredContent":[1]})",
      succeeded());
  add("call_is_error_text", "tools/call", call, R"({"content":[],"isError":"yes"})", succeeded());
  add("read_null", "resources/read", read, "null", failed(violation));
  add("read_contents_object", "resources/read", read, R"({"contents":{}})", failed(violation));
  add("read_contents_number", "resources/read", read, R"({"contents":[5]})", failed(violation));
  add("prompt_null", "prompts/get", prompt, "null", failed(violation));
  add("prompt_messages_object", "prompts/get", prompt, R"({"messages":{}})", failed(violation));
  add("prompt_role_unknown", "prompts/get", prompt,
      R"({"messages":[{"role":"root","content":{"type":"text","text":"x"}}]})", failed(violation));
  add("complete_null", "completion/complete", complete, "null", failed(violation));
  add("complete_values_number", "completion/complete", complete, R"({"completion":{"values":5}})",
      failed(violation));
  add("task_null", "tasks/get", task, "null", failed(violation));
  add("task_status_unknown", "tasks/get", task,
      R"({"taskId":"task-1","status":"exploded","createdAt":"now","ttl":1})", failed(violation));
  add("level_number_result", "logging/setLevel", level, "5", succeeded());
  add("ping_array", "ping", ping, "[[]]", succeeded());
  return group;
}

Group lists() {
  Group group{
      "lists", "Lists without an end or beyond all measure, and schemas to choke on.", false, {}};
  const auto tools = [](const ClientSession& session) { session.list_tools(patient()); };
  const auto quick = [](const ClientSession& session) { session.list_tools(within(2s)); };
  const auto add = [&](std::string name, std::string sent, auto call,
                       std::function<std::string()> payload, Outcome outcome) {
    group.rows.push_back(answer(std::move(name), "`tools/list` answered with " + std::move(sent),
                                call, std::move(payload), std::move(outcome)));
  };
  add("pages_without_end", "a new cursor on each page, for ever", tools,
      text(result(R"({"tools":[],"nextCursor":"page $COUNT"})")), failed(violation));
  add("pages_without_end_numbers", "a cursor that is a number and grows, for ever", tools,
      text(result(R"({"tools":[{"name":"t$COUNT"}],"nextCursor":$COUNT})")), failed(violation));
  add(
      "tools_million", "a million tools in one page", tools,
      [] { return result("{\"tools\":[" + repeat("{},", 999'999) + "{}]}"); }, failed(violation));
  add(
      "tools_million_too_large", "a million tools of 30 bytes, beyond the size of a message", quick,
      [] {
        return result("{\"tools\":[" + repeat(R"({"name":"a tool among many"},)", 1'000'000) +
                      "{}]}");
      },
      failed(ErrorKind::timeout));
  add(
      "tools_many_pages", "2,000 tools on each page, for ever", tools,
      [] {
        return result("{\"tools\":[" + repeat("{},", 1'999) + R"({}],"nextCursor":"$COUNT"})");
      },
      failed(violation));
  const auto schema = [&](std::string name, std::string sent, const std::string& json) {
    add(std::move(name), std::move(sent), tools,
        text(result(R"({"tools":[{"name":"bomb","inputSchema":)" + json + R"(,"outputSchema":)" +
                    json + "}]}")),
        succeeded());
  };
  schema("schema_true", "schemas that are `true`", "true");
  schema("schema_type_true", "schemas whose type is `true`", R"({"type":true})");
  schema("schema_circle", "schemas that refer to themselves", R"({"$ref":"#"})");
  schema("schema_elsewhere", "schemas that refer to a web server; nothing is fetched",
         R"({"$ref":"http://127.0.0.1:1/schema.json"})");
  schema("schema_deep", "schemas of 55 levels",
         repeat(R"({"not":)", 55) + "true" + repeat("}", 55));
  schema("schema_wide", "schemas of 50,000 alternatives",
         R"({"anyOf":[)" + repeat("{\"const\":1},", 49'999) + "true]}");
  schema("schema_pattern", "schemas with a pattern that takes for ever",
         R"({"properties":{"a":{"pattern":"^(a+)+$"}}})");
  schema("schema_bounds", "schemas with impossible bounds",
         R"({"minItems":1e308,"maxItems":-1,"multipleOf":0,"minLength":"x"})");
  return group;
}

}  // namespace

std::vector<Group> answers_to_clients() { return {handshakes(), envelopes(), results(), lists()}; }

}  // namespace mcp_mqtt::hostile
