#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

TEST(Values, Texts) {
  EXPECT_EQ(schema_of<std::string>(), Json({{"type", "string"}}));
  EXPECT_EQ(problem_with<std::string>(5), "argument 'x': expected a string, got a number");
  const auto echo = typed_tool("echo", "", {arg("x")}, [](const std::string& x) { return x; });
  EXPECT_EQ(answer(echo, {{"x", "grün\n"}}), "grün\n");
}

TEST(Values, Booleans) {
  EXPECT_EQ(schema_of<bool>(), Json({{"type", "boolean"}}));
  const auto negate = typed_tool("not", "", {arg("x")}, [](bool x) { return !x; });
  EXPECT_EQ(answer(negate, {{"x", true}}), "false");
}

TEST(Values, Enums) {
  EXPECT_EQ(schema_of<garden::Colour>(),
            Json({{"type", "string"}, {"enum", {"red", "green", "crimson"}}}));
  const auto tool =
      typed_tool("t", "", {arg("x")}, [](garden::Colour x) { return static_cast<int>(x); });
  EXPECT_EQ(answer(tool, {{"x", "green"}}), "7");
  EXPECT_EQ(answer(tool, {{"x", "crimson"}}), "0");
  EXPECT_EQ(problem(tool, {{"x", "purple"}}),
            R"(argument 'x': "purple" is not one of "red", "green", "crimson")");
  EXPECT_EQ(problem(tool, {{"x", 7}}), "argument 'x': expected a string, got a number");
}

TEST(Values, OptionalsMayBeMissingOrNull) {
  const auto tool =
      typed_tool("t", "", {arg("x", "Maybe")}, [](std::optional<int> x) { return x ? *x : -1; });
  EXPECT_EQ(tool.tool.input_schema, Json({{"type", "object"},
                                          {"properties",
                                           {{"x",
                                             {{"type", "integer"},
                                              {"minimum", -2147483648LL},
                                              {"maximum", 2147483647},
                                              {"description", "Maybe"}}}}},
                                          {"additionalProperties", false}}));
  EXPECT_EQ(answer(tool, Json::object()), "-1");
  EXPECT_EQ(answer(tool, {{"x", nullptr}}), "-1");
  EXPECT_EQ(answer(tool, {{"x", 4}}), "4");
  EXPECT_EQ(problem(tool, {{"x", "4"}}), "argument 'x': expected an integer, got a string");
}

TEST(Values, VectorsNestAndNameTheItem) {
  using Grid = std::vector<std::vector<std::int8_t>>;
  EXPECT_EQ(schema_of<Grid>(), Json::parse(R"({"type":"array","items":{"type":"array","items":
                            {"type":"integer","minimum":-128,"maximum":127}}})"));
  const auto tool = typed_tool("t", "", {arg("x")}, [](const Grid& x) { return x; });
  EXPECT_EQ(answer(tool, {{"x", {{1, 2}, Json::array(), {3}}}}), "[[1,2],[],[3]]");
  EXPECT_EQ(problem(tool, {{"x", {{1, 2}, {3, 300}}}}),
            "argument 'x[1][1]': 300 is above the maximum 127");
  EXPECT_EQ(problem(tool, {{"x", {{1, 2}, 3}}}),
            "argument 'x[1]': expected an array, got a number");
  EXPECT_EQ(problem(tool, {{"x", Json::object()}}),
            "argument 'x': expected an array, got an object");
  const auto flags = typed_tool("t", "", {arg("x")}, [](const std::vector<bool>& x) { return x; });
  EXPECT_EQ(answer(flags, {{"x", {true, false}}}), "[true,false]");
}

TEST(Values, AnOptionalItemMayBeNull) {
  using Gaps = std::vector<std::optional<std::string>>;
  EXPECT_EQ(schema_of<Gaps>(),
            Json::parse(R"({"type":"array","items":{"type":["string","null"]}})"));
  EXPECT_EQ(schema_of<std::vector<std::optional<garden::Colour>>>()["items"]["enum"],
            Json({"red", "green", "crimson", nullptr}));
  const auto tool = typed_tool("t", "", {arg("x")}, [](const Gaps& x) { return x; });
  EXPECT_EQ(answer(tool, {{"x", {"a", nullptr}}}), R"(["a",null])");
}

TEST(Values, ArraysHaveTheirSize) {
  using Pair = std::array<int, 2>;
  EXPECT_EQ(schema_of<Pair>()["minItems"], 2);
  EXPECT_EQ(schema_of<Pair>()["maxItems"], 2);
  const auto tool = typed_tool("t", "", {arg("x")}, [](Pair x) { return x[0] - x[1]; });
  EXPECT_EQ(answer(tool, {{"x", {5, 3}}}), "2");
  EXPECT_EQ(problem(tool, {{"x", {5}}}), "argument 'x': has 1 item, needs exactly 2");
  EXPECT_EQ(problem(tool, {{"x", {5, 3, 1}}}), "argument 'x': has 3 items, needs exactly 2");
}

TEST(Values, MapsTakeAnyKey) {
  using Stock = std::map<std::string, std::uint16_t>;
  EXPECT_EQ(schema_of<Stock>(), Json::parse(R"({"type":"object","additionalProperties":
                                   {"type":"integer","minimum":0,"maximum":65535}})"));
  const auto tool = typed_tool("t", "", {arg("x")}, [](const Stock& x) { return x; });
  EXPECT_EQ(answer(tool, {{"x", {{"b", 2}, {"", 1}}}}), R"({"":1,"b":2})");
  EXPECT_EQ(problem(tool, {{"x", {{"b", -2}}}}), "argument 'x.b': -2 is below the minimum 0");
  EXPECT_EQ(problem(tool, {{"x", "b"}}), "argument 'x': expected an object, got a string");
  const auto hashed = typed_tool("t", "", {arg("x")},
                                 [](std::unordered_map<std::string, bool> x) { return x["a"]; });
  EXPECT_EQ(answer(hashed, {{"x", {{"a", true}}}}), "true");
}

TEST(Values, JsonIsAnything) {
  const auto tool = typed_tool("t", "", {arg("x", "Whatever")}, [](const Json& x) { return x; });
  EXPECT_EQ(tool.tool.input_schema["properties"]["x"], Json({{"description", "Whatever"}}));
  EXPECT_EQ(tool.tool.input_schema["required"], Json({"x"}));
  EXPECT_EQ(answer(tool, {{"x", nullptr}}), "null");
  EXPECT_EQ(answer(tool, {{"x", {1, "two", {{"three", 3}}}}}), R"([1,"two",{"three":3}])");
  EXPECT_EQ(problem(tool, Json::object()), "argument 'x' is missing");
  const auto maybe = typed_tool("t", "", {arg("x")}, [](std::optional<Json> x) { return !x; });
  EXPECT_EQ(answer(maybe, {{"x", nullptr}}), "true");
  EXPECT_EQ(answer(maybe, {{"x", 1}}), "false");
}

}  // namespace
}  // namespace mcp_mqtt
