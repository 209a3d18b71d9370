#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/tool.hpp>

namespace mcp_mqtt {
namespace {

const Annotations hints{{"user", "assistant"}, 0.5, "2025-11-25T12:00:00Z"};

std::vector<Content> one_of_each() {
  ResourceLink link{"file:///a", "a"};
  link.title = "A";
  link.description = "first";
  link.mime_type = "text/plain";
  link.size = 5;
  link.annotations = hints;
  link.icons = {{"https://a/b.png", "image/png"}};
  link.meta = Json{{"link", true}};
  ResourceContents contents = text_contents("test://meta", "words");
  contents.meta = Json{{"inner", 1}};
  return {TextContent{"hello", hints},
          TextContent{"hello", {}, Json{{"x", 1}}},
          EmbeddedResource{contents, {}, Json{{"outer", 2}}},
          ImageContent{std::string("\x89PNG\0", 5), "image/png", hints},
          AudioContent{"RIFF", "audio/wav", hints},
          EmbeddedResource{{"test://text", "text/plain", "words", false}, hints},
          EmbeddedResource{{"test://blob", "image/png", std::string("\0\xff", 2), true}, {}},
          link,
          ResourceLink{"file:///b", "b"},
          TextContent{""}};
}

TEST(ContentJson, SurvivesTheLatestRevision) {
  for (const Content& content : one_of_each()) {
    const Json json = to_json(content, latest_revision);
    const auto read = content_from_json(Json::parse(json.dump()));
    ASSERT_TRUE(read) << json << read.error().message;
    EXPECT_EQ(*read, content) << json;
  }
}

TEST(ContentJson, WireForms) {
  EXPECT_EQ(to_json(TextContent{"hi"}, latest_revision), (Json{{"type", "text"}, {"text", "hi"}}));
  EXPECT_EQ(to_json(ImageContent{"foo", "image/png"}, latest_revision),
            (Json{{"type", "image"}, {"data", "Zm9v"}, {"mimeType", "image/png"}}));
  EXPECT_EQ(to_json(EmbeddedResource{{"u", "", "foo", true}}, latest_revision),
            (Json{{"type", "resource"}, {"resource", {{"uri", "u"}, {"blob", "Zm9v"}}}}));
  EXPECT_EQ(to_json(ResourceLink{"u", "n"}, latest_revision),
            (Json{{"type", "resource_link"}, {"uri", "u"}, {"name", "n"}}));
}

TEST(ContentJson, OlderRevisionsGetText) {
  const Content audio = AudioContent{"RIFF", "audio/wav"};
  EXPECT_EQ(to_json(audio, Revision::v2025_03_26)["type"], "audio");
  EXPECT_EQ(to_json(audio, Revision::v2024_11_05),
            (Json{{"type", "text"}, {"text", "[audio, audio/wav, 4 bytes]"}}));
  const Content link = ResourceLink{"file:///a", "a"};
  EXPECT_EQ(to_json(link, Revision::v2025_06_18)["type"], "resource_link");
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    EXPECT_EQ(to_json(link, revision), (Json{{"type", "text"}, {"text", "file:///a"}}));
  }
  const Content text = TextContent{"hi", hints};
  EXPECT_TRUE(to_json(text, Revision::v2025_06_18)["annotations"].contains("lastModified"));
  const Json old = to_json(text, Revision::v2025_03_26)["annotations"];
  EXPECT_EQ(old, (Json{{"audience", {"user", "assistant"}}, {"priority", 0.5}}));
}

TEST(ContentJson, MetaIsSince20250618AndIconsSince20251125) {
  for (const Content& content : one_of_each()) {
    for (const Revision revision : all_revisions) {
      const std::string text = to_json(content, revision).dump();
      EXPECT_TRUE(revision >= Revision::v2025_06_18 || text.find("_meta") == text.npos) << text;
      EXPECT_TRUE(revision >= Revision::v2025_11_25 || text.find("icons") == text.npos) << text;
    }
  }
  const Content noted = TextContent{"hi", {}, Json{{"x", 1}}};
  EXPECT_EQ(to_json(noted, Revision::v2025_06_18),
            (Json{{"type", "text"}, {"text", "hi"}, {"_meta", {{"x", 1}}}}));
  const Content odd = TextContent{"hi", {}, Json(7)};
  EXPECT_EQ(to_json(odd, latest_revision), (Json{{"type", "text"}, {"text", "hi"}}));
}

TEST(ResourceContentsJson, IsMadeOfTextOrBytes) {
  const ResourceContents text = text_contents("u", "words", "text/plain");
  EXPECT_EQ(to_json(text, latest_revision),
            (Json{{"uri", "u"}, {"mimeType", "text/plain"}, {"text", "words"}}));
  const ResourceContents bytes = binary_contents("u", "foo", "image/png");
  EXPECT_EQ(to_json(bytes, latest_revision),
            (Json{{"uri", "u"}, {"mimeType", "image/png"}, {"blob", "Zm9v"}}));
  EXPECT_EQ(*resource_contents_from_json(to_json(bytes, latest_revision)), bytes);
}

TEST(ContentJson, UnknownTypesStayAsTheyCame) {
  const Json json{{"type", "hologram"}, {"depth", 3}};
  const auto read = content_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, Content(UnknownContent{json}));
  EXPECT_EQ(to_json(*read, Revision::v2024_11_05), json);
}

