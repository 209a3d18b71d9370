#include <random>
#include <string>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

ToolDefinition volume_tool() {
  return typed_tool("set_volume", "", {arg("volume").range(0, 100)}, [](int) {});
}

TEST(Problems, MissingAndUnknown) {
  EXPECT_EQ(problem(volume_tool(), Json::object()), "argument 'volume' is missing");
  EXPECT_EQ(problem(volume_tool(), nullptr), "argument 'volume' is missing");
  EXPECT_EQ(problem(volume_tool(), {{"volume", 1}, {"volum", 1}}),
            "unknown argument 'volum' (known: volume)");
  const auto none = typed_tool("t", "", [] {});
  EXPECT_EQ(problem(none, {{"x", 1}}), "unknown argument 'x' (known: none)");
}

TEST(Problems, AllAreListed) {
  const auto tool = typed_tool("t", "", {arg("a"), arg("b"), arg("c")},
                               [](int, const std::string&, const std::vector<bool>&) {});
  EXPECT_EQ(problem(tool, {{"a", "1"}, {"c", {true, 0}}, {"d", 1}}),
            "argument 'a': expected an integer, got a string; argument 'b' is missing; argument "
            "'c[1]': expected a boolean, got a number; unknown argument 'd' (known: a, b, c)");
}

TEST(Problems, TheListIsBounded) {
  const auto tool = taking<std::vector<int>>();
  EXPECT_EQ(problem(tool, {{"x", std::vector<std::string>(11, "no")}}).substr(0, 47),
            "argument 'x[0]': expected an integer, got a str");
  EXPECT_THAT(problem(tool, {{"x", std::vector<std::string>(10, "no")}}),
              testing::Not(testing::HasSubstr("more")));
  EXPECT_THAT(problem(tool, {{"x", std::vector<std::string>(11, "no")}}),
              testing::EndsWith("argument 'x[9]': expected an integer, got a string; and 1 more "
                                "problem"));
  EXPECT_THAT(problem(tool, {{"x", std::vector<std::string>(5000, "no")}}),
              testing::EndsWith("; and 4990 more problems"));
}

TEST(Problems, ArgumentsThatAreNoObject) {
  EXPECT_EQ(problem(volume_tool(), Json::array({1})),
            "arguments: expected an object, got an array");
  EXPECT_EQ(problem(volume_tool(), "volume"), "arguments: expected an object, got a string");
  EXPECT_EQ(problem(volume_tool(), 30), "arguments: expected an object, got a number");
  EXPECT_EQ(problem(volume_tool(), Json(Json::value_t::discarded)),
            "arguments: expected an object, got no JSON value");
}

TEST(Problems, NestedPaths) {
  const auto tool = typed_tool("t", "", {arg("points"), arg("bed")},
                               [](const std::vector<garden::Point>&, const garden::Bed&) {});
  EXPECT_EQ(
      problem(tool, {{"points", {{{"x", 1}, {"y", 2}}, {{"x", "a"}, {"z", 1}}}},
                     {"bed", {{"name", "rose"}, {"corners", {{{"x", 11}, {"y", 0}}}}}}}),
      "argument 'points[1].x': expected a number, got a string; argument 'points[1].y' is missing; "
      "unknown argument 'points[1].z' (known: x, y); argument 'bed.corners[0].x': 11 is above the "
      "maximum 10");
}

TEST(Problems, LongAndStrangeTextsAreCutAndEscaped) {
  const auto tool = taking<std::string>(arg("x").one_of({"a"}));
  EXPECT_EQ(problem(tool, {{"x", std::string(100000, 'b')}}),
            "argument 'x': \"" + std::string(60, 'b') + "…\" is not one of \"a\"");
  // The cut falls between characters.
  std::string umlauts = "x";
  for (int i = 0; i < 100; ++i) umlauts += "ä";
  EXPECT_EQ(problem(tool, {{"x", umlauts}}),
            "argument 'x': \"" + umlauts.substr(0, 59) + "…\" is not one of \"a\"");
  EXPECT_EQ(problem(tool, {{"x", "b\n\x01\xff"}}),
            "argument 'x': \"b\\n\\u0001\uFFFD\" is not one of \"a\"");
  EXPECT_EQ(problem(tool, {{"x", "a"}, {std::string(1000, 'k'), 1}}),
            "unknown argument '" + std::string(60, 'k') + "…' (known: x)");
}

/// Any JSON, seeded: the names and types that the tool knows among others.
Json anything(std::mt19937& random, int depth) {
  static const std::vector<std::string> names{
      "name", "colour", "corners", "depth", "plants", "harvest", "watered", "x", "y", "bed", "?"};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  switch (below(depth > 0 ? 10 : 8)) {
    case 0:
      return nullptr;
    case 1:
      return below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - 2147483648LL;
    case 3:
      return static_cast<std::uint64_t>(below(12));
    case 4:
      return 0.25 * static_cast<double>(below(60));
    case 5:
      return 1e300;
    case 6:
      return names[below(names.size())];
    case 7:
      return below(2) == 0 ? "red" : "\xff\xfe";
    case 8: {
      Json array = Json::array();
      for (std::size_t i = below(5); i > 0; --i) array.push_back(anything(random, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      for (std::size_t i = below(9); i > 0; --i)
        object[names[below(names.size())]] = anything(random, depth - 1);
      return object;
    }
  }
}

TEST(Problems, AnyJsonIsAcceptedOrExplained) {
  int accepted = 0;
  const auto tool = typed_tool(
      "t", "", {arg("bed"), arg("x"), arg("y").default_value(1)},
      [&](const std::optional<garden::Bed>& bed, const std::optional<garden::Point>&, std::int8_t) {
        ++accepted;
        return bed;
      });
  std::mt19937 random(20250618);
  int explained = 0;
  for (int i = 0; i < 20000; ++i) {
    try {
      // An answer must always be writable.
      const CallToolResult result = call(tool, anything(random, 4));
      EXPECT_NO_THROW((void)result.structured_content.dump());
    } catch (const ArgumentError& error) {
      ++explained;
      EXPECT_NO_THROW((void)Json(error.what()).dump());
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_GT(explained, 0);
}

}  // namespace
}  // namespace mcp_mqtt
