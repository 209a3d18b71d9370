#pragma once

#include <optional>
#include <string>

namespace mcp_mqtt {

/// `notifications/progress`: how far a request has come.
struct Progress {
  double progress = 0;  ///< Increases from one notification to the next.
  std::optional<double> total = {};
  std::string message = {};  ///< Since 2025-03-26.
};

}  // namespace mcp_mqtt
