#include "engine/feature_gates.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

std::string refusal(const std::string& method, const ServerCapabilities& declared = {},
                    Revision revision = latest_revision, const Json& params = Json::object()) {
  const auto outcome = check_request(method, params, declared, revision);
  if (outcome) return "";
  EXPECT_EQ(outcome.error().kind, ErrorKind::unsupported);
  return outcome.error().message;
}

TEST(FeatureGates, EachMethodNamesTheCapabilityThatItNeeds) {
  const std::pair<const char*, const char*> expected[] = {
      {"tools/list", "tools"},
      {"tools/call", "tools"},
      {"resources/list", "resources"},
      {"resources/templates/list", "resources"},
      {"resources/read", "resources"},
      {"resources/subscribe", "resources.subscribe"},
      {"resources/unsubscribe", "resources.subscribe"},
      {"prompts/list", "prompts"},
      {"prompts/get", "prompts"},
      {"completion/complete", "completions"},
      {"logging/setLevel", "logging"},
      {"tasks/get", "tasks.requests.tools.call"},
      {"tasks/result", "tasks.requests.tools.call"},
      {"tasks/list", "tasks.list"},
      {"tasks/cancel", "tasks.cancel"},
  };
  ServerCapabilities all;
  all.tools = all.resources = all.resources_subscribe = all.prompts = all.logging = true;
  all.completions = all.tasks_tools_call = all.tasks_list = all.tasks_cancel = true;
  for (const auto& [method, capability] : expected) {
    EXPECT_EQ(refusal(method),
              std::string(method) + ": the server did not declare '" + capability + "'");
    EXPECT_EQ(refusal(method, all), "");
  }
}

TEST(FeatureGates, WhatMcpDoesNotKnowPasses) {
  EXPECT_EQ(refusal("ping"), "");
  EXPECT_EQ(refusal("vendor/method"), "");
}

TEST(FeatureGates, CompletionHasNoCapabilityIn2024_11_05) {
  EXPECT_EQ(refusal("completion/complete", {}, Revision::v2024_11_05), "");
  EXPECT_NE(refusal("completion/complete", {}, Revision::v2025_03_26), "");
}

TEST(FeatureGates, TasksNameTheRevisionThatLacksThem) {
  ServerCapabilities declared;
  declared.tools = declared.tasks_tools_call = declared.tasks_list = true;
  EXPECT_EQ(refusal("tasks/list", declared, Revision::v2025_06_18),
            "tasks/list: revision 2025-06-18, which this session speaks, does not have it");
  const Json as_task{{"name", "render"}, {"task", Json::object()}};
  EXPECT_EQ(refusal("tools/call", declared, Revision::v2025_11_25, as_task), "");
  EXPECT_NE(refusal("tools/call", declared, Revision::v2025_06_18, as_task), "");
  declared.tasks_tools_call = false;
  EXPECT_EQ(refusal("tools/call", declared, Revision::v2025_11_25, as_task),
            "tools/call as a task: the server did not declare 'tasks.requests.tools.call'");
}

}  // namespace
}  // namespace mcp_mqtt::engine
