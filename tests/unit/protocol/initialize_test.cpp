#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/initialize.hpp>

namespace mcp_mqtt {
namespace {

TEST(ImplementationJson, TitleIsSince20250618) {
  const Implementation implementation{"desk", "1.2", "The desk"};
  for (const Revision revision : all_revisions) {
    const Json json = to_json(implementation, revision);
    EXPECT_EQ(json["name"], "desk");
    EXPECT_EQ(json["version"], "1.2");
    EXPECT_EQ(json.contains("title"), revision >= Revision::v2025_06_18);
  }
  EXPECT_EQ(implementation_from_json(to_json(implementation, latest_revision)), implementation);
}

TEST(ImplementationJson, EachRevisionHasItsMembers) {
  Implementation implementation{"desk", "1.2", "The desk", "A desk", "https://desk"};
  implementation.icons = {{"https://desk/icon.png"}};
  for (const Revision revision : all_revisions) {
    const Json json = to_json(implementation, revision);
    for (const char* member : {"description", "websiteUrl", "icons"}) {
      EXPECT_EQ(json.contains(member), revision >= Revision::v2025_11_25) << member;
    }
  }
  EXPECT_EQ(implementation_from_json(to_json(implementation, latest_revision)), implementation);
}

TEST(ImplementationJson, GarbageReadsAsEmpty) {
  for (const Json& json : {Json(), Json(7), Json::array({1}), Json{{"name", 7}, {"version", {}}}}) {
    EXPECT_EQ(implementation_from_json(json), Implementation{}) << json;
  }
}

TEST(ServerCapabilitiesJson, SurvivesARoundTrip) {
  ServerCapabilities all;
  all.tools = all.tools_list_changed = all.resources = all.resources_subscribe = true;
  all.resources_list_changed = all.prompts = all.prompts_list_changed = true;
  all.logging = all.completions = true;
  const Json json = to_json(all, latest_revision);
  const auto read = server_capabilities_from_json(json);
  EXPECT_TRUE(read.tools && read.tools_list_changed && read.resources && read.resources_subscribe &&
              read.resources_list_changed && read.prompts && read.prompts_list_changed &&
              read.logging && read.completions);
  EXPECT_EQ(read.raw, json);
  EXPECT_FALSE(to_json(all, Revision::v2024_11_05).contains("completions"));
  EXPECT_TRUE(to_json(all, Revision::v2025_03_26).contains("completions"));
  EXPECT_EQ(to_json(ServerCapabilities{}, latest_revision), Json::object());
}

TEST(ServerCapabilitiesJson, IsLiberal) {
  const auto read = server_capabilities_from_json(
      Json{{"tools", true}, {"prompts", nullptr}, {"resources", {{"subscribe", "yes"}}}, {"x", 1}});
  EXPECT_TRUE(read.tools);
  EXPECT_FALSE(read.tools_list_changed);
  EXPECT_FALSE(read.prompts);
  EXPECT_TRUE(read.resources);
  EXPECT_FALSE(read.resources_subscribe);
  EXPECT_EQ(read.raw["x"], 1);
  for (const Json& json : {Json(), Json(7), Json("tools"), Json::array({"tools"})}) {
    const auto none = server_capabilities_from_json(json);
    EXPECT_FALSE(none.tools) << json;
    EXPECT_EQ(none.raw, Json::object());
  }
}

TEST(ServerCapabilitiesJson, TasksAreSince20251125) {
  ServerCapabilities all;
  all.tasks_tools_call = all.tasks_list = all.tasks_cancel = true;
  all.experimental = Json{{"x", Json::object()}};
  const Json json = to_json(all, Revision::v2025_11_25);
  EXPECT_EQ(json, Json::parse(R"({"experimental":{"x":{}},"tasks":{"list":{},"cancel":{},
                                  "requests":{"tools":{"call":{}}}}})"));
  const auto read = server_capabilities_from_json(json);
  EXPECT_TRUE(read.tasks_tools_call && read.tasks_list && read.tasks_cancel);
  EXPECT_EQ(read.experimental, all.experimental);
  EXPECT_EQ(to_json(all, Revision::v2025_06_18), (Json{{"experimental", all.experimental}}));
  const auto none = server_capabilities_from_json(
      Json::parse(R"({"tools":false,"tasks":{"list":null,"requests":{"tools":true}},
                      "experimental":true})"));
  EXPECT_FALSE(none.tools || none.tasks_tools_call || none.tasks_list || none.tasks_cancel);
  EXPECT_TRUE(none.experimental.is_null());
}

ClientCapabilities all_of_a_client() {
  ClientCapabilities all;
  all.roots = all.roots_list_changed = all.sampling = all.sampling_tools = true;
  all.sampling_context = all.elicitation = all.elicitation_url = true;
  all.tasks_sampling = all.tasks_elicitation = all.tasks_list = all.tasks_cancel = true;
  all.experimental = Json{{"x", Json::object()}};
  return all;
}

TEST(ClientCapabilitiesJson, EachRevisionHasItsMembers) {
  const ClientCapabilities all = all_of_a_client();
  Json json =
      Json::parse(R"({"roots":{"listChanged":true},"sampling":{},"experimental":{"x":{}}})");
  EXPECT_EQ(to_json(all, Revision::v2024_11_05), json);
  EXPECT_EQ(to_json(all, Revision::v2025_03_26), json);
  json["elicitation"] = Json::object();
  EXPECT_EQ(to_json(all, Revision::v2025_06_18), json);
  json["elicitation"] = Json::parse(R"({"form":{},"url":{}})");
  json["sampling"] = Json::parse(R"({"tools":{},"context":{}})");
  json["tasks"] = Json::parse(R"({"list":{},"cancel":{},"requests":{
      "sampling":{"createMessage":{}},"elicitation":{"create":{}}}})");
  EXPECT_EQ(to_json(all, Revision::v2025_11_25), json);
  EXPECT_EQ(to_json(ClientCapabilities{}, Revision::v2025_11_25), Json::object());
}

