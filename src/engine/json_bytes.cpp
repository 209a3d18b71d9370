#include "engine/json_bytes.hpp"

#include <string>
#include <vector>

namespace mcp_mqtt::engine {
namespace {

constexpr std::size_t longest_number = 25;
constexpr std::size_t escaped = 6;      // \u001f
constexpr std::size_t replacement = 3;  // of a byte that is no UTF-8

std::size_t text_bytes(const std::string& text) {
  std::size_t bytes = 2;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      bytes += escaped;
    } else if (byte == '"' || byte == '\\') {
      bytes += 2;
    } else {
      bytes += byte < 0x80 ? 1 : replacement;
    }
  }
  return bytes;
}

}  // namespace

std::size_t json_bytes(const Json& value) {
  std::size_t bytes = 0;
  std::vector<const Json*> open{&value};
  while (!open.empty()) {
    const Json& next = *open.back();
    open.pop_back();
    switch (next.type()) {
      case Json::value_t::object:
        bytes += 2;
        for (const auto& [key, member] : next.get_ref<const Json::object_t&>()) {
          bytes += text_bytes(key) + 2;
          open.push_back(&member);
        }
        break;
      case Json::value_t::array:
        bytes += 2;
        for (const Json& element : next) {
          bytes += 1;
          open.push_back(&element);
        }
        break;
      case Json::value_t::string:
        bytes += text_bytes(next.get_ref<const std::string&>());
        break;
      case Json::value_t::binary:
        bytes += 4 * next.get_binary().size() + longest_number;
        break;
      default:
        bytes += longest_number;
    }
  }
  return bytes;
}

}  // namespace mcp_mqtt::engine
