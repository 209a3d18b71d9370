#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

/// A tool that answers with `value`.
template <class T>
ToolDefinition giving(T value) {
  return typed_tool("give", "", [value = std::move(value)] { return value; });
}

/// That it answers with this text, and with nothing else.
template <class T>
void expect_text(T value, const std::string& text) {
  const ToolDefinition tool = giving(std::move(value));
  const CallToolResult result = call(tool);
  EXPECT_EQ(text_of(result), text);
  EXPECT_EQ(result.structured_content, nullptr);
  EXPECT_FALSE(result.is_error);
  EXPECT_EQ(tool.tool.output_schema, nullptr);
}

TEST(Results, Texts) {
  expect_text(std::string("a"), "a");
  expect_text("b", "b");
  expect_text(std::string_view("c"), "c");
  expect_text(std::string("a\xff"), "a\uFFFD");
  expect_text(static_cast<const char*>(nullptr), "");
}

TEST(Results, Scalars) {
  expect_text(true, "true");
  expect_text(-3, "-3");
  expect_text(std::uint8_t{200}, "200");
  expect_text(21.5, "21.5");
  expect_text(0.1F, "0.1");
  expect_text(std::nan(""), "NaN");
  expect_text(std::numeric_limits<double>::infinity(), "Infinity");
  expect_text(-std::numeric_limits<float>::infinity(), "-Infinity");
  expect_text(garden::Colour::green, "green");
}

TEST(Results, NothingIsOk) {
  const auto tool = typed_tool("t", "", [] {});
  EXPECT_EQ(answer(tool), "ok");
  EXPECT_EQ(tool.tool.output_schema, nullptr);
}

TEST(Results, JsonIsStructuredIfItIsAnObject) {
  expect_text(Json({1, 2}), "[1,2]");
  expect_text(Json("a"), "\"a\"");
  const CallToolResult result = call(giving(Json{{"a", "\xff"}}));
  EXPECT_EQ(text_of(result), "{\"a\":\"\uFFFD\"}");
  EXPECT_EQ(result.structured_content, Json({{"a", "\uFFFD"}}));
}

TEST(Results, AStructIsStructuredContent) {
  const auto tool = giving(garden::Point{1, 2});
  EXPECT_EQ(tool.tool.output_schema, Json::parse(R"({
    "type": "object",
    "properties": {"x": {"type": ["number", "null"], "description": "Left to right"},
                   "y": {"type": ["number", "null"]}},
    "required": ["x", "y"],
    "additionalProperties": false})"));
  EXPECT_EQ(call(tool).structured_content, Json({{"x", 1.0}, {"y", 2.0}}));
  EXPECT_EQ(answer(tool), R"({"x":1.0,"y":2.0})");
  EXPECT_EQ(call(giving(garden::Point{std::nan(""), 2})).structured_content,
            Json({{"x", nullptr}, {"y", 2.0}}));
}

TEST(Results, AnOutputRequiresWhatIsAlwaysThere) {
  const Json schema = giving(garden::Bed{}).tool.output_schema;
  EXPECT_EQ(schema["required"],
            Json({"name", "colour", "corners", "plants", "harvest", "watered"}));
  EXPECT_EQ(schema["properties"]["name"],
            Json({{"type", "string"}, {"title", "Name"}, {"description", "What people call it"}}));
  EXPECT_EQ(schema["properties"]["colour"],
            Json({{"type", "string"}, {"enum", {"red", "green", "crimson"}}}));
}

TEST(Results, ListsAndOptionalsAreWrapped) {
  const auto list = giving(std::vector<bool>{true});
  EXPECT_EQ(list.tool.output_schema, Json::parse(R"({
    "type": "object",
    "properties": {"result": {"type": "array", "items": {"type": "boolean"}}},
    "required": ["result"],
    "additionalProperties": false})"));
  EXPECT_EQ(call(list).structured_content, Json({{"result", {true}}}));
  EXPECT_EQ(answer(list), "[true]");

  const auto maybe = giving(std::optional<std::string>("a"));
  EXPECT_EQ(maybe.tool.output_schema["properties"]["result"], Json({{"type", {"string", "null"}}}));
  EXPECT_EQ(maybe.tool.output_schema["required"], Json({"result"}));
  EXPECT_EQ(call(maybe).structured_content, Json({{"result", "a"}}));
  EXPECT_EQ(answer(maybe), "a");
  const auto nothing = giving(std::optional<std::string>());
  EXPECT_EQ(call(nothing).structured_content, Json({{"result", nullptr}}));
  EXPECT_EQ(answer(nothing), "null");
}

