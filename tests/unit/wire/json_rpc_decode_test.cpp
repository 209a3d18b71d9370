#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>

#include <mcp_mqtt/wire/json_rpc.hpp>

namespace mcp_mqtt::wire {
namespace {

using testing::HasSubstr;

template <class Kind>
Kind read(std::string_view text) {
  Decoded decoded = decode(text, {});
  EXPECT_FALSE(decoded.batch);
  EXPECT_EQ(decoded.messages.size(), 1U);
  if (const auto* rejected = std::get_if<Rejected>(&decoded.messages.at(0))) {
    ADD_FAILURE() << text << ": " << rejected->error.message;
    return {};
  }
  auto& message = std::get<RpcMessage>(decoded.messages.at(0));
  if (!std::holds_alternative<Kind>(message)) {
    ADD_FAILURE() << text << " is a message of kind " << message.index();
    return {};
  }
  return std::get<Kind>(std::move(message));
}

Rejected refused(std::string_view text, const MessageLimits& limits = {}) {
  Decoded decoded = decode(text, limits);
  EXPECT_FALSE(decoded.batch);
  EXPECT_EQ(decoded.messages.size(), 1U);
  if (!std::holds_alternative<Rejected>(decoded.messages.at(0))) {
    ADD_FAILURE() << text.substr(0, 200) << " was taken";
    return {};
  }
  auto rejected = std::get<Rejected>(std::move(decoded.messages.at(0)));
  EXPECT_EQ(rejected.error.kind, ErrorKind::rpc);
  return rejected;
}

/// Refused as JSON that is no message, and for this reason.
Rejected invalid(std::string_view text, const std::string& reason) {
  Rejected rejected = refused(text);
  EXPECT_EQ(rejected.error.code, error_code::invalid_request) << text;
  EXPECT_THAT(rejected.error.message, HasSubstr(reason)) << text;
  return rejected;
}

TEST(DecodeTest, ReadsARequest) {
  const auto request = read<Request>(
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"set_volume"}})");
  EXPECT_EQ(request.id, RequestId(std::int64_t{7}));
  EXPECT_EQ(request.method, "tools/call");
  EXPECT_EQ(request.params, (Json{{"name", "set_volume"}}));
}

TEST(DecodeTest, MissingAndNullParamsReadAsEmpty) {
  for (const char* text : {R"({"jsonrpc":"2.0","id":1,"method":"ping"})",
                           R"({"jsonrpc":"2.0","id":1,"method":"ping","params":null})",
                           R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{}})"}) {
    EXPECT_EQ(read<Request>(text).params, Json::object()) << text;
  }
  const auto notification = read<Notification>(
      R"({"jsonrpc":"2.0","method":"notifications/disconnected","params":null})");
  EXPECT_EQ(notification.params, Json::object());
}

TEST(DecodeTest, ReadsANotification) {
  const auto notification = read<Notification>(
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":0.5}})");
  EXPECT_EQ(notification.method, "notifications/progress");
  EXPECT_EQ(notification.params.at("progress"), 0.5);
}

TEST(DecodeTest, ReadsAResponseWithAnyResult) {
  EXPECT_EQ(read<Response>(R"({"jsonrpc":"2.0","id":"init_1","result":{"a":1}})").id,
            RequestId("init_1"));
  EXPECT_EQ(read<Response>(R"({"jsonrpc":"2.0","id":1,"result":{"pong":true}})").result,
            (Json{{"pong", true}}));
  EXPECT_TRUE(read<Response>(R"({"jsonrpc":"2.0","id":1,"result":null})").result.is_null());
}

TEST(DecodeTest, ReadsAnErrorResponse) {
  const auto response = read<ErrorResponse>(
      R"({"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"unsupported","data":{"supported":["2024-11-05"]}}})");
  EXPECT_EQ(response.id, RequestId(std::int64_t{3}));
  EXPECT_EQ(response.error.kind, ErrorKind::rpc);
  EXPECT_EQ(response.error.code, -32602);
  EXPECT_EQ(response.error.message, "unsupported");
  EXPECT_EQ(response.error.data.at("supported").at(0), "2024-11-05");
}

TEST(DecodeTest, AnErrorMayLackIdAndData) {
  for (const char* text :
       {R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}})",
        R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"parse error"}})"}) {
    const auto response = read<ErrorResponse>(text);
    EXPECT_FALSE(response.id) << text;
    EXPECT_TRUE(response.error.data.is_null()) << text;
  }
}

