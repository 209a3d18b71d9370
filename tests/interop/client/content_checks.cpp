#include <string>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {

using mcp_mqtt::Annotations;
using mcp_mqtt::CallToolResult;
using mcp_mqtt::ClientSession;
using mcp_mqtt::Content;
using mcp_mqtt::Json;

namespace {

/// What the tool `contents` answers, and how a failed check names it.
std::vector<std::pair<std::string, Content>> wanted_contents() {
  return {
      {"a text with annotations and _meta",
       mcp_mqtt::TextContent{.text = "a text",
                             .annotations = Annotations{.audience = {"user"},
                                                        .priority = 0.5,
                                                        .last_modified = "2025-01-02T03:04:05Z"},
                             .meta = {{"example.com/n", 1}}}},
      {"an image",
       mcp_mqtt::ImageContent{
           .data = picture(),
           .mime_type = "image/png",
           .annotations = Annotations{.audience = {"user", "assistant"}, .priority = 1.0}}},
      {"a sound", mcp_mqtt::AudioContent{.data = sound(), .mime_type = "audio/wav"}},
      {"an embedded resource of text",
       mcp_mqtt::EmbeddedResource{
           .resource = mcp_mqtt::text_contents("device://manual", "turn it on", "text/plain"),
           .annotations = Annotations{.priority = 0.0}}},
      {"an embedded resource of bytes",
       mcp_mqtt::EmbeddedResource{
           .resource = mcp_mqtt::binary_contents("device://logo", picture(), "image/png")}},
      {"a link to a resource",
       mcp_mqtt::ResourceLink{.uri = "device://manual",
                              .name = "manual",
                              .title = "The manual",
                              .description = "How to use it",
                              .mime_type = "text/plain",
                              .size = 10,
                              .annotations = Annotations{.audience = {"assistant"}},
                              .icons = {device_icon()}}}};
}

}  // namespace

void check_contents(Checks& checks, const ClientSession& session) {
  const auto wanted = wanted_contents();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    checks.check("a tool answers with " + wanted[i].first, [&] {
      const CallToolResult result = session.call_tool("contents");
      require(!result.is_error, "the tool failed: " + result.text());
      require_equal(result.content.size(), wanted.size(), "the number of contents");
      require(result.content[i] == wanted[i].second,
              "it is " + to_json(result.content[i], session.revision()).dump());
    });
  }
  checks.check("structured content is there beside its text, and _meta", [&] {
    const CallToolResult result = session.call_tool("measure", {{"room", "kitchen"}});
    const Json measured{{"room", "kitchen"}, {"celsius", 21.5}, {"readings", {20, 21, 22}}};
    require_equal(result.structured_content, measured, "the structured content");
    require_equal(json_answer(result), measured, "the text");
    require_equal(result.meta, {{"example.com/sensor", "s1"}}, "_meta");
  });
  checks.check("a tool with structured content fails without it", [&] {
    const CallToolResult result = session.call_tool("measure", {{"room", "nowhere"}});
    require(result.is_error, "is_error is not set");
    require_equal(result.text(), "there is no such room", "the text");
    require_equal(result.structured_content, nullptr, "the structured content");
  });
}

}  // namespace interop
