#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <ostream>

#include <mcp_mqtt/protocol/completion.hpp>
#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/elicitation.hpp>
#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/prompt.hpp>
#include <mcp_mqtt/protocol/resource.hpp>
#include <mcp_mqtt/protocol/root.hpp>
#include <mcp_mqtt/protocol/sampling.hpp>
#include <mcp_mqtt/protocol/task.hpp>
#include <mcp_mqtt/protocol/tool.hpp>

// Each reader gets each type of JSON in the place of each member, at any depth. It must not throw;
// it either refuses with the error that its header promises, or gives a value that can be written.
namespace mcp_mqtt {
namespace {

template <class T>
Result<Json> written(const T& value, Revision revision) {
  if constexpr (requires { to_json(value, revision); }) {
    return to_json(value, revision);
  } else {
    return Json(to_json(value));
  }
}

template <class T>
Result<T> as_result(Result<T> result) {
  return result;
}
template <class T>
Result<T> as_result(T value) {
  return value;
}

struct Reader {
  const char* name;
  const char* valid;
  ErrorKind refusal;
  /// Reads, and writes what it read; the error, where it refused.
  std::function<std::optional<Error>(const Json&)> read;
};

void PrintTo(const Reader& reader, std::ostream* out) { *out << reader.name; }

// Of the two that there are, the ones that leave the Json as it is.
const auto copied_content_from_json = [](const Json& json) { return content_from_json(json); };
const auto copied_call_tool_result_from_json = [](const Json& json) {
  return call_tool_result_from_json(json);
};
const auto copied_read_resource_result_from_json = [](const Json& json) {
  return read_resource_result_from_json(json);
};
const auto copied_get_prompt_result_from_json = [](const Json& json) {
  return get_prompt_result_from_json(json);
};

template <class Read>
Reader reader(const char* name, const char* valid, ErrorKind refusal, Read read) {
  return {name, valid, refusal, [read](const Json& json) -> std::optional<Error> {
            const auto value = as_result(read(json));
            if (!value) return value.error();
            for (const Revision revision : all_revisions) {
              if (const auto again = written(*value, revision)) (void)again->dump();
            }
            // What was read liberally is written strictly, and then stays what it is.
            const Result<Json> once = written(*value, latest_revision);
            const decltype(value) again = once ? as_result(read(*once)) : once.error();
            EXPECT_TRUE(again && *written(*again, latest_revision) == *once) << json;
            return std::nullopt;
          }};
}

constexpr auto answer = ErrorKind::protocol_violation;
constexpr auto request = ErrorKind::rpc;

const Reader readers[] = {
    reader("Icon", R"({"src":"a","mimeType":"b","sizes":["1x1"],"theme":"dark"})", answer,
           icon_from_json),
    reader("Implementation", R"({"name":"a","version":"1","title":"A","description":"d",
           "websiteUrl":"u","icons":[{"src":"a"}]})",
           answer, implementation_from_json),
    reader("ServerCapabilities", R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},
           "resources":{"subscribe":true,"listChanged":true},"logging":{},"completions":{},
           "tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}},"experimental":{}})",
           answer, server_capabilities_from_json),
    reader("ClientCapabilities", R"({"roots":{"listChanged":true},"experimental":{"a":{}},
           "sampling":{"tools":{},"context":{}},"elicitation":{"form":{},"url":{}},
           "tasks":{"list":{},"cancel":{},"requests":{"sampling":{"createMessage":{}},
           "elicitation":{"create":{}}}}})",
           answer, client_capabilities_from_json),
    reader("text", R"({"type":"text","text":"a","_meta":{},"annotations":{"audience":["user"],
           "priority":0.5,"lastModified":"2025-11-25T12:00:00Z"}})",
           answer, copied_content_from_json),
    reader("image", R"({"type":"image","data":"Zm9v","mimeType":"image/png"})", answer,
           copied_content_from_json),
    reader("audio", R"({"type":"audio","data":"Zm9v","mimeType":"audio/wav"})", answer,
           copied_content_from_json),
    reader("resource", R"({"type":"resource","resource":{"uri":"u","mimeType":"m","text":"t",
           "blob":"Zm9v","_meta":{}}})",
           answer, copied_content_from_json),
    reader("resource_link", R"({"type":"resource_link","uri":"u","name":"n","title":"t",
           "description":"d","mimeType":"m","size":5,"icons":[{"src":"a"}]})",
           answer, copied_content_from_json),
    reader("Tool", R"({"name":"t","title":"T","description":"d","inputSchema":{"type":"object",
           "properties":{"a":{"type":"integer"}}},"outputSchema":{"type":"object"},"_meta":{},
           "annotations":{"title":"t","readOnlyHint":true,"destructiveHint":true,
           "idempotentHint":true,"openWorldHint":true},"icons":[{"src":"a"}],
           "execution":{"taskSupport":"optional"}})",
           answer, tool_from_json),
    reader("CallToolResult", R"({"content":[{"type":"text","text":"a"}],"isError":true,
           "structuredContent":{"a":1},"_meta":{}})",
           answer, copied_call_tool_result_from_json),
    reader("Resource", R"({"uri":"u","name":"n","title":"t","description":"d","mimeType":"m",
           "size":5,"annotations":{"priority":1},"icons":[{"src":"a"}],"_meta":{}})",
           answer, resource_from_json),
    reader("ResourceTemplate", R"({"uriTemplate":"u","name":"n","title":"t","description":"d",
           "mimeType":"m","annotations":{"priority":1},"icons":[{"src":"a"}],"_meta":{}})",
           answer, resource_template_from_json),
    reader("ReadResourceResult", R"({"contents":[{"uri":"u","text":"t"},
           {"uri":"v","blob":"Zm9v"}],"_meta":{}})",
           answer, copied_read_resource_result_from_json),
    reader("Prompt", R"({"name":"p","title":"P","description":"d","arguments":[{"name":"a",
           "title":"A","description":"d","required":true}],"icons":[{"src":"a"}],"_meta":{}})",
           answer, prompt_from_json),
    reader("GetPromptResult", R"({"description":"d","_meta":{},"messages":[
           {"role":"user","content":{"type":"text","text":"a"}},
           {"role":"assistant","content":[{"type":"text","text":"b"}]}]})",
           answer, copied_get_prompt_result_from_json),
    reader("CompleteRequest", R"({"ref":{"type":"ref/prompt","name":"p","uri":"u"},
           "argument":{"name":"a","value":"v"},"context":{"arguments":{"b":"c"}}})",
           request, complete_request_from_json),
    reader("Completion", R"({"completion":{"values":["a","b"],"total":2,"hasMore":false}})", answer,
           completion_from_json),
    reader("LoggingMessage", R"({"level":"error","logger":"l","data":{"a":1}})", answer,
           logging_message_from_json),
    reader("Roots", R"({"roots":[{"uri":"file:///a","name":"A","_meta":{}}]})", answer,
           roots_from_json),
    reader("CreateMessageRequest", R"({"messages":[
           {"role":"user","content":{"type":"text","text":"a"},"_meta":{}},
           {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"t","input":{"a":1}},
            {"type":"text","text":"b"}]},
           {"role":"user","content":{"type":"tool_result","toolUseId":"1","isError":true,
            "content":[{"type":"text","text":"c"}],"structuredContent":{},"_meta":{}}}],
           "maxTokens":5,"systemPrompt":"s","includeContext":"none","temperature":0.5,
           "stopSequences":["x"],"metadata":{},"_meta":{},"tools":[{"name":"t"}],
           "toolChoice":{"mode":"auto"},"modelPreferences":{"hints":[{"name":"m"}],
           "costPriority":0.1,"speedPriority":0.2,"intelligencePriority":0.3}})",
           request, create_message_request_from_json),
    reader("CreateMessageResult", R"({"role":"assistant","model":"m","stopReason":"endTurn",
           "content":[{"type":"text","text":"a"},{"type":"image","data":"Zm9v","mimeType":"m"}],
           "_meta":{}})",
           answer, create_message_result_from_json),
    reader("form", R"({"mode":"form","message":"m","_meta":{},"requestedSchema":{"type":"object",
           "properties":{"a":{"type":"string","oneOf":[{"const":"x","title":"X"}],"default":"x"},
           "b":{"type":"array","items":{"enum":["x"]}}},"required":["a"],"$schema":"s"}})",
           request, elicit_request_from_json),
    reader("url", R"({"mode":"url","message":"m","url":"u","elicitationId":"e"})", request,
           elicit_request_from_json),
    reader("ElicitResult", R"({"action":"accept","content":{"a":1},"_meta":{}})", answer,
           elicit_result_from_json),
    reader("Task", R"({"taskId":"t","status":"working","statusMessage":"m","createdAt":"c",
           "lastUpdatedAt":"l","ttl":60000,"pollInterval":500})",
           answer, task_from_json),
};

