#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/elicitation.hpp>

namespace mcp_mqtt {
namespace {

using namespace nlohmann::literals;

ElicitForm full_form() {
  ElicitForm form;
  form.text("name", {.title = "Name",
                     .description = "Yours",
                     .required = true,
                     .default_value = "Jo",
                     .min_length = 1,
                     .max_length = 40,
                     .format = "email"})
      .number("score", {.default_value = 95.5, .minimum = 0, .maximum = 100})
      .integer("age", {.required = true, .default_value = 30})
      .boolean("sure", {.default_value = true})
      .choice("colour", {"red", "blue"}, {.default_value = "red"})
      .choice("size", {{"s", "Small"}, "l"}, {.title = "Size"});
  return form;
}

const Json full_schema = R"({"type":"object","required":["name","age"],"properties":{
    "name":{"type":"string","title":"Name","description":"Yours","default":"Jo","minLength":1,
            "maxLength":40,"format":"email"},
    "score":{"type":"number","default":95.5,"minimum":0,"maximum":100},
    "age":{"type":"integer","default":30},
    "sure":{"type":"boolean","default":true},
    "colour":{"type":"string","enum":["red","blue"],"default":"red"},
    "size":{"type":"string","title":"Size","oneOf":[{"const":"s","title":"Small"},
                                                    {"const":"l","title":"l"}]}}})"_json;

TEST(ElicitFormSchema, IsThatOfTheLatestRevision) {
  EXPECT_EQ(full_form().schema(), full_schema);
  EXPECT_EQ(ElicitForm().schema(), R"({"type":"object","properties":{}})"_json);
  EXPECT_EQ(ElicitForm().choices("a", {"x", "y"}, {.required = true, .min_items = 1}).schema(),
            R"({"type":"object","required":["a"],"properties":{"a":{"type":"array","minItems":1,
                "items":{"type":"string","enum":["x","y"]}}}})"_json);
  EXPECT_EQ(ElicitForm()
                .choices("a", {{"x", "X"}, {"y", "Y"}},
                         {.default_value = std::vector<std::string>{"x"}, .max_items = 2})
                .schema()["properties"]["a"],
            R"({"type":"array","default":["x"],"maxItems":2,
                "items":{"anyOf":[{"const":"x","title":"X"},{"const":"y","title":"Y"}]}})"_json);
}

TEST(ElicitFormSchema, WholeNumbersAreWrittenAsSuch) {
  const Json schema = ElicitForm().integer("a", {.default_value = 30, .minimum = -5}).schema();
  EXPECT_EQ(schema["properties"]["a"].dump(), R"({"default":30,"minimum":-5,"type":"integer"})");
}

TEST(ElicitFormSchema, TheLastFieldOfANameCounts) {
  ElicitForm form;
  form.text("a", {.required = true}).text("b", {.required = true}).boolean("a");
  EXPECT_EQ(form.schema(), R"({"type":"object","required":["b"],"properties":{
      "a":{"type":"boolean"},"b":{"type":"string"}}})"_json);
  form.boolean("b");
  EXPECT_FALSE(form.schema().contains("required"));
}

TEST(ElicitRequestJson, FormsFollowTheRevision) {
  ElicitRequest request = elicit_form("Who?", full_form());
  request.meta = R"({"x":1})"_json;
  Json json = R"({"mode":"form","message":"Who?","_meta":{"x":1}})"_json;
  json["requestedSchema"] = full_schema;
  EXPECT_EQ(*to_json(request, Revision::v2025_11_25), json);
  const auto read = elicit_request_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, request);
  EXPECT_FALSE(read->is_url());

  // 2025-06-18: no mode, no default but a boolean's, titles beside the values.
  request.requested_schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  EXPECT_EQ(*to_json(request, Revision::v2025_06_18),
            R"({"message":"Who?","_meta":{"x":1},"requestedSchema":{
      "type":"object","required":["name","age"],"properties":{
      "name":{"type":"string","title":"Name","description":"Yours","minLength":1,"maxLength":40,
              "format":"email"},
      "score":{"type":"number","minimum":0,"maximum":100},
      "age":{"type":"integer"},
      "sure":{"type":"boolean","default":true},
      "colour":{"type":"string","enum":["red","blue"]},
      "size":{"type":"string","title":"Size","enum":["s","l"],"enumNames":["Small","l"]}}}})"_json);
}

