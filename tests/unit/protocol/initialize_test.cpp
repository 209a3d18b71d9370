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

TEST(ClientCapabilitiesJson, SurvivesARoundTrip) {
  ClientCapabilities all;
  all.roots = all.roots_list_changed = all.sampling = all.elicitation = true;
  const auto read = client_capabilities_from_json(to_json(all, latest_revision));
  EXPECT_TRUE(read.roots && read.roots_list_changed && read.sampling && read.elicitation);
  EXPECT_FALSE(to_json(all, Revision::v2025_03_26).contains("elicitation"));
  const auto none = client_capabilities_from_json(Json::array());
  EXPECT_FALSE(none.roots || none.sampling || none.elicitation);
}

}  // namespace
}  // namespace mcp_mqtt
