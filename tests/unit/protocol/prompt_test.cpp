#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/prompt.hpp>

namespace mcp_mqtt {
namespace {

using namespace nlohmann::literals;

TEST(PromptJson, EachRevisionHasItsMembers) {
  Prompt prompt{"water", "Water", "When to water"};
  prompt.arguments = {{"bed", "Bed", "Which one", true}, {"month"}};
  prompt.icons = {{"https://a/b.png"}};
  prompt.meta = R"({"x":1})"_json;
  Json json = R"({"name":"water","description":"When to water","arguments":[
      {"name":"bed","description":"Which one","required":true},{"name":"month"}]})"_json;
  EXPECT_EQ(to_json(prompt, Revision::v2024_11_05), json);
  EXPECT_EQ(to_json(prompt, Revision::v2025_03_26), json);
  json["title"] = "Water";
  json["arguments"][0]["title"] = "Bed";
  json["_meta"]["x"] = 1;
  EXPECT_EQ(to_json(prompt, Revision::v2025_06_18), json);
  json["icons"] = R"([{"src":"https://a/b.png"}])"_json;
  EXPECT_EQ(to_json(prompt, Revision::v2025_11_25), json);
  const auto read = prompt_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, prompt);
  EXPECT_EQ(to_json(Prompt{"bare"}, latest_revision), R"({"name":"bare"})"_json);
}

TEST(PromptJson, OnlyTheNameIsNeeded) {
  const auto odd = prompt_from_json(R"({"name":"p","title":7,"icons":{},"_meta":[],"arguments":[
      7,{"description":"nameless"},{"name":"a","required":"yes"}]})"_json);
  ASSERT_TRUE(odd);
  Prompt expected{"p"};
  expected.arguments = {{"a"}};
  EXPECT_EQ(*odd, expected);
  EXPECT_EQ(*prompt_from_json(R"({"name":"p","arguments":{"a":1}})"_json), Prompt{"p"});
  for (const Json& json : {Json(), Json("p"), R"({"name":7})"_json}) {
    EXPECT_EQ(prompt_from_json(json).error().kind, ErrorKind::protocol_violation);
    EXPECT_EQ(prompt_from_json(json).error().message, "a prompt without a 'name'");
  }
}

TEST(GetPromptResultJson, SurvivesTheLatestRevision) {
  GetPromptResult result;
  result.description = "For May";
  result.messages = {user_message("How wet?"),
                     assistant_message("Dry."),
                     {Role::user, ResourceLink{"plant://soil", "soil"}}};
  result.meta = R"({"x":1})"_json;
  const Json json = R"({"description":"For May","_meta":{"x":1},"messages":[
      {"role":"user","content":{"type":"text","text":"How wet?"}},
      {"role":"assistant","content":{"type":"text","text":"Dry."}},
      {"role":"user","content":{"type":"resource_link","uri":"plant://soil","name":"soil"}}]})"_json;
  EXPECT_EQ(to_json(result, latest_revision), json);
  const auto read = get_prompt_result_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, result);
  EXPECT_EQ(to_json(result, Revision::v2025_03_26)["messages"][2]["content"],
            R"({"type":"text","text":"plant://soil"})"_json);
  EXPECT_EQ(to_json(GetPromptResult{}, latest_revision), R"({"messages":[]})"_json);
}

TEST(GetPromptResultJson, SeveralContentsBecomeMessages) {
  const auto read = get_prompt_result_from_json(R"({"messages":[{"role":"assistant","content":[
      {"type":"text","text":"a"},{"type":"hologram"}]}]})"_json);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->messages.size(), 2U);
  EXPECT_EQ(read->messages[0], assistant_message("a"));
  EXPECT_EQ(read->messages[1],
            (PromptMessage{Role::assistant, UnknownContent{R"({"type":"hologram"})"_json}}));
}

TEST(GetPromptResultJson, MissingIsEmptyAndGarbageRefused) {
  EXPECT_EQ(*get_prompt_result_from_json(Json::object()), GetPromptResult{});
  const std::pair<Json, const char*> cases[] = {
      {Json(), "no object"},
      {R"({"messages":{}})"_json, "'messages'"},
      {R"({"messages":["hi"]})"_json, "'role'"},
      {R"({"messages":[{"role":"system","content":{}}]})"_json, "\"system\""},
      {R"({"messages":[{"role":"user"}]})"_json, "'content'"},
      {R"({"messages":[{"role":"user","content":"hi"}]})"_json, "'type'"},
      {R"({"messages":[{"role":"user","content":[7]}]})"_json, "'type'"}};
  for (const auto& [json, word] : cases) {
    const auto read = get_prompt_result_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

TEST(GetPromptResultJson, AnErrorQuotesNoMoreThanIsReadable) {
  std::string role = "r";
  for (int i = 0; i < 100'000; ++i) role += "ü";
  Json json = R"({"messages":[{"content":{}}]})"_json;
  json["messages"][0]["role"] = role;
  const auto read = get_prompt_result_from_json(json);
  ASSERT_FALSE(read);
  EXPECT_LT(read.error().message.size(), 200U);
  EXPECT_NO_THROW((void)Json(read.error().message).dump());  // whole characters
  EXPECT_NE(read.error().message.find("rüü"), std::string::npos);
}

}  // namespace
}  // namespace mcp_mqtt
