#include <string>
#include <vector>

#include "fixture.hpp"
#include "media.hpp"

namespace conformance {
namespace {

using mcp_mqtt::Json;

std::string template_data(const mcp_mqtt::ResourceRequest& request) {
  const std::string& id = request.variables.at("id");
  return "{\"id\":" + Json(id).dump() +
         ",\"templateTest\":true,\"data\":" + Json("Data for ID: " + id).dump() + "}";
}

}  // namespace

void add_resources(mcp_mqtt::McpServer& server) {
  server.add_resource({.uri = "test://static-text",
                       .name = "Static Text Resource",
                       .description = "A fixed text",
                       .mime_type = "text/plain"},
                      "This is the content of the static text resource.");
  server.add_resource({.uri = "test://static-binary",
                       .name = "Static Binary Resource",
                       .description = "A fixed image",
                       .mime_type = image_type},
                      [] { return std::vector<std::uint8_t>(red_pixel.begin(), red_pixel.end()); });
  server.add_resource({.uri = "test://watched-resource",
                       .name = "Watched Resource",
                       .description = "A resource to subscribe to",
                       .mime_type = "text/plain"},
                      "Watched resource content");
  server.add_resource_template({.uri_template = "test://template/{id}/data",
                                .name = "Resource Template",
                                .description = "Resources that differ by an id",
                                .mime_type = "application/json"},
                               template_data);
}

}  // namespace conformance
