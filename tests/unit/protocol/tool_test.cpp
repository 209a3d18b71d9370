#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/tool.hpp>

namespace mcp_mqtt {
namespace {

Tool full_tool() {
  Tool tool;
  tool.name = "set_volume";
  tool.title = "Volume";
  tool.description = "Sets it";
  tool.input_schema = Json{{"type", "object"}, {"properties", {{"volume", {{"type", "integer"}}}}}};
  tool.output_schema = Json{{"type", "object"}};
  tool.annotations = ToolAnnotations{"Hint", true, false, true, false};
  tool.icons = {{"https://a/b.png", "image/png", {"48x48"}, "light"}};
  tool.task_support = TaskSupport::required;
  tool.meta = Json{{"x", 1}};
  return tool;
}

TEST(ToolJson, SurvivesTheLatestRevision) {
  const Tool tool = full_tool();
  const auto read = tool_from_json(to_json(tool, latest_revision));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, tool);
}

TEST(ToolJson, RevisionsLackMembers) {
  const Tool tool = full_tool();
  for (const Revision revision : all_revisions) {
    const Json json = to_json(tool, revision);
    EXPECT_TRUE(json.contains("name") && json.contains("description"));
    EXPECT_EQ(json.contains("annotations"), revision >= Revision::v2025_03_26);
    for (const char* member : {"title", "outputSchema", "_meta"}) {
      EXPECT_EQ(json.contains(member), revision >= Revision::v2025_06_18) << member;
    }
    for (const char* member : {"icons", "execution"}) {
      EXPECT_EQ(json.contains(member), revision >= Revision::v2025_11_25) << member;
    }
  }
}

TEST(ToolJson, TaskSupportIsSaidUnlessForbidden) {
  Tool tool;
  tool.name = "t";
  EXPECT_FALSE(to_json(tool, latest_revision).contains("execution"));
  tool.task_support = TaskSupport::optional;
  const Json json = to_json(tool, latest_revision);
  EXPECT_EQ(json["execution"], (Json{{"taskSupport", "optional"}}));
  EXPECT_EQ(tool_from_json(json)->task_support, TaskSupport::optional);
  for (const Json& execution : {Json(), Json(true), Json::object(), Json{{"taskSupport", 7}},
                                Json{{"taskSupport", "always"}}}) {
    const auto read = tool_from_json(Json{{"name", "t"}, {"execution", execution}});
    EXPECT_EQ(read->task_support, TaskSupport::forbidden) << execution;
  }
}

TEST(ToolJson, InputSchemaIsAlwaysComplete) {
  Tool tool;
  tool.name = "bare";
  const Json complete{{"type", "object"}, {"properties", Json::object()}};
  for (const Json& schema : {Json::object(), Json(), Json(7), Json::array()}) {
    tool.input_schema = schema;
    EXPECT_EQ(to_json(tool, latest_revision), (Json{{"name", "bare"}, {"inputSchema", complete}}));
  }
  tool.input_schema = Json{{"type", "object"}, {"required", {"a"}}};
  EXPECT_EQ(to_json(tool, latest_revision)["inputSchema"]["properties"], Json::object());
}

TEST(ToolJson, OddMembersReadAsMissing) {
  const auto tool = tool_from_json(Json{{"name", "x"},
                                        {"title", 7},
                                        {"description", nullptr},
                                        {"inputSchema", true},
                                        {"annotations", {{"readOnlyHint", "yes"}}}});
  ASSERT_TRUE(tool);
  Tool expected;
  expected.name = "x";
  expected.annotations = ToolAnnotations{};
  EXPECT_EQ(*tool, expected);
}

TEST(ToolJson, NeedsAName) {
  for (const Json& json : {Json(), Json("x"), Json::object(), Json{{"name", 7}}}) {
    EXPECT_EQ(tool_from_json(json).error().kind, ErrorKind::protocol_violation);
  }
}

TEST(CallToolResultJson, SurvivesTheLatestRevision) {
  CallToolResult result = error_result("went wrong");
  result.content.emplace_back(ImageContent{"abc", "image/png"});
  result.structured_content = Json{{"code", 3}};
  result.meta = Json{{"took", 1}};
  const auto read = call_tool_result_from_json(to_json(result, latest_revision));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, result);
}

TEST(CallToolResultJson, StructuredContentBecomesTextForOlderPeers) {
  CallToolResult result;
  result.structured_content = Json{{"level", 3}};
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    EXPECT_EQ(to_json(result, revision),
              (Json{{"content", {{{"type", "text"}, {"text", R"({"level":3})"}}}}}));
  }
  for (const Revision revision : {Revision::v2025_06_18, Revision::v2025_11_25}) {
    EXPECT_EQ(to_json(result, revision),
              (Json{{"content", Json::array()}, {"structuredContent", {{"level", 3}}}}));
  }
  result.content.emplace_back(TextContent{"three"});
  EXPECT_EQ(to_json(result, Revision::v2025_03_26)["content"].size(), 1U);
  result.content.clear();
  result.structured_content = Json{{"bad", "\xff"}};
  EXPECT_NO_THROW(to_json(result, Revision::v2024_11_05));
}

TEST(CallToolResultJson, StructuredContentIsAnObject) {
  CallToolResult result;
  result.structured_content = Json::array({1, 2});
  EXPECT_EQ(to_json(result, latest_revision),
            (Json{{"content", {{{"type", "text"}, {"text", "[1,2]"}}}}}));
  const auto read = call_tool_result_from_json(Json{{"structuredContent", 7}, {"_meta", "x"}});
  EXPECT_EQ(*read, CallToolResult{});
}

TEST(CallToolResultJson, TextJoinsAllTextContent) {
  CallToolResult result = text_result("one");
  result.content.emplace_back(ImageContent{"", ""});
  result.content.emplace_back(TextContent{""});
  result.content.emplace_back(TextContent{"two"});
  EXPECT_EQ(result.text(), "one\n\ntwo");
  EXPECT_EQ(CallToolResult{}.text(), "");
  EXPECT_FALSE(text_result("x").is_error);
  EXPECT_TRUE(error_result("x").is_error);
}

TEST(CallToolResultJson, MissingContentIsEmptyAndGarbageRefused) {
  EXPECT_EQ(*call_tool_result_from_json(Json::object()), CallToolResult{});
  EXPECT_EQ(*call_tool_result_from_json(Json{{"content", nullptr}, {"isError", "yes"}}),
            CallToolResult{});
  for (const Json& json : {Json(), Json("x"), Json::array(), Json{{"content", "x"}},
                           Json{{"content", {7}}}, Json{{"content", {{{"type", "text"}}}}}}) {
    EXPECT_EQ(call_tool_result_from_json(json).error().kind, ErrorKind::protocol_violation) << json;
  }
}

}  // namespace
}  // namespace mcp_mqtt
