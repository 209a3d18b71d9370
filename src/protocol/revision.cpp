#include <mcp_mqtt/protocol/revision.hpp>

namespace mcp_mqtt {

std::string_view to_string(Revision revision) noexcept {
  switch (revision) {
    case Revision::v2024_11_05:
      return "2024-11-05";
    case Revision::v2025_03_26:
      return "2025-03-26";
    case Revision::v2025_06_18:
      return "2025-06-18";
    case Revision::v2025_11_25:
      break;
  }
  return "2025-11-25";
}

std::optional<Revision> parse_revision(std::string_view text) noexcept {
  for (const Revision revision : all_revisions) {
    if (to_string(revision) == text) return revision;
  }
  return std::nullopt;
}

}  // namespace mcp_mqtt
