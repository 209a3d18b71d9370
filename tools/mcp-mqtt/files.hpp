#pragma once

#include <string>

namespace mcp_mqtt::command_line {

/// The whole file; `-` is standard input. Throws Failure (`usage`) with the name and the reason
/// where it cannot be read or is larger than 64 MiB.
std::string read_file(const std::string& path);

}  // namespace mcp_mqtt::command_line
