#include "engine/tool_registry.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

ToolDefinition tool(std::string name) {
  ToolDefinition definition;
  definition.tool.name = std::move(name);
  definition.handler = [](const Json&, RequestContext&) { return CallToolResult{}; };
  return definition;
}

TEST(ToolRegistry, NamesFollowTheRule) {
  ToolRegistry registry;
  for (const std::string& name :
       {std::string("a"), std::string("A-z_0.9"), std::string("desk/set"), std::string(128, 'x')}) {
    EXPECT_TRUE(registry.add(tool(name))) << name;
  }
  for (const std::string& name :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("caf\xc3\xa9"),
        std::string("a\0b", 3), std::string("a,b"), std::string("a\n")}) {
    const auto added = registry.add(tool(name));
    ASSERT_FALSE(added) << name;
    EXPECT_EQ(added.error().kind, ErrorKind::invalid_argument);
    EXPECT_NE(added.error().message.find("1 to 128"), std::string::npos);
  }
}

TEST(ToolRegistry, TakenNamesAndMissingHandlersAreRefused) {
  ToolRegistry registry;
  EXPECT_TRUE(registry.empty());
  EXPECT_TRUE(registry.add(tool("a")));
  EXPECT_NE(registry.add(tool("a")).error().message.find("'a'"), std::string::npos);
  ToolDefinition without = tool("b");
  without.handler = nullptr;
  EXPECT_NE(registry.add(without).error().message.find("handler"), std::string::npos);
  EXPECT_FALSE(registry.find("b"));
  EXPECT_FALSE(registry.empty());
}

TEST(ToolRegistry, ListIsOrderedByName) {
  ToolRegistry registry;
  for (const char* name : {"c", "a", "b"}) EXPECT_TRUE(registry.add(tool(name)));
  const auto list = registry.list(Json::object(), {100}, latest_revision);
  ASSERT_TRUE(list);
  ASSERT_EQ((*list)["tools"].size(), 3U);
  EXPECT_EQ((*list)["tools"][0]["name"], "a");
  EXPECT_EQ((*list)["tools"][2]["name"], "c");
  EXPECT_FALSE(list->contains("nextCursor"));
  EXPECT_EQ(registry.list(Json{{"cursor", 3}}, {100}, latest_revision).error().code,
            error_code::invalid_params);
}

TEST(ToolRegistry, RemovedToolLivesWhileItIsHeld) {
  ToolRegistry registry;
  EXPECT_TRUE(registry.add(tool("a")));
  const auto held = registry.find("a");
  EXPECT_TRUE(registry.remove("a"));
  EXPECT_FALSE(registry.remove("a"));
  EXPECT_FALSE(registry.find("a"));
  EXPECT_EQ(held->definition.tool.name, "a");
  EXPECT_TRUE(registry.add(tool("a")));
}

}  // namespace
}  // namespace mcp_mqtt::engine
