#include <cmath>
#include <cstdint>
#include <limits>

#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

constexpr double two_to_64 = 18446744073709551616.0;

TEST(Numbers, NarrowIntegersStateTheirRange) {
  EXPECT_EQ(schema_of<std::uint8_t>(),
            Json({{"type", "integer"}, {"minimum", 0}, {"maximum", 255}}));
  EXPECT_EQ(schema_of<std::int8_t>(),
            Json({{"type", "integer"}, {"minimum", -128}, {"maximum", 127}}));
  EXPECT_EQ(schema_of<std::int16_t>(),
            Json({{"type", "integer"}, {"minimum", -32768}, {"maximum", 32767}}));
  EXPECT_EQ(schema_of<int>(),
            Json({{"type", "integer"}, {"minimum", -2147483648LL}, {"maximum", 2147483647}}));
  EXPECT_EQ(schema_of<std::uint32_t>(),
            Json({{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295U}}));
  EXPECT_EQ(schema_of<std::int64_t>(), Json({{"type", "integer"}}));
  EXPECT_EQ(schema_of<std::uint64_t>(), Json({{"type", "integer"}, {"minimum", 0}}));
  EXPECT_EQ(schema_of<double>(), Json({{"type", "number"}}));
  EXPECT_EQ(schema_of<float>(), Json({{"type", "number"}}));
}

TEST(Numbers, IntegersThatDoNotFitAreNamed) {
  EXPECT_EQ(problem_with<std::uint8_t>(300), "argument 'x': 300 is above the maximum 255");
  EXPECT_EQ(problem_with<std::uint8_t>(-1), "argument 'x': -1 is below the minimum 0");
  EXPECT_EQ(problem_with<std::uint64_t>(-1), "argument 'x': -1 is below the minimum 0");
  EXPECT_EQ(problem_with<std::int8_t>(-129), "argument 'x': -129 is below the minimum -128");
  EXPECT_EQ(problem_with<int>(2147483648LL),
            "argument 'x': 2147483648 is above the maximum 2147483647");
  EXPECT_EQ(problem_with<std::int64_t>(9223372036854775808ULL),
            "argument 'x': 9223372036854775808 is above the maximum 9223372036854775807");
  EXPECT_EQ(problem_with<std::uint64_t>(Json::parse("18446744073709551616")),
            "argument 'x': 1.8446744073709552e+19 is above the maximum 18446744073709551615");
  EXPECT_EQ(problem_with<std::int64_t>(-two_to_64),
            "argument 'x': -1.8446744073709552e+19 is below the minimum -9223372036854775808");
  EXPECT_EQ(problem_with<float>(1e39),
            "argument 'x': 1e+39 is above the maximum 3.4028234663852886e+38");
}

TEST(Numbers, WrongTypesAreNamed) {
  EXPECT_EQ(problem_with<int>("3"), "argument 'x': expected an integer, got a string");
  EXPECT_EQ(problem_with<int>(3.5), "argument 'x': expected an integer, got 3.5");
  EXPECT_EQ(problem_with<int>(true), "argument 'x': expected an integer, got a boolean");
  EXPECT_EQ(problem_with<int>(nullptr), "argument 'x': expected an integer, got null");
  EXPECT_EQ(problem_with<int>(Json::array()), "argument 'x': expected an integer, got an array");
  EXPECT_EQ(problem_with<double>(Json::object()), "argument 'x': expected a number, got an object");
  EXPECT_EQ(problem_with<double>(Json::binary({1})),
            "argument 'x': expected a number, got binary data");
  EXPECT_EQ(problem_with<double>(std::nan("")),
            "argument 'x': expected a number, got a number that is not finite");
  EXPECT_EQ(problem_with<int>(std::numeric_limits<double>::infinity()),
            "argument 'x': expected an integer, got a number that is not finite");
  EXPECT_EQ(problem_with<bool>(1), "argument 'x': expected a boolean, got a number");
}

TEST(Numbers, TheEndsOfEveryWidthArrive) {
  const auto echo = []<class T>(T value) {
    T got{};
    const auto tool = typed_tool("t", "", {arg("x")}, [&got](T x) { got = x; });
    call(tool, {{"x", value}});
    EXPECT_EQ(got, value);
  };
  const auto ends = [&]<class T>(T) {
    echo(std::numeric_limits<T>::lowest());
    echo(std::numeric_limits<T>::max());
  };
  ends(std::int8_t{});
  ends(std::uint8_t{});
  ends(std::int16_t{});
  ends(std::uint16_t{});
  ends(std::int32_t{});
  ends(std::uint32_t{});
  ends(std::int64_t{});
  ends(std::uint64_t{});
  ends(char{});
  ends(float{});
  ends(double{});
}

TEST(Numbers, AWholeFloatIsAnInteger) {
  const auto twice = typed_tool("twice", "", {arg("x")}, [](int x) { return 2 * x; });
  EXPECT_EQ(answer(twice, Json::parse(R"({"x":3.0})")), "6");
  EXPECT_EQ(answer(twice, Json::parse(R"({"x":-0.0})")), "0");
  EXPECT_EQ(answer(twice, Json::parse(R"({"x":1e3})")), "2000");
  const auto big = typed_tool("big", "", {arg("x")}, [](std::uint64_t x) { return x; });
  EXPECT_EQ(answer(big, {{"x", 9223372036854775808.0}}), "9223372036854775808");
}

TEST(Numbers, RangesAreExactWhereDoublesAreNot) {
  constexpr std::int64_t edge = std::int64_t{1} << 53;
  EXPECT_EQ(problem_with<std::int64_t>(edge + 1, arg("x").max(edge)),
            "argument 'x': 9007199254740993 is above the maximum 9007199254740992");
  EXPECT_EQ(problem_with<std::int64_t>(edge + 1, arg("x").max(static_cast<double>(edge))),
            "argument 'x': 9007199254740993 is above the maximum 9.007199254740992e+15");
  EXPECT_EQ(problem_with<std::int64_t>(edge, arg("x").max(edge)), "(accepted)");
  EXPECT_EQ(problem_with<double>(-1, arg("x").min(-0.5)),
            "argument 'x': -1 is below the minimum -0.5");
  EXPECT_EQ(problem_with<double>(0, arg("x").min(-0.5)), "(accepted)");
  EXPECT_EQ(problem_with<double>(1, arg("x").max(0.5)), "argument 'x': 1 is above the maximum 0.5");
  EXPECT_EQ(problem_with<double>(0, arg("x").max(0.5)), "(accepted)");
  EXPECT_EQ(problem_with<double>(-0.25, arg("x").range(-1, 0)), "(accepted)");
  EXPECT_EQ(problem_with<double>(-1.25, arg("x").range(-1, 0)),
            "argument 'x': -1.25 is below the minimum -1");
}

}  // namespace
}  // namespace mcp_mqtt
