#include "engine/pages.hpp"

#include "protocol/base64.hpp"

namespace mcp_mqtt::engine {

std::string make_cursor(std::string_view list, std::string_view last) {
  return protocol::base64_encode(std::string(list) + '\n' + std::string(last));
}

std::size_t bytes_for_result(std::size_t max_packet_bytes, const RequestId& id,
                             std::string_view topic, std::string_view sender) {
  constexpr std::size_t frame = 1'024;       // JSON-RPC, MQTT and the names of user properties
  constexpr std::size_t most_of_a_byte = 6;  // \u0000
  const auto* text = std::get_if<std::string>(&id);
  const std::size_t around =
      frame + topic.size() + sender.size() + (text == nullptr ? 0 : most_of_a_byte * text->size());
  return max_packet_bytes > around ? max_packet_bytes - around : 0;
}

std::size_t page_frame_bytes(std::string_view last) {
  constexpr std::size_t names = 100;  // the members, and the list's in the cursor
  return names + (last.size() + 2) / 3 * 4;
}

Result<std::optional<std::string>> read_cursor(std::string_view list, const Json& params) {
  using After = std::optional<std::string>;
  if (!params.is_object()) return After();
  const auto cursor = params.find("cursor");
  if (cursor == params.end() || cursor->is_null()) return After();
  // What is longer is none of ours, and not worth the decoding.
  constexpr std::size_t max_cursor_bytes = 128U << 10;
  if (cursor->is_string() && cursor->get_ref<const std::string&>().size() <= max_cursor_bytes) {
    const auto text = protocol::base64_decode(cursor->get_ref<const std::string&>());
    const std::string prefix = std::string(list) + '\n';
    if (text && text->starts_with(prefix)) return After(text->substr(prefix.size()));
  }
  return rpc_error(error_code::invalid_params,
                   "unknown cursor: pass on the 'nextCursor' of the page before as it is");
}

}  // namespace mcp_mqtt::engine
