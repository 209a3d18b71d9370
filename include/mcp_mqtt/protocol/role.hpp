#pragma once

#include <optional>
#include <string_view>

namespace mcp_mqtt {

/// Who speaks in a message of a prompt or a sampling request.
enum class Role { user, assistant };

std::string_view to_string(Role role) noexcept;
std::optional<Role> parse_role(std::string_view text) noexcept;

}  // namespace mcp_mqtt
