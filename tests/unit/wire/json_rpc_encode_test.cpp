#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>

#include <mcp_mqtt/wire/json_rpc.hpp>

namespace mcp_mqtt::wire {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Json written(const RpcMessage& message) { return Json::parse(encode(message, {}).value()); }

Error refusal(const Result<std::string>& result) {
  if (result) {
    ADD_FAILURE() << "was written: " << result->substr(0, 200);
    return {};
  }
  return result.error();
}

Json nested(std::size_t levels) {
  Json json = 1;
  for (std::size_t i = 0; i < levels; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(json));
    json = std::move(outer);
  }
  return json;
}

TEST(EncodeTest, WritesEachKind) {
  EXPECT_EQ(written(Request{std::int64_t{1}, "tools/call", {{"name", "a"}}}),
            Json::parse(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}})"));
  EXPECT_EQ(written(Notification{"notifications/initialized", Json::object()}),
            Json::parse(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"));
  EXPECT_EQ(written(Notification{"notifications/x", {{"a", 1}}}),
            Json::parse(R"({"jsonrpc":"2.0","method":"notifications/x","params":{"a":1}})"));
  EXPECT_EQ(written(Response{"init_1", {{"ok", true}}}),
            Json::parse(R"({"jsonrpc":"2.0","id":"init_1","result":{"ok":true}})"));
  EXPECT_EQ(
      written(ErrorResponse{std::int64_t{2}, rpc_error(-32002, "gone", {{"uri", "x"}})}),
      Json::parse(
          R"({"jsonrpc":"2.0","id":2,"error":{"code":-32002,"message":"gone","data":{"uri":"x"}}})"));
}

TEST(EncodeTest, RequestsAlwaysHaveParams) {
  const Json expected = Json::parse(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{}})");
  EXPECT_EQ(written(Request{std::int64_t{1}, "ping", Json::object()}), expected);
  EXPECT_EQ(written(Request{std::int64_t{1}, "ping", nullptr}), expected);
}

TEST(EncodeTest, AnErrorWithoutIdHasANullIdAndNullDataIsLeftOut) {
  EXPECT_EQ(
      written(ErrorResponse{std::nullopt, rpc_error(-32700, "not JSON")}),
      Json::parse(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not JSON"}})"));
}

TEST(EncodeTest, ResultsMayBeAnything) {
  EXPECT_TRUE(written(Response{std::int64_t{1}, nullptr}).at("result").is_null());
  EXPECT_EQ(written(Response{std::int64_t{1}, "text"}).at("result"), "text");
  EXPECT_TRUE(written(Response{std::int64_t{1}, std::nan("")}).at("result").is_null());
}

TEST(EncodeTest, TextIsEscaped) {
  const std::string text = std::string("quote\" slash\\ line\n nul\0 ü 𝄞", 32);
  EXPECT_EQ(written(Request{text, text, {{text, text}}}),
            (Json{{"jsonrpc", "2.0"}, {"id", text}, {"method", text}, {"params", {{text, text}}}}));
  EXPECT_EQ(written(ErrorResponse{text, rpc_error(1, text, text)}).at("error").at("message"), text);
}

