#include "engine/role_check.hpp"

#include <gtest/gtest.h>

// What a role that the broker granted (MCP-RBAC, T5) allows, by the server's own presence (T10).
namespace mcp_mqtt::engine {
namespace {

using Grants = std::optional<std::vector<RoleGrant>>;

ServerInstance server_with(Json roles) {
  return {"desk-1", "desk", "", {{"rbac", {{"roles", std::move(roles)}}}}};
}

const Json viewer = {{"name", "viewer"},
                     {"allowed_methods", {"tools/list", "tools/call", "resources/read"}},
                     {"allowed_tools", {"count"}},
                     {"allowed_resources", "all"}};
const Json admin = {{"name", "admin"}, {"allowed_tools", "all"}};
const Grants as_viewer = std::vector<RoleGrant>{{"desk", "viewer"}};

Json call(const char* tool) { return {{"name", tool}}; }

TEST(RoleCheck, T5AllowsWhatTheRoleLists) {
  const auto server = server_with({viewer, admin});
  EXPECT_TRUE(check_roles(as_viewer, server, "tools/list", Json::object()));
  EXPECT_TRUE(check_roles(as_viewer, server, "tools/call", call("count")));
  EXPECT_TRUE(check_roles(as_viewer, server, "resources/read", {{"uri", "any://thing"}}));
  EXPECT_TRUE(check_roles(as_viewer, server, "ping", Json::object()));
}

TEST(RoleCheck, T5RefusesTheRestWithTheRoleAndTheReason) {
  const auto server = server_with({viewer, admin});
  const auto tool = check_roles(as_viewer, server, "tools/call", call("set_volume"));
  ASSERT_FALSE(tool);
  EXPECT_EQ(tool.error().kind, ErrorKind::refused);
  EXPECT_EQ(tool.error().message, "the role 'viewer' at desk does not allow the tool 'set_volume'");
  const auto method = check_roles(as_viewer, server, "prompts/list", Json::object());
  ASSERT_FALSE(method);
  EXPECT_EQ(method.error().message, "the role 'viewer' at desk does not allow prompts/list");
}

TEST(RoleCheck, T5ResourcesAreListedByTheirUri) {
  const Json reader = {{"name", "viewer"}, {"allowed_resources", {"plant://soil"}}};
  const auto server = server_with({reader});
  for (const char* method : {"resources/read", "resources/subscribe"}) {
    EXPECT_TRUE(check_roles(as_viewer, server, method, {{"uri", "plant://soil"}})) << method;
    const auto refused = check_roles(as_viewer, server, method, {{"uri", "plant://soil/ph"}});
    ASSERT_FALSE(refused) << method;
    EXPECT_EQ(refused.error().message,
              "the role 'viewer' at desk does not allow the resource 'plant://soil/ph'");
    EXPECT_FALSE(check_roles(as_viewer, server, method, Json::object())) << "no uri at all";
  }
  EXPECT_TRUE(check_roles(as_viewer, server, "resources/list", Json::object()));
  EXPECT_TRUE(check_roles(as_viewer, server, "tools/call", call("set_volume")));
}

TEST(RoleCheck, T5AnEmptyListAllowsNothing) {
  const Json nobody = {{"name", "viewer"},
                       {"allowed_methods", {"tools/call", "resources/read"}},
                       {"allowed_tools", Json::array()},
                       {"allowed_resources", Json::array()}};
  const auto server = server_with({nobody});
  EXPECT_FALSE(check_roles(as_viewer, server, "tools/call", call("count")));
  EXPECT_FALSE(check_roles(as_viewer, server, "resources/read", {{"uri", "plant://soil"}}));
  EXPECT_FALSE(check_roles(as_viewer, server, "tools/list", Json::object()));
}

TEST(RoleCheck, T5OneRoleThatAllowsIsEnough) {
  const Grants both = std::vector<RoleGrant>{{"desk", "viewer"}, {"desk", "admin"}};
  EXPECT_TRUE(check_roles(both, server_with({viewer, admin}), "tools/call", call("set_volume")));
}

TEST(RoleCheck, WhatIsNotKnownToBeForbiddenIsAllowed) {
  const auto server = server_with({viewer});
  EXPECT_TRUE(check_roles(std::nullopt, server, "tools/call", call("set_volume")));
  EXPECT_TRUE(check_roles(Grants(std::in_place), server, "tools/call", call("set_volume")));
  const Grants elsewhere = std::vector<RoleGrant>{{"lamp", "viewer"}};
  EXPECT_TRUE(check_roles(elsewhere, server, "tools/call", call("set_volume")));
  const Grants unknown = std::vector<RoleGrant>{{"desk", "stranger"}};
  EXPECT_TRUE(check_roles(unknown, server, "tools/call", call("set_volume")));
}

TEST(RoleCheck, PresenceFromAnybodyIsHarmless) {
  for (const Json& meta :
       {Json(nullptr), Json(7), Json{{"rbac", 1}}, Json{{"rbac", {{"roles", "all"}}}},
        Json{{"rbac", {{"roles", {1, nullptr, {{"name", 3}}}}}}},
        Json{{"rbac", {{"roles", {{{"name", "viewer"}, {"allowed_methods", 5}}}}}}}}) {
    const ServerInstance server{"desk-1", "desk", "", meta};
    EXPECT_TRUE(check_roles(as_viewer, server, "tools/call", nullptr)) << meta;
  }
}

}  // namespace
}  // namespace mcp_mqtt::engine
