#include <gtest/gtest.h>
#include <set>
#include <string>

#include <mcp_mqtt/error.hpp>

namespace mcp_mqtt {
namespace {

TEST(ErrorKindTest, EveryKindHasItsOwnWord) {
  std::set<std::string_view> words;
  const int last = static_cast<int>(ErrorKind::stopped);
  for (int kind = 0; kind <= last; ++kind) words.insert(to_string(static_cast<ErrorKind>(kind)));
  EXPECT_EQ(words.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_FALSE(words.contains("unknown"));
  EXPECT_FALSE(words.contains(""));
}

TEST(ErrorKindTest, AValueOutsideTheEnumIsUnknownAndHarmless) {
  EXPECT_EQ(to_string(static_cast<ErrorKind>(200)), "unknown");
}

TEST(ErrorTest, RpcErrorKeepsCodeMessageAndData) {
  const Error error = rpc_error(error_code::resource_not_found, "no such resource", {{"uri", "a"}});
  EXPECT_EQ(error.kind, ErrorKind::rpc);
  EXPECT_EQ(error.code, -32002);
  EXPECT_EQ(error.message, "no such resource");
  EXPECT_EQ(error.data, (Json{{"uri", "a"}}));
}

TEST(ErrorTest, DataIsNullWhereThereIsNone) {
  EXPECT_TRUE(rpc_error(error_code::internal_error, "broken").data.is_null());
  EXPECT_TRUE(Error{}.data.is_null());
}

TEST(McpErrorTest, CarriesTheErrorAndSaysItsMessage) {
  const McpError thrown(Error{ErrorKind::refused, 0x87, "not authorized", nullptr});
  EXPECT_STREQ(thrown.what(), "not authorized");
  EXPECT_EQ(thrown.kind(), ErrorKind::refused);
  EXPECT_EQ(thrown.code(), 0x87);
  EXPECT_EQ(thrown.error().message, "not authorized");
}

}  // namespace
}  // namespace mcp_mqtt
