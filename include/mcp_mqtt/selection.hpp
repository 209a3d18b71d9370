#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <mcp_mqtt/protocol/server_instance.hpp>

namespace mcp_mqtt {

/// Chooses among the instances of a service that could serve a new session: the index of the chosen
/// one, or `no_choice` to wait for a better one. The list is never empty and ordered by server-name
/// and server-id. It runs on the library's own thread: it must return quickly, must not block, and
/// what it throws ends the open() with that message.
using SelectionPolicy = std::function<std::size_t(const std::vector<ServerInstance>&)>;

inline constexpr std::size_t no_choice = static_cast<std::size_t>(-1);

/// Any instance, each as likely as the other: the default, since it spreads many clients.
SelectionPolicy select_random();
/// One after the other, over all uses of the returned policy (and its copies).
SelectionPolicy select_round_robin();
/// The first by server-id.
SelectionPolicy select_first();

}  // namespace mcp_mqtt
