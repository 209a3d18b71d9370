#include "wire/presence.hpp"

#include "fuzz.hpp"
#include "wire/topics.hpp"

// Presence: any payload is an instance, an absence or a protocol violation, and what was read of an
// instance can be announced again. Input: a server-id, a server-name, then the payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  watch_log();
  std::string_view payload = text_of(data, size);
  const std::string_view server_id = take(payload);
  const std::string_view server_name = take(payload);
  // A presence comes with names out of a topic.
  if (!wire::check_server_id(server_id) || !wire::check_server_name(server_name)) return 0;
  const MessageLimits limits;
  auto read = wire::decode_server_presence(server_id, server_name, payload, limits);
  if (!read) {
    require(read.error().kind == ErrorKind::protocol_violation, "says what is wrong");
    require(!payload.empty(), "an empty payload means offline");
    return 0;
  }
  if (!*read) {
    require(payload.empty(), "only an empty payload means offline");
    return 0;
  }
  const ServerInstance& instance = **read;
  require(instance.server_id == server_id && instance.server_name == server_name,
          "the names are the topic's");
  require(instance.meta.is_object(), "meta is an object");
  const auto text = wire::encode_server_online(instance, limits);
  require(text.has_value(), "what was read can be announced", text ? "" : text.error().message);
  const auto again = wire::decode_server_presence(server_id, server_name, *text, limits);
  require(again && *again && **again == instance, "reads as it was written", *text);
  return 0;
}
