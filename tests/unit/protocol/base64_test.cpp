#include "protocol/base64.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::protocol {
namespace {

TEST(Base64, Rfc4648Examples) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, EveryByteAndLengthSurvives) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) {
    bytes += static_cast<char>(i * 37);
    const std::string text = base64_encode(bytes);
    EXPECT_EQ(text.size(), (bytes.size() + 2) / 3 * 4);
    ASSERT_EQ(base64_decode(text), bytes) << i;
  }
  EXPECT_EQ(base64_encode("\xfb\xff\xbf"), "+/+/");
}

TEST(Base64, GarbageIsRefused) {
  for (const std::string& text :
       {std::string("Z"), std::string("Zg"), std::string("Zg="), std::string("===="),
        std::string("Zg==Zg=="), std::string("Z=g="), std::string("=Zg="), std::string("Zm9v\n"),
        std::string("Zm9 "), std::string(" m9v"), std::string("Zm9-"), std::string("Zm9_"),
        std::string("A==="), std::string("Zm9\0", 4), std::string("Zm9\xc3")}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace mcp_mqtt::protocol
