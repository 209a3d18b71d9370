#pragma once

#include <functional>
#include <map>
#include <string>

#include <mcp_mqtt/protocol/resource.hpp>

namespace mcp_mqtt {

class RequestContext;

/// What a resource's handler is asked for.
struct ResourceRequest {
  std::string uri;
  /// Of a template: what its variables stand for in `uri`, percent-decoded.
  std::map<std::string, std::string> variables = {};
};

/// Answers one `resources/read`. May be called from several threads at once. McpError with
/// resource_not_found() says that there is no such resource; any other exception is an internal
/// error with its message.
using ResourceHandler =
    std::function<ReadResourceResult(const ResourceRequest& request, RequestContext& context)>;

/// A resource as `resources/list` shows it, together with what reads it.
struct ResourceDefinition {
  Resource resource;
  ResourceHandler handler;
  /// As ToolDefinition::run_inline.
  bool run_inline = false;
};

/// A template as `resources/templates/list` shows it, together with what reads its resources.
struct ResourceTemplateDefinition {
  ResourceTemplate resource_template;
  ResourceHandler handler;
  /// As ToolDefinition::run_inline.
  bool run_inline = false;
};

/// The error -32002 with the URI in its data.
Error resource_not_found(const std::string& uri);

}  // namespace mcp_mqtt
