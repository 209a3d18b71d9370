#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/schema/typed_prompt.hpp>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt {
namespace {

GetPromptResult get(const PromptDefinition& prompt, const Json& arguments = Json::object()) {
  RequestContext context;
  return prompt.handler(arguments, context);
}

/// The text of a result that is one text of the user.
std::string prompted(const PromptDefinition& prompt, const Json& arguments = Json::object()) {
  const GetPromptResult result = get(prompt, arguments);
  if (result.messages.size() != 1 || result.messages[0].role != Role::user) return "(not one)";
  const auto* text = std::get_if<TextContent>(&result.messages[0].content);
  return text != nullptr ? text->text : "(not a text)";
}

std::string prompt_problem(const PromptDefinition& prompt, const Json& arguments) {
  try {
    get(prompt, arguments);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "(accepted)";
}

/// What becomes of a T named `x`, written back as JSON.
template <class T>
PromptDefinition echoing(const Arg& x = arg("x")) {
  return typed_prompt("echo", "", {x}, [](const T& value) { return schema::encode(value).dump(); });
}

template <class T>
std::string echo(const std::string& text) {
  return prompted(echoing<T>(), {{"x", text}});
}

template <class T>
std::string echo_problem(const std::string& text, const Arg& x = arg("x")) {
  return prompt_problem(echoing<T>(x), {{"x", text}});
}

TEST(Prompts, AreDescribedByTheFunction) {
  const auto prompt =
      typed_prompt("water", "Plans a watering",
                   {arg("bed", "Which bed").title("Bed"),
                    arg("litres").range(1, 9).default_value(2), arg("colour"), arg("note")},
                   [](const std::string&, int, garden::Colour, const std::optional<std::string>&) {
                     return "ok";
                   });
  EXPECT_EQ(prompt.prompt.name, "water");
  EXPECT_EQ(prompt.prompt.description, "Plans a watering");
  EXPECT_EQ(prompt.prompt.arguments, (std::vector<PromptArgument>{{"bed", "Bed", "Which bed", true},
                                                                  {"litres", "", "", false},
                                                                  {"colour", "", "", true},
                                                                  {"note", "", "", false}}));
  EXPECT_FALSE(prompt.run_inline);
}

TEST(Prompts, OfferTheChoicesThatTheirTypesHave) {
  const auto prompt = typed_prompt(
      "p", "", {arg("colour"), arg("sure"), arg("size").one_of({"s", "m"}), arg("free"), arg("n")},
      [](std::optional<garden::Colour>, bool, const std::string&, const std::string&, int) {
        return "ok";
      });
  EXPECT_EQ(prompt.choices, (std::map<std::string, std::vector<std::string>>{
                                {"colour", {"red", "green", "crimson"}},
                                {"sure", {"true", "false"}},
                                {"size", {"s", "m"}}}));
}

TEST(Prompts, StringsBecomeWhatTheFunctionTakes) {
  EXPECT_EQ(echo<std::string>("30"), "\"30\"");
  EXPECT_EQ(echo<int>("-30"), "-30");
  EXPECT_EQ(echo<int>("30.0"), "30");
  EXPECT_EQ(echo<int>(" 3e2 "), "300");
  EXPECT_EQ(echo<std::uint64_t>("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(echo<double>("21.5"), "21.5");
  EXPECT_EQ(echo<bool>("true"), "true");
  EXPECT_EQ(echo<bool>("False"), "false");
  EXPECT_EQ(echo<garden::Colour>("green"), "\"green\"");
  EXPECT_EQ(echo<std::vector<int>>("[1, 2]"), "[1,2]");
  EXPECT_EQ((echo<std::map<std::string, bool>>(R"({"a": true})")), R"({"a":true})");
  EXPECT_EQ(echo<garden::Point>(R"({"x": 1, "y": 2})"), R"({"x":1.0,"y":2.0})");
  EXPECT_EQ(echo<Json>(R"({"x": [1]})"), R"({"x":[1]})");
  EXPECT_EQ(echo<Json>("no JSON"), "\"no JSON\"");
  // A caller inside the program need not write strings.
  EXPECT_EQ(prompted(echoing<int>(), {{"x", 5}}), "5");
}

TEST(Prompts, StringsThatAreNoneOfTheType) {
  EXPECT_EQ(echo_problem<int>("thirty"), "argument 'x': \"thirty\" is not an integer");
  EXPECT_EQ(echo_problem<int>(""), "argument 'x': \"\" is not an integer");
  EXPECT_EQ(echo_problem<int>("0x10"), "argument 'x': \"0x10\" is not an integer");
  EXPECT_EQ(echo_problem<int>("\"5\""), "argument 'x': \"\"5\"\" is not an integer");
  EXPECT_EQ(echo_problem<int>("3.5"), "argument 'x': expected an integer, got 3.5");
  EXPECT_EQ(echo_problem<double>("1e999"), "argument 'x': \"1e999\" is not a number");
  EXPECT_EQ(echo_problem<bool>("yes"), "argument 'x': \"yes\" is not a boolean");
  EXPECT_EQ(echo_problem<std::vector<int>>("1, 2"),
            "argument 'x': \"1, 2\" is not an array in JSON");
  EXPECT_EQ(echo_problem<garden::Point>("[1]"), "argument 'x': \"[1]\" is not an object in JSON");
  EXPECT_EQ(echo_problem<std::vector<int>>(std::string(100000, '[')).substr(0, 40),
            "argument 'x': \"" + std::string(25, '['));
  EXPECT_EQ(echo_problem<int>("\xff"), "argument 'x': \"\uFFFD\" is not an integer");
}

TEST(Prompts, ArgumentsAreCheckedLikeThoseOfTools) {
  EXPECT_EQ(echo_problem<int>("11", arg("x").range(0, 10)),
            "argument 'x': 11 is above the maximum 10");
  EXPECT_EQ(echo_problem<garden::Colour>("blue"),
            "argument 'x': \"blue\" is not one of \"red\", \"green\", \"crimson\"");
  EXPECT_EQ(echo_problem<std::vector<int>>(R"([1, "a"])"),
            "argument 'x[1]': expected an integer, got a string");
  EXPECT_EQ(prompt_problem(echoing<int>(), Json::array()),
            "arguments: expected an object, got an array");
  const auto three = typed_prompt("t", "", {arg("a"), arg("b"), arg("c")},
                                  [](int, const std::string&, bool) { return "ok"; });
  EXPECT_EQ(prompt_problem(three, {{"a", "one"}, {"c", "2"}, {"d", "e"}}),
            "argument 'a': \"one\" is not an integer; argument 'c': \"2\" is not a boolean; "
            "argument 'b' is missing; unknown argument 'd' (known: a, b, c)");
  EXPECT_EQ(prompt_problem(three, nullptr),
            "argument 'a' is missing; argument 'b' is missing; argument 'c' is missing");
}

TEST(Prompts, AnEmptyStringForWhatIsOptionalIsNone) {
  EXPECT_EQ(echo<std::optional<int>>(""), "null");
  EXPECT_EQ(echo<std::optional<garden::Colour>>(""), "null");
  EXPECT_EQ(echo<std::optional<std::string>>(""), "\"\"");
  EXPECT_EQ(prompted(echoing<int>(arg("x").default_value(7)), {{"x", ""}}), "7");
  EXPECT_EQ(echo<std::optional<int>>("5"), "5");
  EXPECT_EQ(prompted(echoing<std::optional<int>>()), "null");
}

TEST(Prompts, FunctionsOfOneStructOrNothing) {
  const auto point = typed_prompt(
      "p", "", [](const garden::Point& p) { return std::to_string(static_cast<int>(p.x + p.y)); });
  EXPECT_EQ(point.prompt.arguments.size(), 2U);
  EXPECT_EQ(point.prompt.arguments[0], (PromptArgument{"x", "", "Left to right", true}));
  EXPECT_EQ(prompted(point, {{"x", "1"}, {"y", "2"}}), "3");
  EXPECT_EQ(prompt_problem(point, {{"x", "11"}}),
            "argument 'x': 11 is above the maximum 10; argument 'y' is missing");
  EXPECT_EQ(prompted(typed_prompt("p", "", [] { return "hello"; })), "hello");
  EXPECT_EQ(prompted(typed_prompt("p", "", {}, [] { return "hello"; }), nullptr), "hello");
}

TEST(Prompts, TheContextComesFirstOrLast) {
  const auto first = typed_prompt("p", "", {arg("a")}, [](RequestContext& context, int a) {
    context.seen = a;
    return std::to_string(context.seen);
  });
  const auto last = typed_prompt("p", "", {arg("a")}, [](std::string_view a, RequestContext&) {
    return a;  // looks into the argument
  });
  EXPECT_EQ(prompted(first, {{"a", "4"}}), "4");
  EXPECT_EQ(prompted(last, {{"a", "a text that is too long to be kept in place"}}),
            "a text that is too long to be kept in place");
}

template <class T>
GetPromptResult given(T value) {
  return get(typed_prompt("give", "", [value = std::move(value)] { return value; }));
}

TEST(Prompts, WhatTheFunctionMayReturn) {
  const std::vector<PromptMessage> hello{user_message("hello")};
  EXPECT_EQ(given(std::string("hello")).messages, hello);
  EXPECT_EQ(given("hello").messages, hello);
  EXPECT_EQ(given(std::string_view("hello")).messages, hello);
  EXPECT_EQ(given(static_cast<const char*>(nullptr)).messages,
            std::vector<PromptMessage>{user_message("")});
  EXPECT_EQ(given(TextContent{.text = "hello"}).messages, hello);
  EXPECT_EQ(given(Content(TextContent{.text = "hello"})).messages, hello);
  EXPECT_EQ(given(assistant_message("well")).messages[0].role, Role::assistant);
  EXPECT_EQ(given(std::vector<PromptMessage>{hello[0], assistant_message("well")}).messages.size(),
            2U);
  EXPECT_TRUE(given(std::vector<PromptMessage>()).messages.empty());
  GetPromptResult whole;
  whole.description = "about";
  whole.messages = hello;
  whole.meta = {{"a", 1}};
  EXPECT_EQ(given(whole), whole);
  EXPECT_EQ(given(Result<std::string>(std::string("hello"))).messages, hello);
  EXPECT_THROW(
      given(Result<std::string>(Error{.kind = ErrorKind::busy, .message = "the pump is running"})),
      McpError);
}

TEST(Prompts, TextsAreRepaired) {
  EXPECT_EQ(given("a\xff").messages, std::vector<PromptMessage>{user_message("a\uFFFD")});
  const ImageContent image{.data = "\xff\xd8", .mime_type = "image/png"};
  EXPECT_EQ(given(image).messages[0].content, Content(image));
  GetPromptResult whole;
  whole.description = "\xff";
  whole.meta = {{"a", "\xff"}};
  EXPECT_EQ(given(whole).description, "\uFFFD");
  EXPECT_EQ(given(whole).meta["a"], "\uFFFD");
  EXPECT_EQ(typed_prompt("p", "\xff", [] { return ""; }).prompt.description, "\uFFFD");
}

TEST(Prompts, DefinitionsThatMakeNoSense) {
  EXPECT_EQ(refusal([] { return typed_prompt("", "", [] { return ""; }); }),
            "the name of a prompt is empty");
  EXPECT_EQ(refusal([] { return echoing<std::string>(arg("x").range(0, 1)); }),
            "prompt 'echo': argument 'x': a range is for numbers, but the type is a string");
  const std::vector<Arg> one{arg("a")};
  EXPECT_EQ(refusal([&] { return typed_prompt("p", "", one, [](int, int) { return ""; }); }),
            "prompt 'p': there is 1 arg, but the function takes 2 arguments");
  EXPECT_EQ(refusal([] { return typed_prompt("p", "", std::function<std::string()>()); }),
            "prompt 'p': the function is empty");
  EXPECT_EQ(refusal([] {
              return typed_prompt("p", "", [](const garden::Vine&) { return ""; });
            }).substr(0, 45),
            "prompt 'p': a described struct contains itsel");
}

}  // namespace
}  // namespace mcp_mqtt
