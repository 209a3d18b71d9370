#include "ground/utf8.hpp"

#include <gtest/gtest.h>
#include <string>

namespace mcp_mqtt::utf8 {
namespace {

std::string encoded(char32_t value) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (value < 0x80) return {byte(value)};
  if (value < 0x800) return {byte(0xc0 | (value >> 6)), byte(0x80 | (value & 0x3f))};
  if (value < 0x10000) {
    return {byte(0xe0 | (value >> 12)), byte(0x80 | ((value >> 6) & 0x3f)),
            byte(0x80 | (value & 0x3f))};
  }
  return {byte(0xf0 | (value >> 18)), byte(0x80 | ((value >> 12) & 0x3f)),
          byte(0x80 | ((value >> 6) & 0x3f)), byte(0x80 | (value & 0x3f))};
}

TEST(Utf8Test, ReadsEveryCodePointAndRefusesTheSurrogates) {
  for (char32_t value = 0; value <= 0x10ffff; ++value) {
    const std::string text = encoded(value);
    const CodePoint point = code_point_at(text, 0);
    if (value >= 0xd800 && value <= 0xdfff) {
      ASSERT_EQ(point.length, 0U) << std::hex << static_cast<unsigned>(value);
    } else {
      ASSERT_EQ(point.value, value);
      ASSERT_EQ(point.length, text.size()) << std::hex << static_cast<unsigned>(value);
    }
  }
}

TEST(Utf8Test, RefusesWhatIsBeyondUnicode) {
  EXPECT_EQ(first_invalid_byte(encoded(0x110000)), 0U);
  EXPECT_EQ(first_invalid_byte("\xf8\x88\x80\x80\x80"), 0U);
  EXPECT_EQ(first_invalid_byte("\xff"), 0U);
}

TEST(Utf8Test, RefusesOverlongForms) {
  EXPECT_EQ(first_invalid_byte("\xc0\xaf"), 0U);
  EXPECT_EQ(first_invalid_byte("\xc1\xbf"), 0U);
  EXPECT_EQ(first_invalid_byte("\xe0\x9f\xbf"), 0U);
  EXPECT_EQ(first_invalid_byte("\xf0\x8f\xbf\xbf"), 0U);
}

TEST(Utf8Test, RefusesSequencesCutAtAnyByte) {
  for (const char32_t value : {U'ä', U'€', U'𝄞'}) {
    const std::string text = encoded(value);
    for (std::size_t length = 1; length < text.size(); ++length) {
      EXPECT_EQ(first_invalid_byte("ok" + text.substr(0, length)), 2U);
      EXPECT_EQ(first_invalid_byte("ok" + text.substr(0, length) + "x"), 2U);
    }
  }
}

TEST(Utf8Test, RefusesAContinuationByteByItself) { EXPECT_EQ(first_invalid_byte("abc\x80"), 3U); }

TEST(Utf8Test, TakesMixedText) {
  EXPECT_EQ(first_invalid_byte(""), std::nullopt);
  EXPECT_EQ(first_invalid_byte("Grüße, 世界 𝄞"), std::nullopt);
  EXPECT_EQ(first_invalid_byte(std::string("a\0b", 3)), std::nullopt);
}

/// Long texts are looked at in blocks: a fault is found wherever in one it stands.
TEST(Utf8Test, FindsAFaultAnywhereInALongText) {
  for (const std::string letter : {"a", "ä", "世", "𝄞"}) {
    std::string text;
    while (text.size() < 150) text += letter;
    ASSERT_EQ(first_invalid_byte(text), std::nullopt) << letter;
    for (std::size_t at = 0; at < text.size(); at += letter.size()) {
      for (const std::string fault : {"\xff", "\x80", "\xc0\xaf", "\xe4\xb8", "\xed\xa0\x80"}) {
        std::string faulty = text;
        faulty.insert(at, fault);
        ASSERT_EQ(first_invalid_byte(faulty), at) << letter;
      }
    }
    // What the last letter lacks stands behind the end.
    const std::string cut = text.substr(0, text.size() - 1);
    ASSERT_EQ(first_invalid_byte(cut),
              letter.size() == 1 ? std::nullopt : std::optional(text.size() - letter.size()));
  }
}

}  // namespace
}  // namespace mcp_mqtt::utf8
