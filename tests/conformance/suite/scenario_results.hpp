#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mcp_mqtt::test {

/// What the suite found in one scenario.
struct ScenarioResult {
  std::string name;
  std::size_t passed = 0;
  std::size_t warnings = 0;
  std::size_t failed = 0;
  /// What failed or was warned of, a line each.
  std::vector<std::string> remarks;

  /// Something was checked, and nothing failed.
  bool good() const noexcept { return passed > 0 && failed == 0; }
};

/// Reads the `checks.json` of a scenario. The suite writes it to `folder`/PREFIX-NAME-TIME. Without
/// one the scenario did not run: that is a failure, too.
ScenarioResult read_scenario(const std::string& folder, const std::string& prefix,
                             const std::string& name);

/// A line for each, and those that are no success in full.
std::string report(const std::vector<ScenarioResult>& results);

/// "30 of 30".
std::string score(const std::vector<ScenarioResult>& results);

}  // namespace mcp_mqtt::test
