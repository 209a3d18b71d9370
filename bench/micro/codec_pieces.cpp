#include <memory>

#include <mcp_mqtt/protocol/tool.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "pieces.hpp"
#include "texts.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::bench {
namespace {

constexpr std::size_t large = 64U << 10;
const MessageLimits limits;

Piece encoding(std::string name, wire::RpcMessage message, int rounds = 64) {
  return {std::move(name),
          [message = std::move(message)] {
            const auto text = wire::encode(message, limits);
            require(text.has_value(), "a message could not be written");
            keep(*text);
          },
          rounds};
}

Piece decoding(std::string name, const wire::RpcMessage& message, int rounds = 64) {
  return {std::move(name),
          [text = wire::encode(message, limits).value()] {
            const auto decoded = wire::decode(text, limits);
            require(std::holds_alternative<wire::RpcMessage>(decoded.messages.front()),
                    "a message could not be read");
            keep(decoded);
          },
          rounds};
}

ServerInstance instance() {
  return {server_id, server_name, "Volume, display and lights of the press",
          Json{{"location", "hall 3"},
               {"rbac",
                {{"roles",
                  {{{"name", "operator"},
                    {"description", "may look"},
                    {"allowed_methods", {"tools/list", "tools/call"}},
                    {"allowed_tools", {tool_name}}}}}}}}};
}

}  // namespace

Pieces codec_pieces() {
  const wire::Request call{RequestId(7), "tools/call", call_params()};
  const wire::Response answer{RequestId(7), to_json(text_result("volume is 30"), latest_revision)};
  const wire::Response large_answer{RequestId(7),
                                    to_json(text_result(prose(large)), latest_revision)};
  const std::string presence = wire::encode_server_online(instance(), limits).value();
  return {
      encoding("encode tools/call", call),
      decoding("decode tools/call", call),
      encoding("encode its answer", answer),
      decoding("decode its answer", answer),
      encoding("encode an answer of 64 KiB", large_answer, 16),
      decoding("decode an answer of 64 KiB", large_answer, 16),
      {"encode a presence",
       [server = instance()] {
         const auto text = wire::encode_server_online(server, limits);
         require(text.has_value(), "a presence could not be written");
         keep(*text);
       }},
      {"decode a presence",
       [presence] {
         const auto read = wire::decode_server_presence(server_id, server_name, presence, limits);
         require(read && *read, "a presence could not be read");
         keep(*read);
       }},
  };
}

Pieces topic_pieces() {
  return {
      {"format an RPC topic", [] { keep(wire::rpc_topic(client_id, server_id, server_name)); }},
      {"parse an RPC topic",
       [text = wire::rpc_topic(client_id, server_id, server_name)] {
         const wire::Topic topic = wire::parse_topic(text);
         require(std::holds_alternative<wire::RpcTopic>(topic), "a topic could not be read");
         keep(topic);
       }},
      {"match a topic filter",
       [] {
         require(wire::filter_matches("plant/+/press/#", server_name), "a filter did not match");
       }},
  };
}

}  // namespace mcp_mqtt::bench