TEST(Results, AMapIsAnObjectAlready) {
  const auto tool = giving(std::map<std::string, bool>{{"a", true}});
  EXPECT_EQ(tool.tool.output_schema,
            Json::parse(R"({"type":"object","additionalProperties":{"type":"boolean"}})"));
  EXPECT_EQ(call(tool).structured_content, Json({{"a", true}}));
  EXPECT_EQ(answer(tool), R"({"a":true})");
}

TEST(Results, ContentAsItIs) {
  const ImageContent image{.data = "\xff\xd8", .mime_type = "image/jpeg"};
  const CallToolResult one = call(giving(image));
  ASSERT_EQ(one.content.size(), 1U);
  EXPECT_EQ(std::get<ImageContent>(one.content[0]), image);
  EXPECT_EQ(giving(image).tool.output_schema, nullptr);

  const std::vector<Content> mixed{TextContent{.text = "a\xff"}, image};
  const CallToolResult two = call(giving(mixed));
  ASSERT_EQ(two.content.size(), 2U);
  EXPECT_EQ(std::get<TextContent>(two.content[0]).text, "a\uFFFD");
  EXPECT_EQ(two.content[1], mixed[1]);
  EXPECT_EQ(giving(mixed).tool.output_schema, nullptr);

  EXPECT_EQ(call(giving(Content(image))).content, one.content);
  EXPECT_EQ(call(giving(std::vector<ImageContent>{image, image})).content.size(), 2U);
  EXPECT_TRUE(call(giving(std::vector<Content>{})).content.empty());
}

TEST(Results, ResourceTextsAreRepairedAndBytesAreNot) {
  const EmbeddedResource text{.resource = {.uri = "u:\xff", .mime_type = "", .text = "\xff"}};
  EmbeddedResource bytes = text;
  bytes.resource.binary = true;
  const auto repaired = std::get<EmbeddedResource>(call(giving(text)).content.at(0)).resource;
  EXPECT_EQ(repaired.uri, "u:\uFFFD");
  EXPECT_EQ(repaired.text, "\uFFFD");
  EXPECT_EQ(std::get<EmbeddedResource>(call(giving(bytes)).content.at(0)).resource.text, "\xff");
  const ResourceLink link{.uri = "u:", .name = "\xff"};
  EXPECT_EQ(std::get<ResourceLink>(call(giving(link)).content.at(0)).name, "\uFFFD");
}

TEST(Results, AWholeResultAsItIs) {
  CallToolResult given;
  given.content.emplace_back(TextContent{.text = "no"});
  given.structured_content = {{"a", 1}};
  given.is_error = true;
  given.meta = {{"b", 2}};
  EXPECT_EQ(call(giving(given)), given);
}

TEST(Results, AnErrorIsAFailureOfTheTool) {
  const auto tool = typed_tool("t", "", {arg("ok")}, [](bool ok) -> Result<garden::Point> {
    if (ok) return garden::Point{1, 2};
    return Error{.kind = ErrorKind::busy, .message = "the pump is running"};
  });
  EXPECT_EQ(tool.tool.output_schema["required"], Json({"x", "y"}));
  EXPECT_EQ(call(tool, {{"ok", true}}).structured_content, Json({{"x", 1.0}, {"y", 2.0}}));
  const CallToolResult failure = call(tool, {{"ok", false}});
  EXPECT_TRUE(failure.is_error);
  EXPECT_EQ(text_of(failure), "the pump is running");
  EXPECT_EQ(failure.structured_content, nullptr);

  EXPECT_EQ(answer(giving(Result<void>())), "ok");
  const CallToolResult silent =
      call(giving(Result<void>(Error{.kind = ErrorKind::timeout, .message = ""})));
  EXPECT_TRUE(silent.is_error);
  EXPECT_EQ(text_of(silent), "timeout");
}

}  // namespace
}  // namespace mcp_mqtt
