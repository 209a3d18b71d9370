#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

#include "restart.hpp"

// What a simulated restart came to, for people and for programs.
namespace mcp_mqtt::simulation::scale {

struct Played {
  Scenario scenario;
  Outcome outcome;
};

/// One row for each scenario: peaks, times, sums.
std::string overview_table(const std::vector<Played>& all);
/// Messages by kind: in all and in the busiest second, in and out.
std::string kinds_table(const Played& played);
/// What one client that discovers everything costs.
std::string watcher_line(const Played& played);
/// What grows with the instances of a server-name: one row for each of these.
std::string growth_table(const std::vector<Played>& all);
Json as_json(const Played& played);

/// When this part of `wanted` was reached, in seconds; negative: never.
double reached(const Times& times, std::size_t wanted, double part);

}  // namespace mcp_mqtt::simulation::scale