TEST(ContentJson, OddMembersReadAsMissing) {
  const auto text = content_from_json(Json{
      {"type", "text"},
      {"text", "x"},
      {"annotations", {{"audience", {"user", 7}}, {"priority", "high"}, {"lastModified", 1}}}});
  ASSERT_TRUE(text);
  EXPECT_EQ(std::get<TextContent>(*text).annotations, (Annotations{{"user"}, {}, ""}));
  const auto plain = content_from_json(Json{{"type", "text"}, {"text", "x"}, {"annotations", 7}});
  EXPECT_FALSE(std::get<TextContent>(*plain).annotations);
  const auto image = content_from_json(Json{{"type", "image"}, {"data", ""}, {"mimeType", 7}});
  EXPECT_EQ(std::get<ImageContent>(*image).mime_type, "");
  const auto link =
      content_from_json(Json{{"type", "resource_link"}, {"uri", "u"}, {"size", "large"}});
  EXPECT_EQ(std::get<ResourceLink>(*link), (ResourceLink{"u", ""}));
}

TEST(ContentJson, GarbageIsRefusedWithItsName) {
  const std::pair<Json, const char*> cases[] = {
      {Json(), "type"},
      {Json("text"), "type"},
      {Json::array({1}), "type"},
      {Json{{"type", 7}}, "type"},
      {Json{{"type", "text"}}, "text"},
      {Json{{"type", "text"}, {"text", 7}}, "text"},
      {Json{{"type", "image"}}, "data"},
      {Json{{"type", "audio"}, {"data", "%%%%"}}, "Base64"},
      {Json{{"type", "image"}, {"data", "Zg"}}, "Base64"},
      {Json{{"type", "resource"}}, "resource"},
      {Json{{"type", "resource"}, {"resource", 7}}, "uri"},
      {Json{{"type", "resource"}, {"resource", {{"uri", "u"}}}}, "blob"},
      {Json{{"type", "resource"}, {"resource", {{"uri", "u"}, {"blob", "!"}}}}, "Base64"},
      {Json{{"type", "resource_link"}}, "uri"}};
  for (const auto& [json, word] : cases) {
    const auto read = content_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

TEST(ContentJson, WhatIsLargeMoves) {
  const std::string text(1'000, 'x');
  Json json{{"type", "text"}, {"text", text}};
  const char* const place = json["text"].get_ref<const std::string&>().data();
  Content content = content_from_json(std::move(json)).value();
  EXPECT_EQ(std::get<TextContent>(content).text.data(), place);
  json = to_json(std::move(content), latest_revision);
  EXPECT_EQ(json["text"].get_ref<const std::string&>().data(), place);
  json = {{"content", Json::array({std::move(json)})}};
  CallToolResult result = call_tool_result_from_json(std::move(json)).value();
  EXPECT_EQ(std::get<TextContent>(result.content.at(0)).text.data(), place);
  EXPECT_EQ(result.text(), text);

  json = {{"type", "resource"}, {"resource", {{"uri", "a://b"}, {"text", text}}}};
  const char* const other = json["resource"]["text"].get_ref<const std::string&>().data();
  content = content_from_json(std::move(json)).value();
  EXPECT_EQ(std::get<EmbeddedResource>(content).resource.text.data(), other);
  json = to_json(std::move(content), latest_revision);
  EXPECT_EQ(json["resource"]["text"].get_ref<const std::string&>().data(), other);
}

TEST(ContentJson, WhatIsNotGivenAwayStays) {
  const Json json{{"type", "text"}, {"text", "kept"}};
  const Content content = content_from_json(json).value();
  EXPECT_EQ(json["text"], "kept");
  EXPECT_EQ(to_json(content, latest_revision), json);
  EXPECT_EQ(std::get<TextContent>(content).text, "kept");
}

}  // namespace
}  // namespace mcp_mqtt
