#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/sampling.hpp>

namespace mcp_mqtt {
namespace {

using namespace nlohmann::literals;

CreateMessageRequest simple_request() {
  CreateMessageRequest request;
  request.messages = {user_says("How wet?"), assistant_says("Dry.")};
  request.max_tokens = 100;
  return request;
}

const Json simple_json = R"({"maxTokens":100,"messages":[
    {"role":"user","content":{"type":"text","text":"How wet?"}},
    {"role":"assistant","content":{"type":"text","text":"Dry."}}]})"_json;

TEST(CreateMessageRequestJson, SimpleOnesAreTheSameInAllRevisions) {
  for (const Revision revision : all_revisions) {
    const auto json = to_json(simple_request(), revision);
    ASSERT_TRUE(json);
    EXPECT_EQ(*json, simple_json);
  }
  const auto read = create_message_request_from_json(simple_json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, simple_request());
}

TEST(CreateMessageRequestJson, CarriesAllThatIsSaid) {
  CreateMessageRequest request = simple_request();
  request.system_prompt = "Be brief";
  request.include_context = "thisServer";
  request.temperature = 0.5;
  request.stop_sequences = {"END"};
  request.preferences = ModelPreferences{{"small", "medium"}, 0.25, 0.5, 1.0};
  request.metadata = R"({"seed":7})"_json;
  request.meta = R"({"x":1})"_json;
  Json json = simple_json;
  json.update(R"({"systemPrompt":"Be brief","includeContext":"thisServer","temperature":0.5,
      "stopSequences":["END"],"metadata":{"seed":7},"_meta":{"x":1},"modelPreferences":{
      "hints":[{"name":"small"},{"name":"medium"}],"costPriority":0.25,"speedPriority":0.5,
      "intelligencePriority":1.0}})"_json);
  EXPECT_EQ(*to_json(request, Revision::v2024_11_05), json);
  EXPECT_EQ(*to_json(request, latest_revision), json);
  const auto read = create_message_request_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, request);
}

/// A conversation in which a tool was used.
CreateMessageRequest request_with_tools() {
  CreateMessageRequest request;
  Tool tool;
  tool.name = "soil";
  tool.input_schema = R"({"type":"object","properties":{}})"_json;
  request.tools = {tool};
  request.tool_choice = ToolChoice::required;
  ToolResultContent result{"use-1", {TextContent{"dry"}}, R"({"wet":false})"_json, true};
  result.meta = R"({"r":2})"_json;
  request.messages = {user_says("Water?"),
                      {Role::assistant,
                       {TextContent{"Let me see."},
                        ToolUseContent{"use-1", "soil", R"({"bed":1})"_json, R"({"u":1})"_json}},
                       nullptr},
                      {Role::user, {result}, R"({"m":3})"_json}};
  return request;
}

TEST(CreateMessageRequestJson, ToolsAreSince20251125) {
  const CreateMessageRequest request = request_with_tools();
  const auto json = to_json(request, Revision::v2025_11_25);
  ASSERT_TRUE(json);
  EXPECT_EQ(*json, R"({"maxTokens":1000,
      "tools":[{"name":"soil","inputSchema":{"type":"object","properties":{}}}],
      "toolChoice":{"mode":"required"},
      "messages":[
        {"role":"user","content":{"type":"text","text":"Water?"}},
        {"role":"assistant","content":[{"type":"text","text":"Let me see."},
          {"type":"tool_use","id":"use-1","name":"soil","input":{"bed":1},"_meta":{"u":1}}]},
        {"role":"user","_meta":{"m":3},"content":{"type":"tool_result","toolUseId":"use-1",
          "content":[{"type":"text","text":"dry"}],"structuredContent":{"wet":false},
          "isError":true,"_meta":{"r":2}}}]})"_json);
  const auto read = create_message_request_from_json(*json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, request);
}

TEST(CreateMessageRequestJson, OlderRevisionsRefuseWhatTheyLack) {
  CreateMessageRequest tools = simple_request();
  tools.tools.resize(1);
  CreateMessageRequest choice = simple_request();
  choice.tool_choice = ToolChoice::none;
  CreateMessageRequest use = simple_request();
  use.messages[1].content = {ToolUseContent{"1", "soil"}};
  CreateMessageRequest result = simple_request();
  result.messages[1].content = {ToolResultContent{"1"}};
  CreateMessageRequest several = simple_request();
  several.messages[1].content.emplace_back(TextContent{"Very."});
  CreateMessageRequest none = simple_request();
  none.messages[1].content.clear();
  const std::pair<CreateMessageRequest, const char*> cases[] = {
      {tools, "has no tools for sampling"},
      {choice, "has no tools for sampling"},
      {use, "has no tool use in sampling"},
      {result, "has no tool use in sampling"},
      {several, "allows exactly one content in a sampling message, not 2"},
      {none, "allows exactly one content in a sampling message, not 0"}};
  for (const auto& [request, words] : cases) {
    EXPECT_TRUE(to_json(request, Revision::v2025_11_25)) << words;
    for (const Revision revision :
         {Revision::v2024_11_05, Revision::v2025_03_26, Revision::v2025_06_18}) {
      const auto json = to_json(request, revision);
      ASSERT_FALSE(json) << words;
      EXPECT_EQ(json.error().kind, ErrorKind::unsupported);
      EXPECT_EQ(json.error().message,
                "MCP revision " + std::string(to_string(revision)) + ' ' + words);
    }
  }
}

