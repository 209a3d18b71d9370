#pragma once

#include <string>
#include <sys/types.h>

#include "mcp-mqtt/child/command.hpp"
#include "mcp-mqtt/stdio/descriptor.hpp"

namespace mcp_mqtt::command_line {

/// A program that was started, and our ends of its standard streams, which never block.
struct Spawned {
  pid_t pid = -1;  ///< -1: it was not started, and `error` says why.
  Descriptor input = {};
  Descriptor output = {};
  Descriptor errors = {};
  std::string error = {};
};

/// Starts it in a session of its own, so that Ctrl-C at our terminal is not its affair and a signal
/// reaches all that it starts. It inherits no descriptor, and no signal is blocked or ignored.
/// Returns when the program runs, or is known not to.
Spawned spawn(const ChildCommand& command);

}  // namespace mcp_mqtt::command_line