TEST(DecodeTest, IdsKeepTypeAndValue) {
  const auto id_of = [](const std::string& id) {
    return read<Request>(R"({"jsonrpc":"2.0","method":"ping","id":)" + id + "}").id;
  };
  EXPECT_EQ(id_of("0"), RequestId(std::int64_t{0}));
  EXPECT_EQ(id_of("-5"), RequestId(std::int64_t{-5}));
  EXPECT_EQ(id_of("9223372036854775807"), RequestId(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(id_of("-9223372036854775808"), RequestId(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(id_of("\"1\""), RequestId("1"));
  EXPECT_EQ(id_of("\"\""), RequestId(""));
  EXPECT_NE(id_of("\"1\""), id_of("1"));
}

TEST(DecodeTest, RefusesEveryOtherId) {
  for (const char* id :
       {"null", "true", "false", "1.0", "1.5", "1e2", "9223372036854775808", "18446744073709551615",
        "18446744073709551616", "-9223372036854775809", "[1]", "{}", "[]"}) {
    const std::string text = std::string(R"({"jsonrpc":"2.0","method":"ping","id":)") + id + "}";
    const Rejected rejected = invalid(text, "\"id\" must be a string or an integer of 64 bits");
    EXPECT_FALSE(rejected.id) << id;
    EXPECT_FALSE(rejected.was_response) << id;
  }
  invalid(R"({"jsonrpc":"2.0","method":"ping","id":null})", "not null");
  invalid(R"({"jsonrpc":"2.0","method":"ping","id":1.0})", "not a number with a fraction");
}

TEST(DecodeTest, NamesWhatIsWrongWithTheVersion) {
  const Rejected missing = invalid(R"({"id":4,"method":"ping"})", "\"jsonrpc\" is missing");
  EXPECT_EQ(missing.id, RequestId(std::int64_t{4}));
  for (const char* version : {"\"1.0\"", "2.0", "2", "null", "[]"}) {
    invalid(std::string(R"({"id":4,"method":"ping","jsonrpc":)") + version + "}",
            "\"jsonrpc\" must be \"2.0\"");
  }
}

TEST(DecodeTest, NamesWhatIsWrongWithTheMethod) {
  for (const char* method : {"1", "null", "[]", "{}", "true"}) {
    const Rejected rejected = invalid(
        std::string(R"({"jsonrpc":"2.0","id":"a","method":)") + method + "}", "\"method\" must be");
    EXPECT_EQ(rejected.id, RequestId("a"));
    EXPECT_FALSE(rejected.was_response);
  }
  invalid(R"({"jsonrpc":"2.0","method":{}})", "a string, not an object");
}

TEST(DecodeTest, RefusesParamsByPosition) {
  const Rejected rejected =
      invalid(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[1,2]})", "by position");
  EXPECT_EQ(rejected.id, RequestId(std::int64_t{1}));
  invalid(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})", "by position");
  invalid(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":"x"})", "object, not a string");
  invalid(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":false})", "object, not a boolean");
  invalid(R"({"jsonrpc":"2.0","method":"notifications/x","params":3})", "object, not a number");
}

TEST(DecodeTest, ExactlyOneOfMethodResultAndError) {
  const Rejected none = invalid(R"({"jsonrpc":"2.0","id":1})", "is missing");
  EXPECT_FALSE(none.was_response);
  EXPECT_EQ(none.id, RequestId(std::int64_t{1}));
  const Rejected both = invalid(
      R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"m"}})", "only one of");
  EXPECT_TRUE(both.was_response);
  EXPECT_EQ(both.id, RequestId(std::int64_t{1}));
  const Rejected call =
      invalid(R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})", "only one");
  EXPECT_FALSE(call.was_response);
}

TEST(DecodeTest, MalformedAnswersAreMarkedSoThatNobodyAnswersThem) {
  const auto answer = [](const std::string& members, const std::string& reason) {
    const Rejected rejected = invalid(R"({"jsonrpc":"2.0",)" + members + "}", reason);
    EXPECT_TRUE(rejected.was_response) << members;
    return rejected;
  };
  answer(R"("result":{})", "needs the \"id\"");
  answer(R"("id":null,"result":{})", "not null");
  answer(R"("id":1.5,"result":{})", "not a number with a fraction");
  answer(R"("id":1.5,"error":{"code":1,"message":"m"})", "not a number with a fraction");
  answer(R"("id":1,"error":null)", "\"error\" must be an object, not null");
  answer(R"("id":1,"error":"no")", "\"error\" must be an object, not a string");
  answer(R"("id":1,"error":{"message":"m"})", "no \"code\"");
  answer(R"("id":1,"error":{"code":"1","message":"m"})", "integer of 32 bits");
  answer(R"("id":1,"error":{"code":1.0,"message":"m"})", "integer of 32 bits");
  answer(R"("id":1,"error":{"code":2147483648,"message":"m"})", "integer of 32 bits");
  answer(R"("id":1,"error":{"code":-2147483649,"message":"m"})", "integer of 32 bits");
  answer(R"("id":1,"error":{"code":1})", "no \"message\"");
  answer(R"("id":1,"error":{"code":1,"message":null})", "string, not null");
  EXPECT_EQ(answer(R"("id":8,"error":{"code":1,"message":[]})", "string, not an array").id,
            RequestId(std::int64_t{8}));
  const Rejected old = invalid(R"({"jsonrpc":"1.0","id":1,"result":{}})", "jsonrpc");
  EXPECT_TRUE(old.was_response);
}

