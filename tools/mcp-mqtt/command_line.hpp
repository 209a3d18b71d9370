#pragma once

namespace mcp_mqtt::command_line {

/// The whole program: reads the command line, does what it says, and gives the exit code. What goes
/// wrong is one line on standard error. Call it once, from main().
int run(int argc, const char* const* argv);

}  // namespace mcp_mqtt::command_line