TEST(CreateMessageRequestJson, MembersOfContentFollowTheRevision) {
  CreateMessageRequest request;
  request.messages = {{Role::user, {AudioContent{"RIFF", "audio/wav"}}, R"({"m":1})"_json}};
  EXPECT_EQ(
      (*to_json(request, Revision::v2024_11_05))["messages"][0],
      R"({"role":"user","content":{"type":"text","text":"[audio, audio/wav, 4 bytes]"}})"_json);
  const Json older = (*to_json(request, Revision::v2025_06_18))["messages"][0];
  EXPECT_EQ(older["content"]["type"], "audio");
  EXPECT_FALSE(older.contains("_meta"));
  EXPECT_TRUE((*to_json(request, Revision::v2025_11_25))["messages"][0].contains("_meta"));
}

TEST(CreateMessageRequestJson, IsReadLiberally) {
  const auto read = create_message_request_from_json(R"({"messages":[
      {"role":"user","content":[{"type":"text","text":"a"},{"type":"resource_link","uri":"u"}]}],
      "systemPrompt":7,"temperature":"hot","stopSequences":"END","metadata":[],"_meta":0,
      "modelPreferences":{"hints":[{"name":"m"},7,{}],"costPriority":"low"},
      "toolChoice":{},"maxTokens":50.0})"_json);
  ASSERT_TRUE(read) << read.error().message;
  CreateMessageRequest expected;
  expected.messages = {
      {Role::user,
       {TextContent{"a"}, UnknownContent{R"({"type":"resource_link","uri":"u"})"_json}},
       nullptr}};
  expected.preferences = ModelPreferences{{"m"}};
  expected.tool_choice = ToolChoice::automatic;
  expected.max_tokens = 50;
  EXPECT_EQ(*read, expected);
}

TEST(CreateMessageRequestJson, GarbageIsInvalidParams) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(null)", "'messages'"},
      {R"({"messages":{}})", "'messages'"},
      {R"({"messages":[7]})", "'role'"},
      {R"({"messages":[{"role":"system","content":{"type":"text","text":""}}]})", "\"system\""},
      {R"({"messages":[{"role":"user"}]})", "'content'"},
      {R"({"messages":[{"role":"user","content":"hi"}]})", "'type'"},
      {R"({"messages":[{"role":"user","content":[{"type":"text"}]}]})", "'text'"},
      {R"({"messages":[{"role":"user","content":{"type":"image","data":"?"}}]})", "Base64"},
      {R"({"messages":[{"role":"user","content":{"type":"tool_use","name":"t"}}]})", "'id'"},
      {R"({"messages":[{"role":"user","content":{"type":"tool_use","id":"1"}}]})", "'name'"},
      {R"({"messages":[{"role":"user","content":{"type":"tool_use","id":"1","name":"t",
           "input":[]}}]})",
       "'input'"},
      {R"({"messages":[{"role":"user","content":{"type":"tool_result"}}]})", "'toolUseId'"},
      {R"({"messages":[{"role":"user","content":{"type":"tool_result","toolUseId":"1",
           "content":{}}}]})",
       "'content'"},
      {R"({"messages":[{"role":"user","content":{"type":"tool_result","toolUseId":"1",
           "content":[7]}}]})",
       "'type'"},
      {R"({"messages":[],"maxTokens":"many"})", "'maxTokens'"},
      {R"({"messages":[],"maxTokens":1.5})", "'maxTokens'"},
      {R"({"messages":[],"tools":{}})", "'tools'"},
      {R"({"messages":[],"tools":[{}]})", "'name'"},
      {R"({"messages":[],"toolChoice":"auto"})", "'toolChoice'"},
      {R"({"messages":[],"toolChoice":{"mode":"maybe"}})", "'mode'"}};
  for (const auto& [text, word] : cases) {
    const auto read = create_message_request_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::rpc);
    EXPECT_EQ(read.error().code, error_code::invalid_params);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

TEST(CreateMessageResultJson, SurvivesEachRevision) {
  CreateMessageResult result{Role::assistant, {TextContent{"Dry."}}, "tiny-1", "endTurn"};
  result.meta = R"({"x":1})"_json;
  for (const Revision revision : all_revisions) {
    const auto json = to_json(result, revision);
    ASSERT_TRUE(json);
    EXPECT_EQ(*json, R"({"role":"assistant","content":{"type":"text","text":"Dry."},
                         "model":"tiny-1","stopReason":"endTurn","_meta":{"x":1}})"_json);
    const auto read = create_message_result_from_json(*json);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, result);
  }
  EXPECT_EQ(result.text(), "Dry.");
}

TEST(CreateMessageResultJson, ToolUseIsSince20251125) {
  const CreateMessageResult result{
      Role::assistant,
      {TextContent{"a"}, ToolUseContent{"1", "soil"}, TextContent{"b"}},
      "tiny-1",
      "toolUse"};
  const auto json = to_json(result, latest_revision);
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["content"][1], R"({"type":"tool_use","id":"1","name":"soil","input":{}})"_json);
  EXPECT_EQ(*create_message_result_from_json(*json), result);
  EXPECT_EQ(result.text(), "a\nb");
  EXPECT_EQ(to_json(result, Revision::v2025_06_18).error().kind, ErrorKind::unsupported);
}

TEST(CreateMessageResultJson, NeedsContentAndAKnownRole) {
  const auto bare = create_message_result_from_json(R"({"content":[],"model":7})"_json);
  ASSERT_TRUE(bare);
  EXPECT_EQ(*bare, CreateMessageResult{});
  for (const char* text : {"null", "{}", R"({"content":"hi"})", R"({"content":[7]})",
                           R"({"role":"robot","content":[]})"}) {
    const auto read = create_message_result_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
  }
}

}  // namespace
}  // namespace mcp_mqtt
