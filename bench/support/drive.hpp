#pragma once

#include <map>
#include <string>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "support/samples.hpp"

namespace mcp_mqtt::bench {

/// What a number of calls came to.
struct Driven {
  double seconds = 0;
  Samples microseconds;                 ///< Of each call that was answered.
  std::map<std::string, int> failures;  ///< How often, by what the error says.

  double per_second() const { return static_cast<double>(microseconds.count()) / seconds; }
};

/// Makes `count` calls of a tool, `in_flight` at once, the sessions in turns. Waits for all of
/// them.
Driven drive(const std::vector<ClientSession>& sessions, const std::string& tool,
             const Json& arguments, int count, int in_flight);

}  // namespace mcp_mqtt::bench
