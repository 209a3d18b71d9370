#include <map>
#include <optional>
#include <string>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

TEST(Constraints, TheExampleOfTheReadme) {
  int level = 0;
  const auto tool = typed_tool("set_volume", "Set the volume of the device",
                               {arg("volume", "Volume level").range(0, 100)}, [&](int volume) {
                                 level = volume;
                                 return "volume is " + std::to_string(volume);
                               });
  EXPECT_EQ(tool.tool.name, "set_volume");
  EXPECT_EQ(tool.tool.description, "Set the volume of the device");
  EXPECT_EQ(tool.tool.input_schema, Json::parse(R"({
    "type": "object",
    "properties": {"volume": {"type": "integer", "minimum": 0, "maximum": 100,
                              "description": "Volume level"}},
    "required": ["volume"],
    "additionalProperties": false})"));
  EXPECT_EQ(tool.tool.output_schema, nullptr);
  EXPECT_EQ(answer(tool, {{"volume", 30}}), "volume is 30");
  EXPECT_EQ(level, 30);
  EXPECT_EQ(problem(tool, {{"volume", 130}}), "argument 'volume': 130 is above the maximum 100");
  EXPECT_EQ(problem(tool, {{"volume", -1}}), "argument 'volume': -1 is below the minimum 0");
  EXPECT_EQ(level, 30);
}

TEST(Constraints, MinAndMaxAlone) {
  EXPECT_EQ(schema_of<double>(arg("x").min(0.5)), Json({{"type", "number"}, {"minimum", 0.5}}));
  EXPECT_EQ(schema_of<double>(arg("x").max(2)), Json({{"type", "number"}, {"maximum", 2}}));
  EXPECT_EQ(schema_of<std::uint8_t>(arg("x").min(10)),
            Json({{"type", "integer"}, {"minimum", 10}, {"maximum", 255}}));
}

TEST(Constraints, LengthCountsCharacters) {
  const Arg x = arg("x").length(2, 3);
  EXPECT_EQ(schema_of<std::string>(x),
            Json({{"type", "string"}, {"minLength", 2}, {"maxLength", 3}}));
  EXPECT_EQ(problem_with<std::string>("äöü", x), "(accepted)");
  EXPECT_EQ(problem_with<std::string>("ä", x), "argument 'x': has 1 character, needs at least 2");
  EXPECT_EQ(problem_with<std::string>("abcd", x),
            "argument 'x': has 4 characters, may have at most 3");
}

TEST(Constraints, ItemsCountVectorsAndMaps) {
  const Arg x = arg("x").items(1, 2);
  using List = std::vector<int>;
  using Map = std::map<std::string, int>;
  EXPECT_EQ(schema_of<List>(x)["minItems"], 1);
  EXPECT_EQ(schema_of<List>(x)["maxItems"], 2);
  EXPECT_EQ(schema_of<Map>(x)["minProperties"], 1);
  EXPECT_EQ(schema_of<Map>(x)["maxProperties"], 2);
  EXPECT_EQ(problem_with<List>(Json::array(), x), "argument 'x': has 0 items, needs at least 1");
  EXPECT_EQ(problem_with<Map>({{"a", 1}, {"b", 2}, {"c", 3}}, x),
            "argument 'x': has 3 items, may have at most 2");
}

TEST(Constraints, OneOf) {
  const Arg x = arg("x").one_of({"eco", "boost"});
  EXPECT_EQ(schema_of<std::string>(x), Json({{"type", "string"}, {"enum", {"eco", "boost"}}}));
  EXPECT_EQ(problem_with<std::string>("boost", x), "(accepted)");
  EXPECT_EQ(problem_with<std::string>("turbo", x),
            R"(argument 'x': "turbo" is not one of "eco", "boost")");
}

TEST(Constraints, TheySpeakOfTheElementsOfAContainer) {
  using Days = std::vector<std::string>;
  const Arg days = arg("x").one_of({"mon", "tue"}).items(1, 7);
  EXPECT_EQ(schema_of<Days>(days), Json::parse(R"({"type":"array","minItems":1,"maxItems":7,
                            "items":{"type":"string","enum":["mon","tue"]}})"));
  EXPECT_EQ(problem_with<Days>({"mon", "sun"}, days),
            R"(argument 'x[1]': "sun" is not one of "mon", "tue")");
  using Levels = std::optional<std::map<std::string, int>>;
  EXPECT_EQ(problem_with<Levels>({{"left", 11}}, arg("x").range(0, 10)),
            "argument 'x.left': 11 is above the maximum 10");
}

TEST(Constraints, ADefaultMakesItOptional) {
  const auto tool = typed_tool(
      "t", "", {arg("a"), arg("b").default_value(5).range(0, 9), arg("c").default_value("z")},
      [](int a, int b, const std::string& c) { return std::to_string(a + b) + c; });
  EXPECT_EQ(tool.tool.input_schema["required"], Json({"a"}));
  EXPECT_EQ(tool.tool.input_schema["properties"]["b"]["default"], 5);
  EXPECT_EQ(tool.tool.input_schema["properties"]["c"],
            Json({{"type", "string"}, {"default", "z"}}));
  EXPECT_EQ(answer(tool, {{"a", 1}}), "6z");
  EXPECT_EQ(answer(tool, {{"a", 1}, {"b", nullptr}, {"c", nullptr}}), "6z");
  EXPECT_EQ(answer(tool, {{"a", 1}, {"b", 2}, {"c", ""}}), "3");
  EXPECT_EQ(problem(tool, {{"a", 1}, {"b", 10}}), "argument 'b': 10 is above the maximum 9");
}

TEST(Constraints, DefaultsOfEveryType) {
  EXPECT_EQ(schema_of<garden::Colour>(arg("x").default_value(garden::Colour::green))["default"],
            "green");
  EXPECT_EQ(schema_of<garden::Colour>(arg("x").default_value("red"))["default"], "red");
  EXPECT_EQ(schema_of<garden::Point>(arg("x").default_value(garden::Point{1, 2}))["default"],
            Json({{"x", 1.0}, {"y", 2.0}}));
  EXPECT_EQ(schema_of<std::vector<int>>(arg("x").default_value(std::vector{1, 2}))["default"],
            Json({1, 2}));
  EXPECT_EQ(schema_of<std::optional<int>>(arg("x").default_value(3))["default"], 3);
  EXPECT_FALSE(schema_of<std::optional<int>>(arg("x").default_value(std::optional<int>()))
                   .contains("default"));
  const auto tool = typed_tool("t", "", {arg("x").default_value(3)},
                               [](std::optional<int> x) { return x.value_or(0); });
  EXPECT_EQ(answer(tool), "3");
  const auto json = typed_tool("t", "", {arg("x").default_value(Json{{"a", 1}})},
                               [](const Json& x) { return x; });
  EXPECT_EQ(answer(json), R"({"a":1})");
  EXPECT_EQ(answer(json, {{"x", nullptr}}), "null");
}

TEST(Constraints, Titles) {
  EXPECT_EQ(schema_of<bool>(arg("x", "On or off").title("Power")),
            Json({{"type", "boolean"}, {"description", "On or off"}, {"title", "Power"}}));
}

}  // namespace
}  // namespace mcp_mqtt
