#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace broken {

enum class Empty {};
inline auto describe(std::type_identity<Empty>) { return mcp_mqtt::enum_values<Empty>({}); }

enum class Twice { a, b };
inline auto describe(std::type_identity<Twice>) {
  return mcp_mqtt::enum_values<Twice>({{"a", Twice::a}, {"a", Twice::b}});
}

struct Doubled {
  int x = 0;
};
inline auto describe(std::type_identity<Doubled>) {
  return mcp_mqtt::fields(mcp_mqtt::field("x", &Doubled::x), mcp_mqtt::field("x", &Doubled::x));
}

struct Misfit {
  std::string text;
};
inline auto describe(std::type_identity<Misfit>) {
  return mcp_mqtt::fields(mcp_mqtt::field("text", &Misfit::text).range(0, 1));
}

}  // namespace broken

namespace mcp_mqtt {
namespace {

using Pair = std::array<int, 2>;

template <class T>
std::string refused(const Arg& x) {
  return refusal([&] { return taking<T>(x); });
}

TEST(Definition, ConstraintsThatDoNotFitTheType) {
  EXPECT_EQ(refused<std::string>(arg("x").range(0, 1)),
            "tool 'take': argument 'x': a range is for numbers, but the type is a string");
  EXPECT_EQ(refused<bool>(arg("x").min(0)),
            "tool 'take': argument 'x': a range is for numbers, but the type is a boolean");
  EXPECT_EQ(refused<Json>(arg("x").min(0)),
            "tool 'take': argument 'x': a range is for numbers, but the type is any value");
  EXPECT_EQ(refused<int>(arg("x").length(0, 1)),
            "tool 'take': argument 'x': length() is for texts, but the type is an integer");
  EXPECT_EQ(refused<garden::Colour>(arg("x").length(0, 1)),
            "tool 'take': argument 'x': length() is for texts, but the type is an enum");
  EXPECT_EQ(refused<std::string>(arg("x").items(0, 1)),
            "tool 'take': argument 'x': items() is for vectors and maps, but the type is a string");
  EXPECT_EQ(
      refused<Pair>(arg("x").items(0, 1)),
      "tool 'take': argument 'x': items() is for vectors and maps, but the number of items is "
      "fixed by the type");
  EXPECT_EQ(refused<double>(arg("x").one_of({"a"})),
            "tool 'take': argument 'x': one_of() is for texts, but the type is a number");
  EXPECT_EQ(refused<garden::Colour>(arg("x").one_of({"red"})),
            "tool 'take': argument 'x': one_of() is for texts, but the type is an enum");
}

TEST(Definition, ConstraintsThatMakeNoSense) {
  EXPECT_EQ(refused<int>(arg("x").range(2, 1)),
            "tool 'take': argument 'x': the minimum 2 is above the maximum 1");
  EXPECT_EQ(refused<int>(arg("x").max(0.5)),
            "tool 'take': argument 'x': the bound 0.5 is not an integer, but the type is");
  EXPECT_EQ(refused<std::uint8_t>(arg("x").range(0, 300)),
            "tool 'take': argument 'x': the bound 300 is beyond what the type can hold (0 to 255)");
  EXPECT_EQ(refused<double>(arg("x").max(std::nan(""))),
            "tool 'take': argument 'x': a bound is not a finite number");
  EXPECT_EQ(refused<std::string>(arg("x").length(2, 1)),
            "tool 'take': argument 'x': the minimum 2 is above the maximum 1");
  EXPECT_EQ(refused<std::string>(arg("x").one_of({})),
            "tool 'take': argument 'x': one_of() has no choice");
  EXPECT_EQ(refused<std::string>(arg("x").one_of({"a", "a"})),
            "tool 'take': argument 'x': one_of() has 'a' twice");
  EXPECT_EQ(refused<std::string>(arg("x").one_of({"a\xff"})),
            "tool 'take': argument 'x': 'a\uFFFD' is not valid UTF-8");
}

TEST(Definition, DefaultsThatTheTypeRefuses) {
  EXPECT_EQ(refused<int>(arg("x").range(0, 9).default_value(10)),
            "tool 'take': argument 'x': default: 10 is above the maximum 9");
  EXPECT_EQ(refused<int>(arg("x").default_value("ten")),
            "tool 'take': argument 'x': default: expected an integer, got a string");
  EXPECT_EQ(refused<garden::Point>(arg("x").default_value(garden::Point{.x = 11})),
            "tool 'take': argument 'x': default 'x': 11.0 is above the maximum 10");
  EXPECT_EQ(refused<int>(arg("x").default_value(nullptr)),
            "tool 'take': argument 'x': default: expected an integer, got null");
}

TEST(Definition, Names) {
  EXPECT_EQ(refusal([] {
              return typed_tool("t", "", {arg("a"), arg("a")}, [](int, int) {});
            }),
            "tool 't': two arguments are named 'a'");
  EXPECT_EQ(refused<int>(arg("")), "tool 'take': the name of an argument is empty");
  EXPECT_EQ(refused<int>(arg("a\xff")),
            "tool 'take': argument 'a\uFFFD': 'a\uFFFD' is not valid UTF-8");
  EXPECT_EQ(refusal([] { return typed_tool("", "", [] {}); }), "the name of a tool is empty");
  EXPECT_EQ(typed_tool("t", "a\xff", [] {}).tool.description, "a\uFFFD");
}

TEST(Definition, DescriptionsThatMakeNoSense) {
  EXPECT_EQ(refused<broken::Empty>(arg("x")),
            "tool 'take': an enum is described without any value");
  EXPECT_EQ(refused<broken::Twice>(arg("x")), "tool 'take': two enum values are named 'a'");
  EXPECT_EQ(refused<broken::Doubled>(arg("x")), "tool 'take': two fields are named 'x'");
  EXPECT_EQ(refused<broken::Misfit>(arg("x")),
            "tool 'take': field 'text': a range is for numbers, but the type is a string");
}

TEST(Definition, TheNumberOfArgs) {
  const std::vector<Arg> one{arg("a")};
  EXPECT_EQ(refusal([&] { return typed_tool("t", "", one, [](int, int) {}); }),
            "tool 't': there is 1 arg, but the function takes 2 arguments");
  EXPECT_EQ(refusal([] { return typed_tool("t", "", {}, [](RequestContext&, int) {}); }),
            "tool 't': there are 0 args, but the function takes 1 argument");
}

TEST(Definition, EmptyFunctions) {
  EXPECT_EQ(refusal([] { return typed_tool("t", "", std::function<int()>()); }),
            "tool 't': the function is empty");
  int (*none)(int) = nullptr;
  EXPECT_EQ(refusal([&] { return typed_tool("t", "", {arg("a")}, none); }),
            "tool 't': the function is empty");
}

}  // namespace
}  // namespace mcp_mqtt
