#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

int twice(int x) { return 2 * x; }
int twice_noexcept(const int& x) noexcept { return 2 * x; }

struct Scale {
  int factor = 1;
  int operator()(int x) const { return factor * x; }
};

TEST(Callables, FunctionsAndObjects) {
  const Json three{{"x", 3}};
  EXPECT_EQ(answer(typed_tool("t", "", {arg("x")}, twice), three), "6");
  EXPECT_EQ(answer(typed_tool("t", "", {arg("x")}, &twice_noexcept), three), "6");
  EXPECT_EQ(answer(typed_tool("t", "", {arg("x")}, std::function<int(int)>(twice)), three), "6");
  EXPECT_EQ(answer(typed_tool("t", "", {arg("x")}, Scale{5}), three), "15");
  const Scale scale{7};
  EXPECT_EQ(answer(typed_tool("t", "", {arg("x")}, scale), three), "21");
  const auto lambda = [](int x) noexcept { return x; };
  EXPECT_EQ(answer(typed_tool("t", "", {arg("x")}, lambda), three), "3");
}

TEST(Callables, AMutableLambdaIsOneForAllCalls) {
  const auto tool = typed_tool("t", "", [count = 0]() mutable { return ++count; });
  const ToolDefinition copy = tool;
  EXPECT_EQ(answer(tool), "1");
  EXPECT_EQ(answer(copy), "2");
}

TEST(Callables, AFunctionNeedNotBeCopyable) {
  const auto tool =
      typed_tool("t", "", {arg("x")}, [own = std::make_unique<int>(4)](int x) { return *own + x; });
  EXPECT_EQ(answer(tool, {{"x", 1}}), "5");
}

TEST(Callables, AnyNumberOfArguments) {
  EXPECT_EQ(answer(typed_tool("t", "", {}, [] { return "none"; })), "none");
  EXPECT_EQ(answer(typed_tool("t", "", [] { return "none"; }), Json::object()), "none");
  const auto five = typed_tool("t", "", {arg("a"), arg("b"), arg("c"), arg("d"), arg("e")},
                               [](int a, std::string b, double c, bool d, std::vector<int> e) {
                                 return b + std::to_string(a + static_cast<int>(c) + d + e.at(0));
                               });
  EXPECT_EQ(answer(five, {{"a", 1}, {"b", "="}, {"c", 2.5}, {"d", true}, {"e", {10}}}), "=14");
  EXPECT_EQ(five.tool.input_schema["required"], Json({"a", "b", "c", "d", "e"}));
}

TEST(Callables, RequiredFollowsTheDeclaration) {
  const auto tool = typed_tool("t", "", {arg("z"), arg("a"), arg("m")}, [](int, int, int) {});
  EXPECT_EQ(tool.tool.input_schema["required"], Json({"z", "a", "m"}));
}

TEST(Callables, ArgumentsByValueReferenceAndView) {
  const auto tool =
      typed_tool("t", "", {arg("a"), arg("b"), arg("c"), arg("d")},
                 [](std::string a, const std::string& b, std::string_view c, std::string&& d) {
                   return a + b + std::string(c) + std::move(d);
                 });
  const std::string text(40, 'x');  // too long for the small-string form
  EXPECT_EQ(answer(tool, {{"a", text}, {"b", text}, {"c", text}, {"d", text}}),
            std::string(160, 'x'));
}

TEST(Callables, TheAnswerMayLookIntoTheArguments) {
  const std::string text(40, 'x');
  EXPECT_EQ(
      answer(typed_tool("t", "", {arg("a")}, [](std::string_view a) { return a; }), {{"a", text}}),
      text);
  EXPECT_EQ(answer(typed_tool("t", "", {arg("a")},
                              [](const std::string& a) -> const std::string& { return a; }),
                   {{"a", text}}),
            text);
}

TEST(Callables, TheContextFirstOrLast) {
  RequestContext context;
  const auto seen = [&](const ToolDefinition& tool, const Json& arguments) {
    context.seen = 0;
    tool.handler(arguments, context);
    return context.seen;
  };
  EXPECT_EQ(seen(typed_tool("t", "", {arg("x")}, [](RequestContext& c, int x) { c.seen = x; }),
                 {{"x", 1}}),
            1);
  EXPECT_EQ(seen(typed_tool("t", "", {arg("x")}, [](int x, RequestContext& c) { c.seen = x; }),
                 {{"x", 2}}),
            2);
  EXPECT_EQ(seen(typed_tool("t", "", [](RequestContext& c) { c.seen = 3; }), nullptr), 3);
  EXPECT_EQ(seen(typed_tool("t", "", {}, [](RequestContext& c) { c.seen = 4; }), nullptr), 4);
  EXPECT_EQ(
      seen(typed_tool("t", "",
                      [](garden::Point p, RequestContext& c) { c.seen = static_cast<int>(p.x); }),
           {{"x", 5}, {"y", 0}}),
      5);
  context.seen = 6;
  const auto read = typed_tool("t", "", [](const RequestContext& c) { return c.seen; });
  EXPECT_EQ(text_of(read.handler(nullptr, context)), "6");
}

TEST(Callables, AFunctionMayRefuseArgumentsItself) {
  const auto tool = typed_tool("t", "", {arg("x")}, [](int x) {
    if (x % 2 != 0) throw ArgumentError("argument 'x' is odd");
  });
  EXPECT_EQ(problem(tool, {{"x", 3}}), "argument 'x' is odd");
}

}  // namespace
}  // namespace mcp_mqtt
