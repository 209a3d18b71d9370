#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/resource.hpp>

namespace mcp_mqtt {
namespace {

using namespace nlohmann::literals;

Resource full_resource() {
  Resource resource{"plant://soil", "soil"};
  resource.title = "Soil";
  resource.description = "How wet it is";
  resource.mime_type = "text/plain";
  resource.size = 5;
  resource.annotations = Annotations{{"user"}, 0.5, "2025-11-25T12:00:00Z"};
  resource.icons = {{"https://a/b.png"}};
  resource.meta = R"({"x":1})"_json;
  return resource;
}

TEST(ResourceJson, EachRevisionHasItsMembers) {
  const Resource resource = full_resource();
  Json json = R"({"uri":"plant://soil","name":"soil","description":"How wet it is",
                  "mimeType":"text/plain","annotations":{"audience":["user"],"priority":0.5}})"_json;
  EXPECT_EQ(to_json(resource, Revision::v2024_11_05), json);
  json["size"] = 5;
  EXPECT_EQ(to_json(resource, Revision::v2025_03_26), json);
  json["title"] = "Soil";
  json["annotations"]["lastModified"] = "2025-11-25T12:00:00Z";
  json["_meta"]["x"] = 1;
  EXPECT_EQ(to_json(resource, Revision::v2025_06_18), json);
  json["icons"] = R"([{"src":"https://a/b.png"}])"_json;
  EXPECT_EQ(to_json(resource, Revision::v2025_11_25), json);
  const auto read = resource_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, resource);
}

TEST(ResourceJson, OnlyTheUriIsNeeded) {
  EXPECT_EQ(to_json(Resource{"u", "n"}, latest_revision), R"({"uri":"u","name":"n"})"_json);
  const auto odd = resource_from_json(R"({"uri":"u","name":7,"size":"big","annotations":[],
                                          "icons":[7,{"src":""},{"src":"a"}],"_meta":3})"_json);
  ASSERT_TRUE(odd);
  Resource expected{"u", ""};
  expected.icons = {{"a"}};
  EXPECT_EQ(*odd, expected);
  EXPECT_EQ(resource_from_json(R"({"uri":"u","size":5.0})"_json)->size, 5);
  for (const Json& json : {Json(), Json("u"), R"({"name":"n"})"_json, R"({"uri":7})"_json}) {
    const auto read = resource_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_EQ(read.error().message, "a resource without a 'uri'");
  }
}

TEST(ResourceTemplateJson, EachRevisionHasItsMembers) {
  ResourceTemplate plants{"plant://{bed}/soil", "soil"};
  plants.title = "Soil";
  plants.description = "Of a bed";
  plants.mime_type = "text/plain";
  plants.annotations = Annotations{{}, 1.0, "2025-11-25T12:00:00Z"};
  plants.icons = {{"https://a/b.png"}};
  plants.meta = R"({"x":1})"_json;
  Json json = R"({"uriTemplate":"plant://{bed}/soil","name":"soil","description":"Of a bed",
                  "mimeType":"text/plain","annotations":{"priority":1.0}})"_json;
  EXPECT_EQ(to_json(plants, Revision::v2024_11_05), json);
  EXPECT_EQ(to_json(plants, Revision::v2025_03_26), json);
  json["title"] = "Soil";
  json["annotations"]["lastModified"] = "2025-11-25T12:00:00Z";
  json["_meta"]["x"] = 1;
  EXPECT_EQ(to_json(plants, Revision::v2025_06_18), json);
  json["icons"] = R"([{"src":"https://a/b.png"}])"_json;
  EXPECT_EQ(to_json(plants, Revision::v2025_11_25), json);
  const auto read = resource_template_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, plants);
  EXPECT_EQ(resource_template_from_json(R"({"uri":"u"})"_json).error().message,
            "a resource template without a 'uriTemplate'");
}

TEST(ReadResourceResultJson, CarriesTextsAndBytes) {
  ReadResourceResult result;
  result.contents = {text_contents("u", "wet", "text/plain"),
                     binary_contents("v", "foo", "image/png"), text_contents("w", "dry")};
  result.contents[0].meta = R"({"x":1})"_json;
  result.meta = R"({"y":2})"_json;
  const Json json = R"({"contents":[
      {"uri":"u","mimeType":"text/plain","text":"wet","_meta":{"x":1}},
      {"uri":"v","mimeType":"image/png","blob":"Zm9v"},{"uri":"w","text":"dry"}],
      "_meta":{"y":2}})"_json;
  EXPECT_EQ(to_json(result, latest_revision), json);
  EXPECT_EQ(result.text(), "wet\ndry");
  const auto read = read_resource_result_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, result);
  // Results have had `_meta` from the start, contents since 2025-06-18.
  const Json old = to_json(result, Revision::v2025_03_26);
  EXPECT_FALSE(old["contents"][0].contains("_meta"));
  EXPECT_TRUE(old.contains("_meta"));
}

TEST(ReadResourceResultJson, MissingIsEmptyAndGarbageRefused) {
  EXPECT_EQ(*read_resource_result_from_json(Json::object()), ReadResourceResult{});
  EXPECT_EQ(ReadResourceResult{}.text(), "");
  const std::pair<Json, const char*> cases[] = {
      {Json(), "no object"},
      {R"({"contents":{}})"_json, "'contents'"},
      {R"({"contents":["wet"]})"_json, "'uri'"},
      {R"({"contents":[{"uri":"u"}]})"_json, "'blob'"},
      {R"({"contents":[{"uri":"u","blob":"?"}]})"_json, "Base64"}};
  for (const auto& [json, word] : cases) {
    const auto read = read_resource_result_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace mcp_mqtt
