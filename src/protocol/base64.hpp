#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp_mqtt::protocol {

/// RFC 4648 Base64 with padding and without line breaks, as MCP carries bytes.
std::string base64_encode(std::string_view bytes);
/// nullopt for text that is no such Base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace mcp_mqtt::protocol
