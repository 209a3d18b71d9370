#include "wire/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace mcp_mqtt::wire {
namespace {

using testing::HasSubstr;

std::string refusal_of(std::string_view text, std::size_t max_depth = 64) {
  const auto json = parse_json(text, max_depth);
  if (json) {
    ADD_FAILURE() << "was taken";
    return {};
  }
  EXPECT_EQ(json.error().kind, ErrorKind::rpc);
  EXPECT_EQ(json.error().code, error_code::parse_error);
  return json.error().message;
}

TEST(TextWithinDepthTest, CountsOpenBrackets) {
  EXPECT_TRUE(text_within_depth("1", 0));
  EXPECT_FALSE(text_within_depth("[]", 0));
  EXPECT_TRUE(text_within_depth("[[]]", 2));
  EXPECT_FALSE(text_within_depth("[[]]", 1));
  EXPECT_TRUE(text_within_depth("[{},{},[],[]]", 2));
  EXPECT_FALSE(text_within_depth(R"({"a":{"b":[1]}})", 2));
}

TEST(TextWithinDepthTest, BracketsInStringsDoNotCount) {
  EXPECT_TRUE(text_within_depth(R"(["[[[[{{{{"])", 1));
  EXPECT_TRUE(text_within_depth(R"(["\"[[[[\\"])", 1));
  EXPECT_FALSE(text_within_depth(R"(["\\",[[]]])", 2));
  EXPECT_TRUE(text_within_depth("\"never closed [[[[", 0));
  EXPECT_TRUE(text_within_depth("\"\\", 0));
}

TEST(TextWithinDepthTest, SurplusClosingBracketsGainNothing) {
  EXPECT_FALSE(text_within_depth("]]]][[[", 2));
}

TEST(ParseJsonTest, ReadsJson) {
  EXPECT_EQ(parse_json(R"({"a":[1,"ä\u00e4"]})", 64).value(), (Json{{"a", {1, "ää"}}}));
  EXPECT_EQ(parse_json("null", 64).value(), Json(nullptr));
}

TEST(ParseJsonTest, DropsTheNulBytesThatEndAStringInC) {
  EXPECT_EQ(parse_json(std::string_view("[1]\0\0", 5), 64).value(), Json::array({1}));
  EXPECT_THAT(refusal_of(std::string_view("[1]\0[2]", 7)), HasSubstr("NUL character at byte 3"));
  EXPECT_THAT(refusal_of(std::string_view("\0", 1)), HasSubstr("empty"));
}

TEST(ParseJsonTest, SaysWhereTheFaultIs) {
  EXPECT_THAT(refusal_of(""), HasSubstr("empty"));
  EXPECT_THAT(refusal_of("[1,]"), HasSubstr("not valid JSON at byte 3"));
  EXPECT_THAT(refusal_of("[1"), HasSubstr("not valid JSON at byte 2"));
  EXPECT_THAT(refusal_of("[1]]"), HasSubstr("not valid JSON at byte 3"));
  EXPECT_THAT(refusal_of("[\"a\xff\"]"), HasSubstr("not valid UTF-8 at byte 3"));
  EXPECT_THAT(refusal_of("[1e999]"), HasSubstr("a number beyond a double"));
  EXPECT_THAT(refusal_of("[NaN]"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal_of("[\"\\ud800\"]"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal_of("[1] // comment"), HasSubstr("not valid JSON"));
}

TEST(ParseJsonTest, DepthIsCheckedBeforeParsing) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_THAT(refusal_of(deep), HasSubstr("nests deeper than 64 levels"));
  EXPECT_TRUE(parse_json("[[1]]", 2));
  EXPECT_THAT(refusal_of("[[1]]", 1), HasSubstr("nests deeper than 1 levels"));
}

TEST(ParseJsonTest, HugeNumbersAreHarmless) {
  EXPECT_THAT(refusal_of(std::string(1'000'000, '9')), HasSubstr("a number beyond a double"));
  const auto tiny = parse_json("0." + std::string(1'000'000, '0') + "1", 64);
  ASSERT_TRUE(tiny);
  EXPECT_EQ(tiny->get<double>(), 0.0);
  const auto precise = parse_json("0." + std::string(1'000'000, '3'), 64);
  ASSERT_TRUE(precise);
  EXPECT_NEAR(precise->get<double>(), 1.0 / 3, 1e-12);
}

TEST(ParseJsonTest, OfEqualKeysTheLastCounts) {
  EXPECT_EQ(parse_json(R"({"a":1,"a":2})", 64).value(), (Json{{"a", 2}}));
}

}  // namespace
}  // namespace mcp_mqtt::wire
