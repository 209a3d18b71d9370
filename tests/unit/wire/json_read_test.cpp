#include "wire/json_read.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace mcp_mqtt::wire {
namespace {

Json by_library(std::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

bool same_type(const Json& a, const Json& b) {
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (!a.is_structured()) return true;
  return std::equal(a.begin(), a.end(), b.begin(), same_type);
}

const std::vector<std::string>& valid_texts() {
  static const std::vector<std::string> texts{
      "null",
      "true",
      " false ",
      "0",
      "-0",
      "-1",
      "7",
      "10",
      "18446744073709551615",
      "-9223372036854775808",
      "0.5",
      "-0.0",
      "1e5",
      "1E+5",
      "1.25e-3",
      "123456789.123456789",
      R"("")",
      R"("a")",
      R"("12345678")",
      R"("1234567\n")",
      R"("\"\\\/\b\f\n\r\t")",
      R"("\u0041\u00e4\u20ac\ud83d\ude00\u0000")",
      R"("ä€😀")",
      R"("1234567ä1234567€\\")",
      "\"\x7f\"",
      "[]",
      "[ ]",
      "{}",
      "{ }",
      "[1,2 , 3]",
      "[[],[[]],{}]",
      R"({"a":1,"b":{"c":[true,false,null]},"":""})",
      R"({"a":1,"a":{"b":2},"a":[3]})",
      "\t\r\n {\t\"a\"\r:\n1 } ",
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x","arguments":{}}})",
      R"(["a long text without anything to escape in it, beyond what a string holds inside"])",
      R"(["a long text with \"something\" to escape in it\n, and a backslash at its end\\","b"])",
  };
  return texts;
}

TEST(ReadJsonTest, ReadsWhatTheLibraryReads) {
  for (const std::string& text : valid_texts()) {
    const auto json = read_json(text, 64);
    ASSERT_TRUE(json) << text;
    EXPECT_EQ(*json, by_library(text)) << text;
    EXPECT_TRUE(same_type(*json, by_library(text))) << text;
  }
}

TEST(ReadJsonTest, LeavesOutWhatIsNoJson) {
  for (const std::string text : {"",
                                 " ",
                                 "nul",
                                 "nulll",
                                 "tru",
                                 "True",
                                 "01",
                                 "-",
                                 "-a",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "1.e5",
                                 "1e",
                                 "1e+",
                                 "0x10",
                                 "1 2",
                                 "[1,]",
                                 "[,1]",
                                 "[1",
                                 "[1}",
                                 "{",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{1:2}",
                                 "{\"a\" 1}",
                                 "\"",
                                 "\"a",
                                 "\"\\\"",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\\u12g4\"",
                                 "\"\\u-123\"",
                                 "\"\\ud800\"",
                                 "\"\\ud800\\u0041\"",
                                 "\"\\udc00\"",
                                 "\"\\ud800\\",
                                 "\"a\nb\"",
                                 "\"\t\"",
                                 "\"\x80\"",
                                 "\"\xc3\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\xc0\xaf\"",
                                 "'a'",
                                 "NaN",
                                 "Infinity",
                                 "1e999",
                                 "[1]]",
                                 "// 1"}) {
    EXPECT_FALSE(read_json(text, 64)) << text;
  }
  EXPECT_FALSE(read_json(std::string_view("\"a\0b\"", 5), 64));
  EXPECT_FALSE(read_json(std::string_view("1\0", 2), 64));
}

TEST(ReadJsonTest, CountsLevels) {
  EXPECT_TRUE(read_json("1", 0));
  EXPECT_FALSE(read_json("[]", 0));
  EXPECT_TRUE(read_json(R"([[{},{}],[]])", 3));
  EXPECT_FALSE(read_json(R"([[{},{}],[]])", 2));
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(read_json(deep, static_cast<std::size_t>(-1)));
}

/// What it takes, the library takes too, and reads the same.
TEST(ReadJsonTest, TakesNothingThatTheLibraryRefuses) {
  std::mt19937 random(20261121);
  const std::string bytes =
      "{}[]:,\"\\/ \nnulltruefalse0123456789+-.eEu00d8dc\x00\x1f\x7f\xc3\xa4\xff";
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  int taken = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = valid_texts()[below(valid_texts().size())];
    for (std::size_t changes = below(3) + 1; changes > 0; --changes) {
      const std::size_t at = below(text.size() + 1);
      switch (below(3)) {
        case 0:
          text.insert(at, 1, bytes[below(bytes.size())]);
          break;
        case 1:
          if (at < text.size()) text[at] = bytes[below(bytes.size())];
          break;
        default:
          text.erase(at, below(3));
      }
    }
    const auto json = read_json(text, 64);
    if (!json) continue;
    ++taken;
    const Json other = by_library(text);
    ASSERT_FALSE(other.is_discarded()) << text;
    ASSERT_EQ(*json, other) << text;
    ASSERT_TRUE(same_type(*json, other)) << text;
  }
  EXPECT_GT(taken, 5'000);
}

}  // namespace
}  // namespace mcp_mqtt::wire