TEST(ClientCapabilitiesJson, SurvivesARoundTrip) {
  const ClientCapabilities all = all_of_a_client();
  const auto read = client_capabilities_from_json(to_json(all, latest_revision));
  EXPECT_TRUE(read.roots && read.roots_list_changed && read.sampling && read.sampling_tools);
  EXPECT_TRUE(read.sampling_context && read.elicitation && read.elicitation_url);
  EXPECT_TRUE(read.tasks_sampling && read.tasks_elicitation);
  EXPECT_TRUE(read.tasks_list && read.tasks_cancel);
  EXPECT_EQ(read.experimental, all.experimental);
  for (const Json& json : {Json::array(), Json("roots"), Json(7)}) {
    const auto none = client_capabilities_from_json(json);
    EXPECT_FALSE(none.roots || none.sampling || none.elicitation || none.elicitation_url);
    EXPECT_EQ(none.raw, Json::object());
  }
}

TEST(ClientCapabilitiesJson, ElicitationWithoutPartsMeansForms) {
  const auto read = [](const char* elicitation) {
    return client_capabilities_from_json(Json{{"elicitation", Json::parse(elicitation)}});
  };
  EXPECT_TRUE(read("{}").elicitation);
  EXPECT_FALSE(read("{}").elicitation_url);
  EXPECT_TRUE(read("true").elicitation);
  EXPECT_TRUE(read(R"({"form":{}})").elicitation);
  EXPECT_FALSE(read(R"({"url":{}})").elicitation);
  EXPECT_TRUE(read(R"({"url":{}})").elicitation_url);
  EXPECT_FALSE(read("false").elicitation);
  EXPECT_FALSE(read("null").elicitation);
  ClientCapabilities url_only;
  url_only.elicitation_url = true;
  EXPECT_EQ(to_json(url_only, latest_revision), Json::parse(R"({"elicitation":{"url":{}}})"));
  EXPECT_EQ(to_json(url_only, Revision::v2025_06_18), Json::object());
}

}  // namespace
}  // namespace mcp_mqtt
