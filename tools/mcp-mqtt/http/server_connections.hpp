#pragma once

#include <cstdint>

namespace mcp_mqtt::command_line {

/// Shuts down every connection that this process accepted on a TCP port, so that whoever reads or
/// writes there is done at once. httplib keeps them to itself, so they are looked for among the
/// process's descriptors.
void shut_down_connections(std::uint16_t port);

}  // namespace mcp_mqtt::command_line
