#include <mcp_mqtt/schema/resource_reader.hpp>

namespace mcp_mqtt::schema {

void throw_not_found(const std::string& uri) { throw McpError(resource_not_found(uri)); }

ReadResourceResult read_contents(const std::string& uri, std::vector<ResourceContents> contents,
                                 const std::string& mime_type) {
  for (ResourceContents& one : contents) {
    if (one.uri.empty()) one.uri = uri;
    if (one.mime_type.empty()) one.mime_type = mime_type;
  }
  ReadResourceResult result;
  result.contents = std::move(contents);
  return result;
}

ReadResourceResult read_text(const std::string& uri, std::string text,
                             const std::string& mime_type) {
  return read_contents(uri, {text_contents(uri, std::move(text), mime_type)}, mime_type);
}

ReadResourceResult read_bytes(const std::string& uri, std::string bytes,
                              const std::string& mime_type) {
  return read_contents(uri, {binary_contents(uri, std::move(bytes), mime_type)}, mime_type);
}

ReadResourceResult read_json(const std::string& uri, const Json& json,
                             const std::string& mime_type) {
  return read_text(uri, json.dump(-1, ' ', false, Json::error_handler_t::replace),
                   mime_type.empty() ? "application/json" : mime_type);
}

}  // namespace mcp_mqtt::schema
