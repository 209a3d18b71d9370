#include <string>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

TEST(Described, TheSchemaOfAStruct) {
  const auto tool = typed_tool("plant", "Plant a bed", [](const garden::Bed&) {});
  EXPECT_EQ(tool.tool.input_schema, Json::parse(R"({
    "type": "object",
    "properties": {
      "name": {"type": "string", "minLength": 1, "maxLength": 20, "title": "Name",
               "description": "What people call it"},
      "colour": {"type": "string", "enum": ["red", "green", "crimson"], "default": "red"},
      "corners": {"type": "array", "maxItems": 3, "items": {
        "type": "object",
        "properties": {
          "x": {"type": "number", "minimum": 0, "maximum": 10, "description": "Left to right"},
          "y": {"type": "number"}},
        "required": ["x", "y"],
        "additionalProperties": false}},
      "depth": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647},
      "plants": {"type": "integer", "minimum": 0, "maximum": 255, "default": 12},
      "harvest": {"type": "object", "default": {}, "additionalProperties":
        {"type": "integer", "minimum": -2147483648, "maximum": 2147483647}},
      "watered": {"type": "boolean", "default": true}},
    "required": ["name", "corners"],
    "additionalProperties": false})"));
}

TEST(Described, AStructIsAllTheArguments) {
  garden::Bed got;
  const auto tool = typed_tool("plant", "", [&](garden::Bed bed) { got = std::move(bed); });
  EXPECT_EQ(problem(tool, Json::parse(R"({"name":"rose","colour":"green","depth":3,"plants":1,
      "corners":[{"x":1,"y":2.5},{"x":0,"y":-1}],"harvest":{"may":2},"watered":false})")),
            "(accepted)");
  EXPECT_EQ(got.name, "rose");
  EXPECT_EQ(got.colour, garden::Colour::green);
  EXPECT_EQ(got.corners, (std::vector<garden::Point>{{1, 2.5}, {0, -1}}));
  EXPECT_EQ(got.depth, 3);
  EXPECT_EQ(got.plants, 1);
  EXPECT_EQ(got.harvest, (std::map<std::string, int>{{"may", 2}}));
  EXPECT_FALSE(got.watered);
}

TEST(Described, WhatIsMissingHasItsDefault) {
  garden::Bed got;
  const auto tool = typed_tool("plant", "", [&](const garden::Bed& bed) { got = bed; });
  for (
      const char* arguments :
      {R"({"name":"rose","corners":[]})",
       R"({"name":"rose","corners":[],"colour":null,"depth":null,"plants":null,"watered":null})"}) {
    got = {};
    EXPECT_EQ(problem(tool, Json::parse(arguments)), "(accepted)");
    EXPECT_EQ(got.colour, garden::Colour::red);
    EXPECT_EQ(got.depth, std::nullopt);
    EXPECT_EQ(got.plants, 12);
    EXPECT_TRUE(got.watered);
  }
  EXPECT_EQ(problem(tool, Json::object()),
            "argument 'name' is missing; argument 'corners' is missing");
  EXPECT_EQ(problem(tool, {{"name", ""}, {"corners", nullptr}}),
            "argument 'name': has 0 characters, needs at least 1; argument 'corners': expected an "
            "array, got null");
}

TEST(Described, AnEmptyStruct) {
  const auto tool = typed_tool("t", "", [](garden::Nothing) {});
  EXPECT_EQ(
      tool.tool.input_schema,
      Json({{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}}));
  EXPECT_EQ(answer(tool), "ok");
}

TEST(Described, BaseClassesAndPrivateMembers) {
  const auto tool = typed_tool("t", "", [](const garden::Tree& tree) {
    return tree.name + " " + std::to_string(tree.height());
  });
  EXPECT_EQ(answer(tool, {{"name", "oak"}, {"height", 12}}), "oak 12");
  EXPECT_EQ(problem(tool, {{"name", "oak"}, {"height", -1}}),
            "argument 'height': -1 is below the minimum 0");
}

TEST(Described, AStructWithinItselfIsRefused) {
  EXPECT_EQ(
      refusal([] { return typed_tool("grow", "", [](const garden::Vine&) {}); }),
      "tool 'grow': a described struct contains itself, so its schema would have no end: take "
      "that member as Json");
  EXPECT_EQ(
      refusal([] { return typed_tool("grow", "", [] { return garden::Vine(); }); }),
      "tool 'grow': a described struct contains itself, so its schema would have no end: take "
      "that member as Json");
}

}  // namespace
}  // namespace mcp_mqtt
