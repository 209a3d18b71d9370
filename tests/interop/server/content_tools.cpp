#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::Annotations;
using mcp_mqtt::arg;
using mcp_mqtt::Content;
using mcp_mqtt::Json;

struct Measurement {
  std::string room;
  double celsius = 0;
  std::vector<int> readings;
};

inline auto describe(std::type_identity<Measurement>) {
  return mcp_mqtt::fields(mcp_mqtt::field("room", &Measurement::room),
                          mcp_mqtt::field("celsius", &Measurement::celsius),
                          mcp_mqtt::field("readings", &Measurement::readings));
}

namespace {

Measurement measure(const std::string& room) {
  if (room == "nowhere") throw std::runtime_error("there is no such room");
  return {room, 21.5, {20, 21, 22}};
}

mcp_mqtt::ToolDefinition measure_tool() {
  auto definition = mcp_mqtt::typed_tool("measure", "Measures the temperature of a room",
                                         {arg("room", "Which room")}, measure);
  mcp_mqtt::Tool& tool = definition.tool;
  tool.title = "Measure a room";
  tool.icons = {icon()};
  tool.annotations = {.title = "Measure",
                      .read_only = true,
                      .destructive = false,
                      .idempotent = true,
                      .open_world = false};
  tool.meta = {{"example.com/group", "sensors"}};
  definition.handler = [run = std::move(definition.handler)](const Json& arguments,
                                                             mcp_mqtt::RequestContext& context) {
    auto result = run(arguments, context);
    result.meta = {{"example.com/sensor", "s1"}};
    return result;
  };
  return definition;
}

std::vector<Content> contents() {
  return {
      mcp_mqtt::TextContent{.text = "a text",
                            .annotations = Annotations{.audience = {"user"},
                                                       .priority = 0.5,
                                                       .last_modified = "2025-01-02T03:04:05Z"},
                            .meta = {{"example.com/n", 1}}},
      mcp_mqtt::ImageContent{
          .data = picture(),
          .mime_type = picture_type,
          .annotations = Annotations{.audience = {"user", "assistant"}, .priority = 1.0}},
      sound(),
      mcp_mqtt::EmbeddedResource{.resource = manual(), .annotations = Annotations{.priority = 0.0}},
      mcp_mqtt::EmbeddedResource{.resource = logo()},
      mcp_mqtt::ResourceLink{.uri = "device://manual",
                             .name = "manual",
                             .title = "The manual",
                             .description = "How to use it",
                             .mime_type = "text/plain",
                             .size = 10,
                             .annotations = Annotations{.audience = {"assistant"}},
                             .icons = {icon()}}};
}

}  // namespace

void add_content_tools(mcp_mqtt::McpServer& server) {
  server.add_tool("contents", "Answers with every type of content", contents);
  server.add_tool(measure_tool());
}

}  // namespace interop
