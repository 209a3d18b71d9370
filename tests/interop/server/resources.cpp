#include <cstdint>
#include <string>
#include <vector>

#include "server/device.hpp"

namespace interop {

using mcp_mqtt::Annotations;
using mcp_mqtt::McpServer;
using mcp_mqtt::ResourceRequest;

namespace {

void add_fixed(McpServer& server) {
  server.add_resource({.uri = "device://logo",
                       .name = "logo",
                       .mime_type = picture_type,
                       .size = 6,
                       .annotations = Annotations{.audience = {"user"},
                                                  .priority = 0.2,
                                                  .last_modified = "2025-01-02T03:04:05Z"},
                       .icons = {icon()},
                       .meta = {{"example.com/kind", "picture"}}},
                      [] { return std::vector<std::uint8_t>(picture().begin(), picture().end()); });
  server.add_resource(
      {.uri = "device://manual", .name = "manual", .mime_type = "text/plain", .size = 10},
      "turn it on");
  server.add_resource({.uri = "device://status", .name = "status", .mime_type = "application/json"},
                      [] {
                        return mcp_mqtt::Json{{"on", true}};
                      });
}

void add_templates(McpServer& server) {
  server.add_resource_template({.uri_template = "device://rooms/{room}/{reading}",
                                .name = "reading",
                                .title = "A reading of a room",
                                .description = "What is measured in a room",
                                .mime_type = "text/plain",
                                .annotations = Annotations{.priority = 0.4},
                                .icons = {icon()},
                                .meta = {{"example.com/kind", "reading"}}},
                               [](const ResourceRequest& request) {
                                 return request.variables.at("reading") + " of " +
                                        request.variables.at("room");
                               });
  server.add_resource_template(
      {.uri_template = "device://files/{+path}", .name = "file"},
      [](const ResourceRequest& request) { return "file " + request.variables.at("path"); });
  server.add_resource_template({.uri_template = "device://find{?text,limit}", .name = "find"},
                               [](const ResourceRequest& request) {
                                 return "found " + request.variables.at("text") + ", at most " +
                                        request.variables.at("limit");
                               });
  server.add_resource_template(
      {.uri_template = "device://floors{/floor}", .name = "floor"},
      [](const ResourceRequest& request) { return "floor " + request.variables.at("floor"); });
}

}  // namespace

void add_resources(McpServer& server, Device& device) {
  server.add_resource({.uri = "device://volume",
                       .name = "volume",
                       .title = "The volume",
                       .description = "From 0 to 100",
                       .mime_type = "text/plain"},
                      [&] { return std::to_string(device.volume); });
  add_fixed(server);
  add_templates(server);
}

}  // namespace interop
