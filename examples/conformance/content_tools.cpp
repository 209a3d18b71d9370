#include <stdexcept>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "media.hpp"

namespace conformance {
namespace {

using mcp_mqtt::Content;
using mcp_mqtt::EmbeddedResource;
using mcp_mqtt::Json;
using mcp_mqtt::text_contents;

mcp_mqtt::ImageContent image() { return {.data = image_bytes(), .mime_type = image_type}; }
mcp_mqtt::AudioContent audio() { return {.data = audio_bytes(), .mime_type = audio_type}; }

EmbeddedResource embedded() {
  return {.resource = text_contents("test://embedded-resource",
                                    "This is an embedded resource content.", "text/plain")};
}

std::vector<Content> several() {
  return {mcp_mqtt::TextContent{.text = "Multiple content types test:"}, image(),
          EmbeddedResource{.resource = text_contents("test://mixed-content-resource",
                                                     R"({"test":"data","value":123})",
                                                     "application/json")}};
}

std::string fail() {
  throw std::runtime_error("This tool intentionally returns an error for testing");
}

/// Its schema has to arrive as it stands here.
mcp_mqtt::Tool schema_tool() {
  mcp_mqtt::Tool tool{.name = "json_schema_2020_12_tool",
                      .description = "Takes what a schema of JSON Schema 2020-12 describes"};
  tool.input_schema = Json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
      "address": {
        "type": "object",
        "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
      }
    },
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}},
    "additionalProperties": false
  })");
  return tool;
}

}  // namespace

void add_content_tools(mcp_mqtt::McpServer& server) {
  server.add_tool("test_simple_text", "Answers with a text",
                  [] { return "This is a simple text response for testing."; });
  server.add_tool("test_image_content", "Answers with an image", image);
  server.add_tool("test_audio_content", "Answers with a sound", audio);
  server.add_tool("test_embedded_resource", "Answers with an embedded resource", embedded);
  server.add_tool("test_multiple_content_types", "Answers with a text, an image and a resource",
                  several);
  server.add_tool("test_error_handling", "Fails always", fail);
  server.add_tool(schema_tool(), [](const Json& arguments) {
    return "JSON Schema 2020-12 tool called with: " + arguments.dump();
  });
}

}  // namespace conformance
