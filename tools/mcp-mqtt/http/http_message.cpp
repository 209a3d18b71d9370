#include "mcp-mqtt/http/http_message.hpp"

#include <algorithm>

#include "mcp-mqtt/http/header_text.hpp"

namespace mcp_mqtt::command_line {

std::optional<std::string> HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_word(key, name)) return value;
  }
  return std::nullopt;
}

std::size_t HttpRequest::header_count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      headers.begin(), headers.end(), [&](const auto& one) { return same_word(one.first, name); }));
}

std::string HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_word(key, name)) return value;
  }
  return {};
}

}  // namespace mcp_mqtt::command_line