TEST(ElicitRequestJson, RevisionsRefuseWhatTheyLack) {
  const ElicitRequest form = elicit_form("Who?", ElicitForm());
  const ElicitRequest url = elicit_url("Sign in", "https://a/b", "e-1");
  const ElicitRequest several = elicit_form("Which?", ElicitForm().choices("beds", {"a", "b"}));
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    for (const ElicitRequest& request : {form, url, several}) {
      const auto json = to_json(request, revision);
      ASSERT_FALSE(json);
      EXPECT_EQ(json.error().kind, ErrorKind::unsupported);
      EXPECT_EQ(json.error().message,
                "MCP revision " + std::string(to_string(revision)) + " has no elicitation");
    }
  }
  EXPECT_EQ(to_json(url, Revision::v2025_06_18).error().message,
            "MCP revision 2025-06-18 has no elicitation by URL");
  EXPECT_EQ(to_json(several, Revision::v2025_06_18).error().message,
            "MCP revision 2025-06-18 has no choice of several options in a form: \"beds\"");
  EXPECT_TRUE(to_json(several, Revision::v2025_11_25));
}

TEST(ElicitRequestJson, UrlMode) {
  const ElicitRequest request = elicit_url("Sign in", "https://a/b", "e-1");
  const Json json = R"({"mode":"url","message":"Sign in","url":"https://a/b",
                        "elicitationId":"e-1"})"_json;
  EXPECT_EQ(*to_json(request, Revision::v2025_11_25), json);
  const auto read = elicit_request_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, request);
  EXPECT_TRUE(read->is_url());
}

TEST(ElicitRequestJson, OddSchemasOfUsersPass) {
  ElicitRequest request;
  request.message = "?";
  for (const char* text :
       {R"({"properties":7})", R"({"type":true})", R"({"properties":{"a":true,"b":{"type":7}}})",
        R"({"properties":{"a":{"oneOf":7},"b":{"oneOf":[{"title":"no const"}]}}})"}) {
    request.requested_schema = Json::parse(text);
    for (const Revision revision : {Revision::v2025_06_18, Revision::v2025_11_25}) {
      const auto json = to_json(request, revision);
      ASSERT_TRUE(json) << text;
      EXPECT_EQ((*json)["requestedSchema"], request.requested_schema);
    }
  }
  request.requested_schema = nullptr;
  EXPECT_EQ((*to_json(request, latest_revision))["requestedSchema"],
            R"({"type":"object","properties":{}})"_json);
}

TEST(ElicitRequestJson, GarbageIsInvalidParams) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(null)", "'message'"},
      {R"({"requestedSchema":{}})", "'message'"},
      {R"({"message":7})", "'message'"},
      {R"({"message":"m","mode":"voice"})", "'mode'"},
      {R"({"message":"m","mode":7})", "'mode'"},
      {R"({"message":"m","mode":"url"})", "'url'"},
      {R"({"message":"m","mode":"url","url":7})", "'url'"},
      {R"({"message":"m","requestedSchema":true})", "'requestedSchema'"}};
  for (const auto& [text, word] : cases) {
    const auto read = elicit_request_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::rpc);
    EXPECT_EQ(read.error().code, error_code::invalid_params);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
  EXPECT_EQ(*elicit_request_from_json(R"({"message":"m"})"_json), elicit_form("m", ElicitForm()));
}

