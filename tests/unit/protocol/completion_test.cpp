#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/completion.hpp>

namespace mcp_mqtt {
namespace {

using namespace nlohmann::literals;

TEST(CompleteRequestJson, ContextIsSince20250618) {
  const CompleteRequest request{PromptReference{"water"}, "bed", "ro", {{"garden", "south"}}};
  Json json = R"({"ref":{"type":"ref/prompt","name":"water"},
                  "argument":{"name":"bed","value":"ro"}})"_json;
  EXPECT_EQ(to_json(request, Revision::v2024_11_05), json);
  EXPECT_EQ(to_json(request, Revision::v2025_03_26), json);
  json["context"]["arguments"]["garden"] = "south";
  EXPECT_EQ(to_json(request, Revision::v2025_06_18), json);
  EXPECT_EQ(to_json(request, Revision::v2025_11_25), json);
  const auto read = complete_request_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, request);
}

TEST(CompleteRequestJson, RefersToTemplates) {
  const CompleteRequest request{ResourceReference{"plant://{bed}"}, "bed", ""};
  const Json json = R"({"ref":{"type":"ref/resource","uri":"plant://{bed}"},
                        "argument":{"name":"bed","value":""}})"_json;
  EXPECT_EQ(to_json(request, latest_revision), json);
  const auto read = complete_request_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, request);
}

TEST(CompleteRequestJson, GarbageIsInvalidParams) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(null)", "'ref'"},
      {R"([])", "'ref'"},
      {R"({"argument":{"name":"a"}})", "'ref'"},
      {R"({"ref":{},"argument":{"name":"a"}})", "'type'"},
      {R"({"ref":{"type":"ref/tool"},"argument":{"name":"a"}})", "\"ref/tool\""},
      {R"({"ref":{"type":"ref/prompt","uri":"u"},"argument":{"name":"a"}})", "'name'"},
      {R"({"ref":{"type":"ref/resource","uri":7},"argument":{"name":"a"}})", "'uri'"},
      {R"({"ref":{"type":"ref/prompt","name":"p"}})", "'argument'"},
      {R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{}})", "'argument' has no 'name'"},
      {R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":7}})", "'value'"},
      {R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"},"context":7})",
       "'context'"},
      {R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"},
           "context":{"arguments":[]}})",
       "'context.arguments'"},
      {R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"},
           "context":{"arguments":{"month":5}}})",
       "month"}};
  for (const auto& [text, word] : cases) {
    const auto read = complete_request_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::rpc);
    EXPECT_EQ(read.error().code, error_code::invalid_params);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

TEST(CompleteRequestJson, MissingIsEmpty) {
  const auto read = complete_request_from_json(
      R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"},"context":{}})"_json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (CompleteRequest{PromptReference{"p"}, "a", ""}));
}

TEST(CompletionJson, SurvivesARoundTrip) {
  EXPECT_EQ(to_json(Completion{}), R"({"completion":{"values":[]}})"_json);
  const Completion completion{{"rose", "rocket"}, 7, true};
  const Json json = R"({"completion":{"values":["rose","rocket"],"total":7,"hasMore":true}})"_json;
  EXPECT_EQ(to_json(completion), json);
  const auto read = completion_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, completion);
}

TEST(CompletionJson, SendsAHundredValuesAtMost) {
  Completion completion{std::vector<std::string>(100, "x")};
  EXPECT_EQ(to_json(completion)["completion"].size(), 1U);
  completion.values.push_back("the 101st");
  completion.has_more = false;
  Json json = to_json(completion)["completion"];
  EXPECT_EQ(json["values"].size(), 100U);
  EXPECT_EQ(json["values"].back(), "x");
  EXPECT_EQ(json["total"], 101);
  EXPECT_EQ(json["hasMore"], true);
  completion.total = 5'000;
  EXPECT_EQ(to_json(completion)["completion"]["total"], 5'000);
  completion.total = 3;
  EXPECT_EQ(to_json(completion)["completion"]["total"], 101);
}

TEST(CompletionJson, IsReadLiberally) {
  EXPECT_EQ(*completion_from_json(
                R"({"completion":{"values":["a",7,"b"],"total":"x","hasMore":1}})"_json),
            (Completion{{"a", "b"}}));
  EXPECT_EQ(*completion_from_json(R"({"completion":{}})"_json), Completion{});
  for (const char* text :
       {"null", "{}", R"({"completion":[]})", R"({"completion":{"values":{}}})"}) {
    const auto read = completion_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
  }
}

}  // namespace
}  // namespace mcp_mqtt
