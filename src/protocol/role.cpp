#include <mcp_mqtt/protocol/role.hpp>

namespace mcp_mqtt {

std::string_view to_string(Role role) noexcept { return role == Role::user ? "user" : "assistant"; }

std::optional<Role> parse_role(std::string_view text) noexcept {
  if (text == "user") return Role::user;
  if (text == "assistant") return Role::assistant;
  return std::nullopt;
}

}  // namespace mcp_mqtt
