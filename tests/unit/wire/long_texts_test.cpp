#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "ground/utf8.hpp"
#include "wire/json_text.hpp"
#include "wire/json_write.hpp"

// Messages of kilobytes and more, most of them text: read and refused, with the same words, and
// written as the JSON library does it by itself.
namespace mcp_mqtt::wire {
namespace {

using testing::HasSubstr;

constexpr std::size_t deep_enough = 64;
constexpr std::size_t long_size = 256;

/// What the library says by itself: the value as text, or the fault in our words.
std::string plainly_parsed(const std::string& text) {
  try {
    return Json::parse(text).dump();
  } catch (const Json::parse_error& fault) {
    if (text.empty()) return "the message is empty";
    if (const auto at = utf8::first_invalid_byte(text)) {
      return "not valid UTF-8 at byte " + std::to_string(*at);
    }
    const std::size_t position = fault.byte > 0 ? fault.byte - 1 : 0;
    return "not valid JSON at byte " + std::to_string(std::min(position, text.size()));
  } catch (const Json::out_of_range&) {
    return "a number beyond a double";
  }
}

std::string parsed(const std::string& text) {
  const auto json = parse_json(text, deep_enough);
  if (json) return json->dump();
  const std::string& message = json.error().message;
  return message.starts_with("a number beyond a double") ? "a number beyond a double" : message;
}

std::string long_text(std::size_t size = 2 * long_size) { return std::string(size, 'x'); }

/// Texts of JSON with long strings, most of them valid.
class LongTextWorld {
 public:
  explicit LongTextWorld(unsigned seed) : random_(seed) {}

  std::string json(int levels = 3) {
    switch (below(levels > 0 ? 5 : 3)) {
      case 0:
        return pick({"1", "-0.5e3", "true", "null", "\"\"", "\"short \\u00e4\"", "[]", "{}"});
      case 1:
      case 2:
        return literal();
      case 3:
        return series('[', ']', [&] { return json(levels - 1); });
      default:
        return series('{', '}', [&] {
          return (below(3) == 0 ? literal() : "\"k" + std::to_string(below(3)) + '"') + ':' +
                 json(levels - 1);
        });
    }
  }

  void spoil(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text.erase(at, 1 + below(4));
        break;
      default:
        text.insert(at, pick({"\"",
                              "\\",
                              "{",
                              "]",
                              ",",
                              ":",
                              "\\u",
                              "\\ud83d",
                              "\\u12g4",
                              "\\x",
                              "\n",
                              "\x01",
                              "\x7f",
                              "\xff",
                              "\xc3",
                              "\xed\xa0\x80",
                              "1e999",
                              "\"\"",
                              "\\\"",
                              "\xef\xbb\xbf",
                              "\xf4\x90\x80\x80"}));
    }
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  std::string literal() {
    std::string text = "\"";
    for (std::size_t pieces = below(12); pieces > 0; --pieces) {
      text += pick({"plain and simple ", "Grüße ", "世界", "𝄞", "\\n", "\\\"", "\\\\", "\\/",
                    "\\u00E4", "\\ud834\\uDD1E", "\\u0000", "\\b\\f\\r\\t", "[[{{", "\x7f"});
      text.append(below(2) * below(200), static_cast<char>('a' + below(26)));
    }
    return text + '"';
  }

  template <class Make>
  std::string series(char open, char close, Make make) {
    std::string text(1, open);
    const std::size_t count = below(4);
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + make();
    return text + close;
  }

  std::string pick(std::initializer_list<const char*> from) {
    return *(from.begin() + below(from.size()));
  }

