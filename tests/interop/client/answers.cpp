#include <variant>

#include "client/session_checks.hpp"

namespace interop {

using mcp_mqtt::CallToolResult;
using mcp_mqtt::Json;

std::string answer(const CallToolResult& result) {
  require(!result.is_error, "the tool failed: " + result.text());
  require_equal(result.content.size(), 1, "the number of contents");
  require(std::holds_alternative<mcp_mqtt::TextContent>(result.content[0]), "it is no text");
  return result.text();
}

Json json_answer(const CallToolResult& result) { return Json::parse(answer(result)); }

void require_answer(const mcp_mqtt::ClientSession& session, const std::string& tool,
                    const Json& arguments, const std::string& wanted) {
  require_equal(answer(session.call_tool(tool, arguments)), wanted, "the answer");
}

mcp_mqtt::Icon device_icon() {
  return {.src = "https://example.com/device.png", .mime_type = "image/png", .sizes = {"48x48"}};
}

std::string picture() { return {"\x89PNG\x00\xff", 6}; }
std::string sound() { return {"RIFF\x00\xff", 6}; }

}  // namespace interop
