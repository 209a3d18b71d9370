#include "ground/plain_text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace mcp_mqtt::plain_text {
namespace {

/// Every byte at every place of a text that is longer than what is looked at in one go.
template <class Skip, class Plain>
void check(Skip skip, Plain plain) {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(skip(text, 0), plain(byte) ? size : at) << size << " " << at << " " << byte;
        ASSERT_EQ(skip(text, at), plain(byte) ? size : at) << size << " " << at << " " << byte;
      }
    }
    ASSERT_EQ(skip(std::string(size, 'a'), size), size);
  }
  ASSERT_EQ(skip(std::string_view(), 0), 0U);
}

TEST(PlainTextTest, SkipsAscii) {
  check(skip_ascii, [](int byte) { return byte < 0x80; });
}
TEST(PlainTextTest, SkipsWhatIsPrintable) {
  check(skip_printable, [](int byte) { return byte >= 0x20 && byte < 0x7f; });
}
TEST(PlainTextTest, SkipsWhatStandsForItselfInJson) {
  check(skip_json_text,
        [](int byte) { return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\'; });
}

}  // namespace
}  // namespace mcp_mqtt::plain_text
