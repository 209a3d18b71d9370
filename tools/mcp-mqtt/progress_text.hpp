#pragma once

#include <cstddef>
#include <string>

#include <mcp_mqtt/protocol/progress.hpp>

namespace mcp_mqtt::command_line {

/// Progress as a bar of at most `width` columns: "[#####-----]  50% note 5 of 10". Without a total
/// there is no bar.
std::string progress_bar(const Progress& progress, std::size_t width);

/// Progress as a line for a file: "progress 5/10 note 5".
std::string progress_line(const Progress& progress);

}  // namespace mcp_mqtt::command_line
