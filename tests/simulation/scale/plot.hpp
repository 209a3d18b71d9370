#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace mcp_mqtt::simulation::scale {

/// An SVG without background, readable on light and dark ones: what the broker carries in each
/// 100 ms, and how many sessions are open, over the time since the restart.
std::string plot(const std::vector<Played>& all);

}  // namespace mcp_mqtt::simulation::scale