  std::mt19937 random_;
};

TEST(LongTextsTest, ReadAsTheLibraryReads) {
  int valid = 0;
  int around = 0;
  for (unsigned seed = 1; seed <= 20'000; ++seed) {
    LongTextWorld world(seed);
    std::string text = world.json();
    if (seed % 3 == 0) world.spoil(text);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text);
    const std::string expected = plainly_parsed(text);
    ASSERT_EQ(parsed(text), expected);
    valid += Json::accept(text);
    around += text.size() > long_size;
  }
  // Otherwise the world is too small for what is tried.
  EXPECT_GT(valid, 12'000);
  EXPECT_LT(valid, 19'000);
  EXPECT_GT(around, 5'000);
}

TEST(LongTextsTest, WrittenAsTheLibraryWrites) {
  int written = 0;
  for (unsigned seed = 1; seed <= 5'000; ++seed) {
    LongTextWorld world(seed);
    const Json value = Json::parse(world.json(), nullptr, false);
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::string text = "before ";
    ASSERT_TRUE(write_json(value, deep_enough, text));
    ASSERT_EQ(text, "before " + value.dump());
    written += text.size() > long_size;
  }
  EXPECT_GT(written, 1'000);
}

TEST(LongTextsTest, EachByteIsWrittenAndReadAnywhere) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (const std::size_t before : {0U, 1U, 7U, 8U, 9U, 31U, 300U}) {
      const Json text = std::string(before, 'a') + static_cast<char>(byte) + std::string(40, 'b');
      std::string literal;
      ASSERT_TRUE(write_json(text, deep_enough, literal));
      ASSERT_EQ(literal, text.dump()) << byte;
      ASSERT_EQ(parse_json(literal, deep_enough).value(), text) << byte;
    }
  }
}

TEST(LongTextsTest, TakeNoLiteralThatTheLibraryRefuses) {
  const std::vector<std::string> faults = {
      "\\",           "\\u",        "\\u123",         "\\ud800",
      "\\ud800x",     "\\ud800\\n", "\\ud800\\ud800", "\\udc00",
      "\\ud800\\u00", "\\uD8zz",    "\\ud83d\\u",     "\\q",
      "\\U0041",      "\\0",        "\x1f",           "\xff",
      "\xc0\xaf"};
  for (const std::string& fault : faults) {
    for (const std::string& body :
         {fault, fault + long_text(), long_text() + fault, long_text() + fault + long_text()}) {
      EXPECT_FALSE(Json::accept('"' + body + '"')) << body;
      EXPECT_FALSE(parse_json("[\"" + body + "\"]", deep_enough)) << body;
    }
  }
}

TEST(LongTextsTest, AKeyMayBeLongAndGivenTwice) {
  const std::string key = long_text();
  const auto json = parse_json(R"({")" + key + R"(":1,"a":")" + long_text(5'000) + R"(",")" + key +
                                   R"(":[2,")" + key + R"("]})",
                               deep_enough);
  ASSERT_TRUE(json);
  EXPECT_EQ(*json, (Json{{key, {2, key}}, {"a", long_text(5'000)}}));
}

TEST(LongTextsTest, FaultsAreSaidAsInShortTexts) {
  const auto refusal = [](const std::string& text) {
    const auto json = parse_json(text, deep_enough);
    return json ? "was taken" : json.error().message;
  };
  const std::string text = "\"" + long_text(10'000) + "\"";
  EXPECT_EQ(refusal("[" + text + ",]"), "not valid JSON at byte 10004");
  EXPECT_EQ(refusal("[" + text + "\xff]"), "not valid UTF-8 at byte 10003");
  EXPECT_EQ(refusal("[" + text), "not valid JSON at byte 10003");
  EXPECT_EQ(refusal(std::string("[") + '\0' + text + "]"), "a NUL character at byte 1");
  EXPECT_EQ(refusal("[\"" + long_text() + '\0' + long_text() + "\"]"),
            "a NUL character at byte " + std::to_string(2 + long_text().size()));
  EXPECT_EQ(refusal(std::string(65, '[') + text + std::string(65, ']')),
            "nests deeper than 64 levels");
  EXPECT_THAT(refusal("[" + text + ",1e999]"), HasSubstr("a number beyond a double"));
}

TEST(LongTextsTest, WhatIsNoUtf8IsSaidWithItsPlace) {
  const Json result{{"content", {{{"text", long_text() + "\xff" + long_text()}}}}};
  const auto text = encode(Response{RequestId(std::int64_t{1}), result}, {});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message, HasSubstr("\"/content/0/text\""));
  Json key{{"long", long_text()}, {"bad\xc3key", 1}};
  const auto other = encode(Response{RequestId(std::int64_t{1}), key}, {});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("/bad"));
}

TEST(LongTextsTest, ManyLongTextsFindTheirPlaces) {
  Json array = Json::array();
  for (int i = 0; i < 1'000; ++i) {
    array.push_back(
        {{"short", i}, {"long", std::string(200 + i, static_cast<char>('a' + i % 26))}});
  }
  std::string text;
  ASSERT_TRUE(write_json(array, deep_enough, text));
  EXPECT_EQ(text, array.dump());
  EXPECT_EQ(parse_json(text, deep_enough).value(), array);
}

}  // namespace
}  // namespace mcp_mqtt::wire
