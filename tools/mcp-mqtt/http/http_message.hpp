#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp_mqtt::command_line {

class EventReader;

/// One HTTP request, as far as MCP looks at it.
struct HttpRequest {
  std::string method;
  std::string path;  ///< Decoded, without the query.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The header's value; of several the first. Nothing where there is none.
  std::optional<std::string> header(std::string_view name) const;
  std::size_t header_count(std::string_view name) const;
};

/// What the server answers: a body, or a stream of events.
struct HttpReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string content_type = {};
  std::string body = {};
  std::shared_ptr<EventReader> events = {};

  std::string header(std::string_view name) const;
};

}  // namespace mcp_mqtt::command_line
