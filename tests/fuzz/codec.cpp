#include <mcp_mqtt/wire/json_rpc.hpp>

#include "fuzz.hpp"
#include "wire/json_read.hpp"
#include "wire/json_write.hpp"

// JSON-RPC: whatever arrives is read or refused, and what was read can be written and read again.
namespace mcp_mqtt::fuzz {
namespace {

using namespace wire;

bool same(const RpcMessage& a, const RpcMessage& b) {
  if (a.index() != b.index()) return false;
  if (const auto* request = std::get_if<Request>(&a)) {
    const auto& other = std::get<Request>(b);
    return request->id == other.id && request->method == other.method &&
           request->params == other.params;
  }
  if (const auto* notification = std::get_if<Notification>(&a)) {
    const auto& other = std::get<Notification>(b);
    return notification->method == other.method && notification->params == other.params;
  }
  if (const auto* response = std::get_if<Response>(&a)) {
    const auto& other = std::get<Response>(b);
    return response->id == other.id && response->result == other.result;
  }
  const auto& error = std::get<ErrorResponse>(a);
  const auto& other = std::get<ErrorResponse>(b);
  return error.id == other.id && error.error.code == other.error.code &&
         error.error.message == other.error.message && error.error.data == other.error.data;
}

void check(const Decoded& decoded, const MessageLimits& limits, bool must_encode) {
  require(!decoded.messages.empty(), "decode() has at least one message");
  require(decoded.messages.size() <= limits.max_batch || !decoded.batch, "max_batch holds");
  std::vector<RpcMessage> answers;
  for (const auto& item : decoded.messages) {
    if (const auto* rejected = std::get_if<Rejected>(&item)) {
      const auto answer = encode(ErrorResponse{rejected->id, rejected->error}, {});
      require(answer.has_value(), "a refusal can be sent");
      continue;
    }
    const auto& message = std::get<RpcMessage>(item);
    const auto text = encode(message, limits);
    require(text || !must_encode, "what was read can be written", text ? "" : text.error().message);
    if (!text) continue;
    const Decoded again = decode(*text, limits);
    require(!again.batch && again.messages.size() == 1, "one message is written as one", *text);
    const auto* read = std::get_if<RpcMessage>(&again.messages.front());
    require(read != nullptr && same(*read, message), "reads as it was written", *text);
    answers.push_back(message);
  }
  if (answers.empty()) return;
  const auto text = encode_batch(answers, limits);
  if (!text) return;
  const Decoded again = decode(*text, limits);
  require(again.batch && again.messages.size() == answers.size(), "a batch reads as one", *text);
}

/// What is quick here takes nothing that the JSON library refuses, and makes the same of it.
void check_against_library(std::string_view text) {
  const auto json = read_json(text, 64);
  if (!json) return;
  const Json other = Json::parse(text.begin(), text.end(), nullptr, false);
  require(!other.is_discarded() && *json == other, "reads as the JSON library reads", text);
  std::string written;
  require(write_json(*json, 64, written), "what was read can be written", text);
  require(written == other.dump(), "writes as the JSON library writes", written);
}

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  watch_log();
  const std::string_view text = text_of(data, size);
  check_against_library(text);
  const MessageLimits wide;
  check(wire::decode(text, wide), wide, size < wide.max_bytes / 32);
  const MessageLimits narrow{256, 4, 3};
  const auto decoded = wire::decode(text, narrow);
  require(
      size <= narrow.max_bytes || std::holds_alternative<wire::Rejected>(decoded.messages.front()),
      "max_bytes holds");
  check(decoded, narrow, false);
  return 0;
}
