#include <mcp_mqtt/error.hpp>

#include "hostile/row.hpp"

// Bytes that are no JSON, no JSON-RPC, or too much of it.
namespace mcp_mqtt::hostile {
namespace {

constexpr int parse = error_code::parse_error;
constexpr int invalid = error_code::invalid_request;

Row row(std::string name, std::string sent, std::function<std::string()> payload, Outcome outcome) {
  Row one;
  one.name = std::move(name);
  one.sent = std::move(sent);
  one.payload = std::move(payload);
  one.outcome = std::move(outcome);
  return one;
}

std::function<std::string()> nested(std::size_t levels) {
  return [levels] {
    return request("7", "ping", R"({"a":)" + repeat("[", levels) + repeat("]", levels) + "}");
  };
}

std::function<std::string()> number(std::function<std::string()> digits) {
  return [digits = std::move(digits)] { return request("7", "ping", R"({"n":)" + digits() + "}"); };
}

Group bytes() {
  Group group{"bytes", "Messages that are not JSON.", true, {}};
  group.rows = {
      row("payload_empty", "an empty message", text(""), refused(parse, nullptr)),
      row("payload_nul", "a NUL", text(std::string("\0", 1)), refused(parse, nullptr)),
      row("payload_nul_inside", "a request with a NUL in its middle",
          text(std::string("{\"jsonrpc\":\"2.0\",\0\"id\":7}", 25)), refused(parse, nullptr)),
      row("payload_nul_at_end", "a request with NULs behind, as peers written in C send it",
          text(request("7", "ping") + std::string(3, '\0')), answered(7)),
      row("payload_bom", "a request behind a byte order mark",
          text("\xef\xbb\xbf" + request("7", "ping")), answered(7)),
      row("payload_utf16", "a request in UTF-16",
          text(std::string("{\0\"\0a\0\"\0:\0"
                           "1\0}\0",
                           14)),
          refused(parse, nullptr)),
      row("utf8_invalid", "a method with a byte that is not UTF-8", text(request("7", "pi\xffng")),
          refused(parse, nullptr)),
      row("utf8_overlong", "a method with an overlong sequence", text(request("7", "p\xc0\xaf")),
          refused(parse, nullptr)),
      row("utf8_surrogate", "a method with an encoded surrogate",
          text(request("7", "p\xed\xa0\x80")), refused(parse, nullptr)),
      row("utf8_lone_escape", "a method with a lone surrogate as an escape",
          text(request("7", "p\\ud800")), refused(parse, nullptr)),
      row("utf8_in_key", "a key that is not UTF-8", text(request("7", "ping", "{\"\xff\":1}")),
          refused(parse, nullptr)),
      row("utf8_truncated", "a message that ends inside a character",
          text("{\"jsonrpc\":\"2.0\",\"method\":\"\xe2\x82"), refused(parse, nullptr)),
      row("json_truncated", "half a message", text(R"({"jsonrpc":"2.0","id":7,"meth)"),
          refused(parse, nullptr)),
      row("json_twice", "two messages in one", text(request("7", "ping") + request("8", "ping")),
          refused(parse, nullptr)),
      row("json_comment", "a comment behind a message", text(request("7", "ping") + "/* */"),
          refused(parse, nullptr)),
      row("json_nan", "NaN and Infinity", text(request("7", "ping", R"({"a":NaN,"b":Infinity})")),
          refused(parse, nullptr)),
      row("html", "a web page", text("<!DOCTYPE html><html></html>"), refused(parse, nullptr)),
  };
  return group;
}

Group sizes() {
  Group group{"sizes", "Messages that are too deep, too long, or of too many parts.", true, {}};
  group.rows = {
      row("nested_62", "a request of 64 levels, the most that is taken", nested(62), answered(7)),
      row("nested_65", "a request of 65 levels", nested(63), refused(parse, nullptr)),
      row("nested_1000", "a request of 1,000 levels", nested(1'000), refused(parse, nullptr)),
      row("nested_100000", "a request of 100,000 levels", nested(100'000), refused(parse, nullptr)),
      row("nested_5_million", "a request of 5 million levels", nested(5'000'000),
          refused(parse, nullptr)),
      row(
          "open_10_million", "10 million `[`, none of them closed",
          [] { return repeat("[", 10'000'000); }, refused(parse, nullptr)),
      row(
          "objects_4_million", "4 million levels of `{\"a\":`, which is beyond the size, too",
          [] { return repeat("{\"a\":", 4'000'000); }, refused(parse, nullptr)),
      row("number_10_mb", "a number of 10 million digits",
          number([] { return repeat("9", 10'000'000); }), refused(parse, nullptr)),
      row("number_10_mb_small", "a fraction of 10 million digits",
          number([] { return "0." + repeat("3", 10'000'000); }), answered(7)),
      row("number_1e400", "a number beyond a double: 1e400", number(text("1e400")),
          refused(parse, nullptr)),
      row("number_huge_exponent", "an exponent of 20 digits",
          number(text("1e99999999999999999999")), refused(parse, nullptr)),
      row("number_tiny_exponent", "a number below a double: 1e-99999999999",
          number(text("1e-99999999999")), answered(7)),
      row("number_leading_zero", "a number that begins with zero", number(text("007")),
          refused(parse, nullptr)),
      row(
          "keys_100000", "an object of 100,000 equal keys",
          [] { return request("7", "ping", "{" + repeat("\"a\":1,", 100'000) + "\"a\":2}"); },
          answered(7)),
      row(
          "array_million", "a parameter of a million numbers",
          [] { return request("7", "ping", "{\"a\":[" + repeat("1,", 999'999) + "1]}"); },
          answered(7)),
      row(
          "string_10_mb", "a method name of 10 MB",
          [] { return request("7", repeat("m", 10'000'000)); },
          refused(error_code::method_not_found, 7)),
      row(
          "key_1_mb", "a key of 1 MB",
          [] { return request("7", "ping", "{\"" + repeat("k", 1'000'000) + "\":1}"); },
          answered(7)),
      row(
          "too_large", "a message of 17 MiB",
          [] { return request("7", "ping", "{\"a\":\"" + repeat("x", 17U << 20) + "\"}"); },
          refused(parse, nullptr)),
      row(
          "spaces_10_mb", "10 MB of spaces before a request",
          [] { return repeat(" ", 10'000'000) + request("7", "ping"); }, answered(7)),
  };
  return group;
}

Group shapes() {
  const auto id = [](std::string name, std::string sent, const std::string& text_of_id,
                     Outcome outcome) {
    return row(std::move(name), "a request whose id is " + std::move(sent),
               text(request(text_of_id, "ping")), std::move(outcome));
  };
  Group group{"shapes", "JSON that is no message of JSON-RPC, or only nearly.", true, {}};
  group.rows = {
      row("json_null", "`null`", text("null"), refused(invalid, nullptr)),
      row("json_true", "`true`", text("true"), refused(invalid, nullptr)),
      row("json_number", "a number", text("42"), refused(invalid, nullptr)),
      row("json_string", "a string", text("\"ping\""), refused(invalid, nullptr)),
      row("json_object", "`{}`", text("{}"), refused(invalid, nullptr)),
      row("version_missing", "a request without `jsonrpc`", text(R"({"id":7,"method":"ping"})"),
          refused(invalid, 7)),
      row("version_1", "a request with `jsonrpc` \"1.0\"",
          text(R"({"jsonrpc":"1.0","id":7,"method":"ping"})"), refused(invalid, 7)),
      row("version_number", "a request with `jsonrpc` 2.0 as a number",
          text(R"({"jsonrpc":2.0,"id":7,"method":"ping"})"), refused(invalid, 7)),
      row("version_null", "a request with `jsonrpc` null",
          text(R"({"jsonrpc":null,"id":7,"method":"ping"})"), refused(invalid, 7)),
      row("method_number", "a method that is a number",
          text(R"({"jsonrpc":"2.0","id":7,"method":5})"), refused(invalid, 7)),
      row("method_null", "a method that is null", text(R"({"jsonrpc":"2.0","id":7,"method":null})"),
          refused(invalid, 7)),
      row("method_empty", "an empty method", text(request("7", "")),
          refused(error_code::method_not_found, 7)),
      row("params_array", "params by position", text(request("7", "ping", "[1]")),
          refused(invalid, 7)),
      row("params_string", "params that are a string", text(request("7", "ping", "\"x\"")),
          refused(invalid, 7)),
      row("params_null", "params that are null, as peers in the field send them",
          text(request("7", "ping", "null")), answered(7)),
      id("id_null", "null", "null", refused(invalid, nullptr)),
      id("id_fraction", "1.5", "1.5", refused(invalid, nullptr)),
      id("id_whole_double", "1.0, which is no integer in JSON's text", "1.0",
         refused(invalid, nullptr)),
      id("id_exponent", "1e2", "1e2", refused(invalid, nullptr)),
      id("id_2_63", "2^63", "9223372036854775808", refused(invalid, nullptr)),
      id("id_2_64", "2^64", "18446744073709551616", refused(invalid, nullptr)),
      id("id_max", "2^63 - 1, the largest", "9223372036854775807", answered(9223372036854775807)),
      id("id_min", "-2^63, the smallest", "-9223372036854775808",
         answered(std::numeric_limits<std::int64_t>::min())),
      id("id_zero", "0", "0", answered(0)),
      id("id_true", "true", "true", refused(invalid, nullptr)),
      id("id_object", "an object", "{}", refused(invalid, nullptr)),
      id("id_array", "an array", "[1]", refused(invalid, nullptr)),
      id("id_string", "a string", "\"7\"", answered("7")),
      id("id_empty", "an empty string", "\"\"", answered("")),
      id("request_id_with_nul", "a string with a NUL", "\"a\\u0000b\"",
         answered(std::string("a\0b", 3))),
      id("id_1_mb", "a string of 1 MB", "\"" + repeat("i", 1'000'000) + "\"",
         refused(invalid, nullptr)),
      row("key_twice", "a request with two ids; the last counts",
          text(R"({"jsonrpc":"2.0","id":6,"id":7,"method":"ping"})"), answered(7)),
      row("method_twice", "a request with two methods; the last counts",
          text(R"({"jsonrpc":"2.0","id":7,"method":"initialize","method":"ping"})"), answered(7)),
      row("method_and_result", "a method and a result in one",
          text(R"({"jsonrpc":"2.0","id":7,"method":"ping","result":{}})"), refused(invalid, 7)),
      row("member_unknown", "a request with members that nobody knows",
          text(R"({"jsonrpc":"2.0","id":7,"method":"ping","__proto__":{"x":1},"then":null})"),
          answered(7)),
  };
  return group;
}

Group batches() {
  Group group{"batches", "Only revision 2025-03-26 has batches.", true, {}};
  const auto in_2025_03_26 = [](Row one) {
    one.revision = "2025-03-26";
    return one;
  };
  const std::string ping = request("7", "ping");
  group.rows = {
      row("batch_not_in_revision", "a batch in revision 2025-11-25", text("[" + ping + "]"),
          refused(invalid, nullptr)),
      row("batch_empty", "an empty batch", text("[]"), refused(invalid, nullptr)),
      in_2025_03_26(row("batch_empty_2025_03_26", "an empty batch where batches are taken",
                        text("[]"), refused(invalid, nullptr))),
      in_2025_03_26(row("batch_of_101", "a batch of 101 requests",
                        text("[" + repeat(ping + ",", 100) + ping + "]"),
                        refused(invalid, nullptr))),
      in_2025_03_26(row("batch_nested", "a batch inside a batch", text("[[" + ping + "]]"),
                        refused(invalid, nullptr))),
      in_2025_03_26(row("batch_of_garbage", "a batch of `1`, `null` and `\"\"`",
                        text("[1,null,\"\"]"), refused(invalid, nullptr))),
      in_2025_03_26(row("batch_of_notifications", "a batch of unknown notifications",
                        text("[" + notification("notifications/x") + "]"), ignored())),
      in_2025_03_26(row("batch_mixed", "a batch of one request among garbage; all are answered",
                        text("[{\"x\":1}," + ping + ",[]]"), answered(7))),
      in_2025_03_26(row("batch_goodbye_first", "a goodbye and a request behind it in one batch",
                        text("[" + notification("notifications/disconnected") + "," + ping + "]"),
                        ended())),
  };
  return group;
}

}  // namespace

std::vector<Group> payloads() { return {bytes(), sizes(), shapes(), batches()}; }

}  // namespace mcp_mqtt::hostile
