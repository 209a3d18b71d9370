#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt {

/// A picture that stands for a tool, resource, prompt or implementation (since 2025-11-25).
struct Icon {
  std::string src;                      ///< An https: or data: URI. Judge it by whom it comes from.
  std::string mime_type = {};           ///< Where the source does not say.
  std::vector<std::string> sizes = {};  ///< "48x48", "any"; empty: any size.
  std::string theme = {};               ///< "light" or "dark": the background it is made for.

  bool operator==(const Icon&) const = default;
};

Json to_json(const Icon& icon);
/// Liberal: what is missing or of another type reads as empty.
Icon icon_from_json(const Json& json);

}  // namespace mcp_mqtt