TEST(DecodeTest, AMessageIsAnObject) {
  invalid("42", "an object, not a number");
  invalid("\"ping\"", "an object, not a string");
  invalid("null", "an object, not null");
  invalid("true", "an object, not a boolean");
}

TEST(DecodeTest, UnreadableTextIsAParseError) {
  for (const char* text : {"", " ", "{", "}", "ping", R"({"jsonrpc":"2.0",})", "{\"a\":\"\xff\"}",
                           "\xff\xfe", R"({"jsonrpc":"2.0"}{)", R"({'a':1})"}) {
    const Rejected rejected = refused(text);
    EXPECT_EQ(rejected.error.code, error_code::parse_error) << text;
    EXPECT_FALSE(rejected.error.message.empty());
    EXPECT_FALSE(rejected.id);
    EXPECT_FALSE(rejected.was_response);
  }
}

TEST(DecodeTest, SizeIsCheckedFirst) {
  MessageLimits limits;
  const std::string text = R"({"jsonrpc":"2.0","method":"m"})";
  limits.max_bytes = text.size();
  EXPECT_TRUE(std::holds_alternative<RpcMessage>(decode(text, limits).messages.at(0)));
  limits.max_bytes = text.size() - 1;
  const Rejected rejected = refused(text, limits);
  EXPECT_EQ(rejected.error.code, error_code::parse_error);
  EXPECT_THAT(rejected.error.message, HasSubstr("30 bytes long; at most 29"));
}

TEST(DecodeTest, DepthCountsTheMessageItself) {
  const auto nested = [](std::size_t levels) {
    return R"({"jsonrpc":"2.0","method":"m","params":{"a":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}}";
  };
  EXPECT_TRUE(std::holds_alternative<RpcMessage>(decode(nested(62), {}).messages.at(0)));
  const Rejected rejected = refused(nested(63));
  EXPECT_EQ(rejected.error.code, error_code::parse_error);
  EXPECT_THAT(rejected.error.message, HasSubstr("deeper than 64"));
  EXPECT_EQ(refused(nested(500'000)).error.code, error_code::parse_error);
  EXPECT_EQ(refused(std::string(200'000, '[')).error.code, error_code::parse_error);
}

TEST(DecodeTest, DuplicateKeysAndUnknownMembersAreHarmless) {
  const auto request = read<Request>(
      R"({"jsonrpc":"1.0","id":1,"id":2,"method":"a","method":"b","extra":[1],"jsonrpc":"2.0"})");
  EXPECT_EQ(request.id, RequestId(std::int64_t{2}));
  EXPECT_EQ(request.method, "b");
}

TEST(DecodeTest, ANumberOfTenMegabytesIsHarmless) {
  const std::string number(10'000'000, '1');
  EXPECT_TRUE(
      invalid(R"({"jsonrpc":"2.0","method":"m","id":0.)" + number + "}", "\"id\" must be").id ==
      std::nullopt);
}

TEST(DecodeBatchTest, ReadsEveryMember) {
  const Decoded decoded = decode(
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":2,"result":{}}])",
      {});
  EXPECT_TRUE(decoded.batch);
  ASSERT_EQ(decoded.messages.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Request>(std::get<RpcMessage>(decoded.messages[0])));
  EXPECT_TRUE(std::holds_alternative<Notification>(std::get<RpcMessage>(decoded.messages[1])));
  EXPECT_TRUE(std::holds_alternative<Response>(std::get<RpcMessage>(decoded.messages[2])));
}

TEST(DecodeBatchTest, BadMembersAreRejectedSingly) {
  const Decoded decoded =
      decode(R"([1,{"jsonrpc":"2.0","id":1,"method":"ping"},[],{"id":5,"method":"x"}])", {});
  EXPECT_TRUE(decoded.batch);
  ASSERT_EQ(decoded.messages.size(), 4U);
  EXPECT_THAT(std::get<Rejected>(decoded.messages[0]).error.message, HasSubstr("not a number"));
  EXPECT_TRUE(std::holds_alternative<RpcMessage>(decoded.messages[1]));
  EXPECT_THAT(std::get<Rejected>(decoded.messages[2]).error.message, HasSubstr("not an array"));
  EXPECT_EQ(std::get<Rejected>(decoded.messages[3]).id, RequestId(std::int64_t{5}));
}

TEST(DecodeBatchTest, AnEmptyOneIsRefusedAsOne) { invalid("[]", "must not be empty"); }

TEST(DecodeBatchTest, ALargeOneIsRefusedAsOne) {
  const auto batch = [](int size) {
    std::string text = "[";
    for (int i = 0; i < size; ++i) text += R"({"jsonrpc":"2.0","method":"n"},)";
    text.back() = ']';
    return text;
  };
  EXPECT_EQ(decode(batch(100), {}).messages.size(), 100U);
  invalid(batch(101), "a batch of 101 messages; at most 100");
}

}  // namespace
}  // namespace mcp_mqtt::wire