const std::vector<Json>& odd_values() {
  static const std::vector<Json> values = [] {
    std::vector<Json> list;
    for (const char* text : {"null",
                             "true",
                             "false",
                             "0",
                             "-1",
                             "1.5",
                             "1e300",
                             "-1e300",
                             "9223372036854775807",
                             "9223372036854775808",
                             "-9223372036854775808",
                             "18446744073709551615",
                             R"("")",
                             R"("text")",
                             R"("auto")",
                             "[]",
                             "[null]",
                             "[7]",
                             R"(["x"])",
                             "[[]]",
                             "[{}]",
                             R"([{"type":"text","text":"x"}])",
                             R"({"type":"text","text":"x"})",
                             "{}",
                             R"({"type":true})",
                             R"({"":null})",
                             R"({"x":{"x":[{}]}})"}) {
      list.push_back(Json::parse(text));
    }
    return list;
  }();
  return values;
}

/// The document itself, and all that lies in it.
void collect(const Json& json, const Json::json_pointer& here,
             std::vector<Json::json_pointer>& places) {
  places.push_back(here);
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) collect(value, here / key, places);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) collect(json[i], here / i, places);
  }
}

class HostileJson : public ::testing::TestWithParam<Reader> {
 protected:
  void expect_sound(const Json& json) const {
    std::optional<Error> error;
    EXPECT_NO_THROW(error = GetParam().read(json)) << json;
    if (!error) return;
    EXPECT_EQ(error->kind, GetParam().refusal) << json << ": " << error->message;
    EXPECT_EQ(error->code, GetParam().refusal == request ? error_code::invalid_params : 0) << json;
    EXPECT_GT(error->message.size(), 8U) << json;
  }
};

TEST_P(HostileJson, IsReadOrRefused) {
  const Json valid = Json::parse(GetParam().valid);
  const auto refusal = GetParam().read(valid);
  ASSERT_FALSE(refusal) << refusal->message;
  std::vector<Json::json_pointer> places;
  collect(valid, Json::json_pointer(), places);
  for (const auto& place : places) {
    for (const Json& odd : odd_values()) {
      Json json = valid;
      json[place] = odd;
      expect_sound(json);
    }
    if (place.empty()) continue;
    Json json = valid;
    Json& parent = json[place.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(place.back());
    } else {
      parent.erase(parent.begin());
    }
    expect_sound(json);
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, HostileJson, ::testing::ValuesIn(readers),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcp_mqtt
