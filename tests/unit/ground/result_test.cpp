#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <type_traits>

#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {
namespace {

Error timed_out() { return Error{ErrorKind::timeout, 0, "no answer in 30 s", nullptr}; }

TEST(ResultTest, HoldsAValue) {
  Result<std::string> result = std::string("volume is 30");
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(result.value(), "volume is 30");
  EXPECT_EQ(*result, "volume is 30");
  EXPECT_EQ(result->size(), 12U);
}

TEST(ResultTest, HoldsAnError) {
  const Result<std::string> result = timed_out();
  ASSERT_FALSE(result.has_value());
  EXPECT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(result.error().kind, ErrorKind::timeout);
  EXPECT_EQ(result.error().message, "no answer in 30 s");
}

TEST(ResultTest, ValueThrowsTheErrorItHolds) {
  const Result<int> result = timed_out();
  try {
    static_cast<void>(result.value());
    FAIL() << "value() of an error returned";
  } catch (const McpError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::timeout);
    EXPECT_STREQ(error.what(), "no answer in 30 s");
  }
}

TEST(ResultTest, MovesAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);

  Result<std::unique_ptr<int>> other = std::make_unique<int>(8);
  EXPECT_EQ(*std::move(other).value(), 8);
}

TEST(ResultTest, MovesTheErrorOut) {
  Result<int> result = timed_out();
  const Error taken = std::move(result).error();
  EXPECT_EQ(taken.message, "no answer in 30 s");
}

TEST(ResultTest, AnErrorInsideAResultOfErrorLikeTypesStaysApart) {
  const Result<Json> null_value = Json(nullptr);
  EXPECT_TRUE(null_value.has_value());
  EXPECT_TRUE(null_value->is_null());
}

TEST(ResultTest, VoidIsSuccessUnlessAnErrorIsGiven) {
  const Result<void> success;
  EXPECT_TRUE(success.has_value());
  EXPECT_NO_THROW(success.value());

  const Result<void> failure = timed_out();
  EXPECT_FALSE(static_cast<bool>(failure));
  EXPECT_EQ(failure.error().kind, ErrorKind::timeout);
  EXPECT_THROW(failure.value(), McpError);
}

TEST(ResultTest, ConversionToBoolIsExplicit) {
  static_assert(!std::is_convertible_v<Result<int>, bool>);
  static_assert(!std::is_convertible_v<Result<void>, bool>);
  static_assert(std::is_same_v<Result<std::string>::value_type, std::string>);
}

}  // namespace
}  // namespace mcp_mqtt
