#include "ground/mqtt_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace mcp_mqtt {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(MqttTextTest, TakesTextOfAnyLanguage) {
  EXPECT_EQ(mqtt_text_fault(""), std::nullopt);
  EXPECT_EQ(mqtt_text_fault("ESP32 Demo Server"), std::nullopt);
  EXPECT_EQ(mqtt_text_fault("Küche/温度 𝄞"), std::nullopt);
  EXPECT_EQ(mqtt_text_fault("\xc2\xa0"), std::nullopt);      // U+00A0, behind the controls
  EXPECT_EQ(mqtt_text_fault("\xef\xbf\xbd"), std::nullopt);  // U+FFFD, before a noncharacter
  EXPECT_EQ(mqtt_text_fault("\xef\xbb\xbf"
                            "a"),
            std::nullopt);  // a byte order mark is a character
}

TEST(MqttTextTest, NamesTheControlCharacterAndItsPlace) {
  EXPECT_THAT(mqtt_text_fault("ab\ncd"),
              Optional(std::string("holds the control character U+000A at byte 2")));
  EXPECT_THAT(mqtt_text_fault(std::string("a\0", 2)), Optional(HasSubstr("U+0000 at byte 1")));
  EXPECT_THAT(mqtt_text_fault("\x7f"), Optional(HasSubstr("U+007F")));
  EXPECT_THAT(mqtt_text_fault("\xc2\x80"), Optional(HasSubstr("U+0080")));
  EXPECT_THAT(mqtt_text_fault("\xc2\x9f"), Optional(HasSubstr("U+009F")));
}

TEST(MqttTextTest, RefusesNoncharacters) {
  EXPECT_THAT(mqtt_text_fault("\xef\xb7\x90"), Optional(HasSubstr("noncharacter U+FDD0")));
  EXPECT_THAT(mqtt_text_fault("\xef\xbf\xbe"), Optional(HasSubstr("noncharacter U+FFFE")));
  EXPECT_THAT(mqtt_text_fault("\xf0\x9f\xbf\xbf"), Optional(HasSubstr("noncharacter U+1FFFF")));
}

TEST(MqttTextTest, RefusesBytesThatAreNotUtf8) {
  EXPECT_THAT(mqtt_text_fault("abc\xff"), Optional(std::string("is not valid UTF-8 at byte 3")));
}

TEST(MqttTextTest, LengthEndsAt65535Bytes) {
  EXPECT_EQ(mqtt_text_fault(std::string(65'535, 'a')), std::nullopt);
  EXPECT_THAT(mqtt_text_fault(std::string(65'536, 'a')), Optional(HasSubstr("65536 bytes long")));
}

}  // namespace
}  // namespace mcp_mqtt
