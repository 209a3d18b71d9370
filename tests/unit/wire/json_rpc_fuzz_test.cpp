#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "wire/presence.hpp"

// Bytes from anybody: whatever they are, decode() gives an answer that keeps its promises.
namespace mcp_mqtt::wire {
namespace {

const std::vector<std::string>& valid_messages() {
  static const std::vector<std::string> messages = {
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{"listChanged":true}},"clientInfo":{"name":"host","version":"1.0.0"}}})",
      R"({"jsonrpc":"2.0","id":"init_1","method":"tools/call","params":{"name":"set_volume","arguments":{"volume":30,"text":"Grüße \u00e4\n𝄞"},"_meta":{"progressToken":7}}})",
      R"({"jsonrpc":"2.0","method":"notifications/disconnected","params":null})",
      R"({"jsonrpc":"2.0","method":"notifications/server/online","params":{"server_name":"a/b","description":"d","meta":{"rbac":{"roles":[]}}}})",
      R"({"jsonrpc":"2.0","id":-9223372036854775808,"result":{"content":[{"type":"text","text":"volume is 30"}],"isError":false}})",
      R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error","data":[1.5e-3,true,null]}})",
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":""}}])",
  };
  return messages;
}

/// Everything that decode() promises about any payload.
void check_promises(const std::string& payload, const MessageLimits& limits) {
  const Decoded decoded = decode(payload, limits);
  ASSERT_FALSE(decoded.messages.empty());
  ASSERT_TRUE(decoded.batch || decoded.messages.size() == 1);
  ASSERT_LE(decoded.messages.size(), limits.max_batch);
  for (const auto& item : decoded.messages) {
    if (const auto* rejected = std::get_if<Rejected>(&item)) {
      ASSERT_EQ(rejected->error.kind, ErrorKind::rpc);
      ASSERT_TRUE(rejected->error.code == error_code::parse_error ||
                  rejected->error.code == error_code::invalid_request);
      ASSERT_FALSE(rejected->error.message.empty());
      // It can be answered.
      ASSERT_TRUE(encode(ErrorResponse{rejected->id, rejected->error}, {}));
      continue;
    }
    const auto& message = std::get<RpcMessage>(item);
    if (const auto* request = std::get_if<Request>(&message)) {
      ASSERT_TRUE(request->params.is_object());
    }
    // What was read can be written, and reads the same.
    const auto text = encode(message, {});
    ASSERT_TRUE(text) << text.error().message;
    const Decoded again = decode(*text, {});
    ASSERT_TRUE(std::holds_alternative<RpcMessage>(again.messages.at(0)));
    ASSERT_EQ(encode(std::get<RpcMessage>(again.messages.at(0)), {}).value(), *text);
  }
  static_cast<void>(decode_server_presence("s1", "a/b", payload, limits));
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string next() {
    std::string text = pick(valid_messages());
    for (std::size_t i = 0; i <= below(4); ++i) mutate(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  void mutate(std::string& text) {
    static const std::vector<std::string> pieces = {
        "{",       "}",           "[",          "]",           "\"",
        ",",       ":",           "\\",         "null",        "true",
        "1e400",   "1.0",         "\xff",       "\xc3",        "18446744073709551616",
        "-0",      "\\ud800",     "\\u0000",    "{\"a\":",     "[[[[[[[[",
        "\"id\":", "\"result\":", "\"error\":", "\"method\":", "\"jsonrpc\":\"2.0\","};
    const std::size_t at = below(text.size() + 1);
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.erase(at, below(8));
        break;
      case 2:
        text.insert(at, pick(pieces));
        break;
      case 3: {
        const std::string copied = text.substr(at, below(40));
        text.insert(below(text.size() + 1), copied);
        break;
      }
      case 4:
        text.insert(at, pick(valid_messages()));
        break;
      default:
        text.resize(at);
        break;
    }
  }

  std::mt19937 random_;
};

TEST(DecodeFuzzTest, KeepsItsPromisesOnMutatedMessages) {
  MessageLimits limits;
  limits.max_depth = 12;
  limits.max_batch = 4;
  for (unsigned seed = 1; seed <= 6'000; ++seed) {
    const std::string payload = Mutator(seed).next();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + payload);
    ASSERT_NO_THROW(check_promises(payload, limits));
    if (HasFatalFailure()) return;
  }
}

TEST(DecodeFuzzTest, KeepsItsPromisesOnRandomBytes) {
  for (unsigned seed = 1; seed <= 3'000; ++seed) {
    std::mt19937 random(seed);
    std::string payload(random() % 64, '\0');
    for (char& c : payload) c = static_cast<char>(random());
    SCOPED_TRACE("seed " + std::to_string(seed));
    ASSERT_NO_THROW(check_promises(payload, {}));
    if (HasFatalFailure()) return;
  }
}

TEST(DecodeFuzzTest, EveryTruncationIsAParseError) {
  for (const std::string& message : valid_messages()) {
    ASSERT_TRUE(std::holds_alternative<RpcMessage>(decode(message, {}).messages.at(0))) << message;
    for (std::size_t length = 0; length < message.size(); ++length) {
      const Decoded decoded = decode(std::string_view(message).substr(0, length), {});
      ASSERT_EQ(decoded.messages.size(), 1U);
      const auto* rejected = std::get_if<Rejected>(&decoded.messages.at(0));
      ASSERT_NE(rejected, nullptr) << length << " bytes of " << message;
      ASSERT_EQ(rejected->error.code, error_code::parse_error) << length << " bytes of " << message;
    }
  }
}

}  // namespace
}  // namespace mcp_mqtt::wire
