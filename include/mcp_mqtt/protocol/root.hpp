#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// A place that a client lets a server work in.
struct Root {
  std::string uri;        ///< A file: URI by today's specification.
  std::string name = {};  ///< For people.
  Json meta = nullptr;    ///< `_meta`, since 2025-06-18; null: none.

  bool operator==(const Root&) const = default;
};

/// The result of `roots/list`.
Json to_json(const std::vector<Root>& roots, Revision revision);
Result<std::vector<Root>> roots_from_json(const Json& result);

}  // namespace mcp_mqtt