TEST(EncodeTest, IdsKeepTypeAndValue) {
  EXPECT_EQ(written(Response{std::numeric_limits<std::int64_t>::min(), 0}).at("id"),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(written(Response{"7", 0}).at("id"), "7");
}

TEST(EncodeTest, ParamsThatAreNoObjectAreNamed) {
  const Error error = refusal(encode(Request{std::int64_t{1}, "tools/list", Json::array()}, {}));
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_THAT(error.message, AllOf(HasSubstr("tools/list"), HasSubstr("params")));
  EXPECT_FALSE(encode(Notification{"n", 3}, {}));
  EXPECT_FALSE(encode(Notification{"n", Json::array()}, {}));
}

TEST(EncodeTest, BadTextIsFoundAndItsPlaceNamed) {
  const std::string bad = "caf\xe9";
  const Error result = refusal(
      encode(Response{std::int64_t{5}, {{"content", {{{"text", "ok"}}, {{"text", bad}}}}}}, {}));
  EXPECT_EQ(result.kind, ErrorKind::invalid_argument);
  EXPECT_THAT(result.message,
              AllOf(HasSubstr("response to request 5"), HasSubstr("not valid UTF-8"),
                    HasSubstr("\"/content/1/text\"")));
  EXPECT_THAT(
      refusal(encode(Request{std::int64_t{1}, "m", {{"a/b~", {{bad, 1}}}}}, {})).message,
      AllOf(HasSubstr("request m"), HasSubstr("\"params\""), HasSubstr("/a~1b~0/caf\\xe9")));
  EXPECT_THAT(refusal(encode(Response{bad, 1}, {})).message, HasSubstr("\"id\""));
  EXPECT_THAT(refusal(encode(Notification{bad, Json::object()}, {})).message,
              AllOf(HasSubstr("\"method\""), HasSubstr("at byte 3")));
  const Error message = refusal(encode(ErrorResponse{"q", rpc_error(1, bad)}, {}));
  EXPECT_THAT(message.message,
              AllOf(HasSubstr("error response to request \"q\""), HasSubstr("\"message\"")));
  EXPECT_THAT(refusal(encode(ErrorResponse{std::nullopt, rpc_error(1, "m", bad)}, {})).message,
              AllOf(HasSubstr("without id"), HasSubstr("\"data\"")));
}

TEST(EncodeTest, AValueOfAFailedParseIsRefused) {
  const Json discarded = Json::parse("{", nullptr, false);
  ASSERT_TRUE(discarded.is_discarded());
  EXPECT_EQ(refusal(encode(Response{std::int64_t{1}, discarded}, {})).kind,
            ErrorKind::invalid_argument);
}

TEST(EncodeTest, SizeIsLimitedToTheByte) {
  const RpcMessage message = Response{std::int64_t{1}, std::string(1'000, 'x')};
  MessageLimits limits;
  limits.max_bytes = encode(message, {})->size();
  EXPECT_TRUE(encode(message, limits));
  --limits.max_bytes;
  const Error error = refusal(encode(message, limits));
  EXPECT_EQ(error.kind, ErrorKind::too_large);
  EXPECT_THAT(error.message, HasSubstr("the limit is " + std::to_string(limits.max_bytes)));
}

TEST(EncodeTest, WhatIsTooDeepToWriteIsRefusedNotWritten) {
  const Error error = refusal(encode(Response{std::int64_t{1}, nested(300'000)}, {}));
  EXPECT_EQ(error.kind, ErrorKind::too_large);
  EXPECT_THAT(error.message, AllOf(HasSubstr("response to request 1"), HasSubstr("result")));
  EXPECT_EQ(
      refusal(encode(ErrorResponse{std::nullopt, rpc_error(1, "m", nested(300'000))}, {})).kind,
      ErrorKind::too_large);
}

TEST(EncodeTest, DepthIsThatOfDecode) {
  for (std::size_t max_depth = 0; max_depth < 6; ++max_depth) {
    MessageLimits limits;
    limits.max_depth = max_depth;
    for (std::size_t levels = 0; levels < 8; ++levels) {
      for (const RpcMessage& message :
           {RpcMessage(Response{std::int64_t{1}, nested(levels)}),
            RpcMessage(ErrorResponse{std::int64_t{1}, rpc_error(1, "m", nested(levels))}),
            RpcMessage(Request{std::int64_t{1}, "m", {{"a", nested(levels)}}})}) {
        const std::string text = encode(message, {}).value();
        const bool readable =
            std::holds_alternative<RpcMessage>(decode(text, limits).messages.at(0));
        ASSERT_EQ(encode(message, limits).has_value(), readable) << text << " within " << max_depth;
        const std::string batch = encode_batch({message}, {}).value();
        ASSERT_EQ(encode_batch({message}, limits).has_value(), decode(batch, limits).batch)
            << batch;
      }
    }
  }
}

TEST(EncodeBatchTest, WritesAnArray) {
  const auto text = encode_batch(
      {Response{std::int64_t{1}, Json::object()}, ErrorResponse{"a", rpc_error(-32601, "no")}}, {});
  EXPECT_EQ(
      Json::parse(text.value()),
      Json::parse(
          R"([{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":"a","error":{"code":-32601,"message":"no"}}])"));
}

TEST(EncodeBatchTest, HasLimits) {
  EXPECT_EQ(refusal(encode_batch({}, {})).kind, ErrorKind::invalid_argument);
  const std::vector<RpcMessage> many(101, Response{std::int64_t{1}, 0});
  EXPECT_EQ(refusal(encode_batch(many, {})).kind, ErrorKind::too_large);
  const std::vector<RpcMessage> two(2, Response{std::int64_t{1}, 0});
  MessageLimits limits;
  limits.max_bytes = encode_batch(two, {})->size();
  EXPECT_TRUE(encode_batch(two, limits));
  --limits.max_bytes;
  EXPECT_EQ(refusal(encode_batch(two, limits)).kind, ErrorKind::too_large);
  EXPECT_EQ(refusal(encode_batch({Response{std::int64_t{1}, "\xff"}}, {})).kind,
            ErrorKind::invalid_argument);
}

TEST(WithinDepthTest, CountsContainers) {
  EXPECT_TRUE(within_depth(1, 0));
  EXPECT_FALSE(within_depth(Json::array(), 0));
  EXPECT_TRUE(within_depth(Json::object(), 1));
  EXPECT_TRUE(within_depth(nested(64), 64));
  EXPECT_FALSE(within_depth(nested(65), 64));
  EXPECT_TRUE(within_depth(Json::parse(R"([[1],[2],{"a":[]}])"), 3));
  EXPECT_FALSE(within_depth(Json::parse(R"([[1],[2],{"a":[]}])"), 2));
}

TEST(WithinDepthTest, IsSafeOnAnyNumberOfLevels) {
  EXPECT_FALSE(within_depth(nested(500'000), 64));
}

}  // namespace
}  // namespace mcp_mqtt::wire
