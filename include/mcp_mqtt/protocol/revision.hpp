#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace mcp_mqtt {

/// The MCP revisions that the library speaks, oldest first. Comparisons follow time.
enum class Revision { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25 };

inline constexpr std::array all_revisions{Revision::v2024_11_05, Revision::v2025_03_26,
                                          Revision::v2025_06_18, Revision::v2025_11_25};
inline constexpr Revision latest_revision = Revision::v2025_11_25;

/// The revision as `protocolVersion` writes it, e.g. "2025-11-25".
std::string_view to_string(Revision revision) noexcept;
std::optional<Revision> parse_revision(std::string_view text) noexcept;

}  // namespace mcp_mqtt