TEST(ElicitDefaults, FillWhatIsMissing) {
  const ElicitRequest request = elicit_form("Who?", full_form());
  EXPECT_EQ(with_form_defaults(request, nullptr),
            R"({"name":"Jo","score":95.5,"age":30,"sure":true,"colour":"red"})"_json);
  EXPECT_EQ(with_form_defaults(request, R"({"name":"Mo","sure":false,"size":"s","age":null})"_json),
            R"({"name":"Mo","score":95.5,"age":null,"sure":false,"colour":"red","size":"s"})"_json);
  ElicitRequest odd;
  for (const char* text : {"null", R"({"properties":[]})", R"({"properties":{"a":true}})"}) {
    odd.requested_schema = Json::parse(text);
    EXPECT_EQ(with_form_defaults(odd, nullptr), Json::object()) << text;
  }
  EXPECT_EQ(with_form_defaults(elicit_url("m", "https://a", "e"), nullptr), Json());
}

TEST(ElicitResultJson, SurvivesARoundTrip) {
  ElicitResult result{ElicitAction::accept, R"({"name":"Jo"})"_json, R"({"x":1})"_json};
  const Json json = R"({"action":"accept","content":{"name":"Jo"},"_meta":{"x":1}})"_json;
  EXPECT_EQ(to_json(result), json);
  const auto read = elicit_result_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, result);
  EXPECT_TRUE(read->accepted());
  for (const auto& [action, name] :
       {std::pair(ElicitAction::decline, "decline"), std::pair(ElicitAction::cancel, "cancel")}) {
    result.action = action;
    EXPECT_EQ(to_json(result), (Json{{"action", name}, {"_meta", {{"x", 1}}}}));
    const auto other = elicit_result_from_json(Json{{"action", name}, {"content", {{"a", 1}}}});
    ASSERT_TRUE(other);
    EXPECT_EQ(*other, (ElicitResult{action}));
    EXPECT_FALSE(other->accepted());
  }
}

TEST(ElicitResultJson, NeedsAKnownAction) {
  EXPECT_EQ(*elicit_result_from_json(R"({"action":"accept","content":null})"_json), ElicitResult{});
  const std::pair<const char*, const char*> cases[] = {
      {"null", "'action'"},
      {"{}", "'action'"},
      {R"({"action":true})", "'action'"},
      {R"({"action":"reject"})", "\"reject\""},
      {R"({"action":"accept","content":["Jo"]})", "'content'"}};
  for (const auto& [text, word] : cases) {
    const auto read = elicit_result_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

TEST(UrlElicitationRequired, SurvivesARoundTrip) {
  const std::vector<ElicitRequest> urls{elicit_url("Sign in", "https://a/b", "e-1"),
                                        elicit_url("Pay", "https://a/c", "e-2")};
  const Error error = url_elicitation_required(urls, "Sign in first");
  EXPECT_EQ(error.kind, ErrorKind::rpc);
  EXPECT_EQ(error.code, -32042);
  EXPECT_EQ(error.message, "Sign in first");
  EXPECT_EQ(error.data["elicitations"][0], R"({"mode":"url","elicitationId":"e-1",
      "url":"https://a/b","message":"Sign in"})"_json);
  EXPECT_EQ(required_elicitations(error), urls);
  EXPECT_FALSE(url_elicitation_required(urls).message.empty());
}

TEST(UrlElicitationRequired, IsReadLiberally) {
  EXPECT_TRUE(required_elicitations(rpc_error(-32603, "x", R"({"elicitations":[]})"_json)).empty());
  EXPECT_TRUE(required_elicitations(rpc_error(-32042, "x")).empty());
  EXPECT_TRUE(required_elicitations(rpc_error(-32042, "x", R"({"elicitations":7})"_json)).empty());
  const auto read = required_elicitations(rpc_error(-32042, "x", R"({"elicitations":[7,
      {"message":"a form"},{"mode":"url","message":"m","url":"https://a"}]})"_json));
  EXPECT_EQ(read, std::vector<ElicitRequest>{elicit_url("m", "https://a", "")});
}

}  // namespace
}  // namespace mcp_mqtt
