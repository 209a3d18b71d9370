#include "conformance/suite/scenario_results.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::test {
namespace {

/// The time at the end of the folder's name begins with the year; a longer name of another scenario
/// does not.
bool belongs_to(const std::string& folder, const std::string& stem) {
  return folder.starts_with(stem) && folder.size() > stem.size() && folder[stem.size()] == '2';
}

std::string text_of(const Json& check, const char* member) {
  const auto found = check.find(member);
  return found != check.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void count(const Json& check, ScenarioResult& result) {
  const std::string status = text_of(check, "status");
  if (status == "SUCCESS") {
    ++result.passed;
  } else if (status == "WARNING" || status == "FAILURE") {
    ++(status == "WARNING" ? result.warnings : result.failed);
    result.remarks.push_back(status + ' ' + text_of(check, "id") + ": " +
                             text_of(check, "errorMessage"));
  }
}

}  // namespace

ScenarioResult read_scenario(const std::string& folder, const std::string& prefix,
                             const std::string& name) {
  ScenarioResult result;
  result.name = name;
  const std::string stem = prefix + name + '-';
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (!belongs_to(entry.path().filename().string(), stem)) continue;
    std::ifstream file(entry.path() / "checks.json");
    const Json checks = Json::parse(file, nullptr, false);
    if (!checks.is_array()) continue;
    for (const Json& check : checks) count(check, result);
    return result;
  }
  result.failed = 1;
  result.remarks.emplace_back("FAILURE: the suite has no result of it");
  return result;
}

std::string report(const std::vector<ScenarioResult>& results) {
  std::string out;
  for (const ScenarioResult& result : results) {
    std::string line = result.good() ? "ok    " : "FAILED";
    line += "  " + result.name;
    line.resize(std::max<std::size_t>(line.size(), 46), ' ');
    out += line + std::to_string(result.passed) + " passed";
    if (result.warnings > 0) out += ", " + std::to_string(result.warnings) + " warnings";
    if (result.failed > 0) out += ", " + std::to_string(result.failed) + " failed";
    out += '\n';
    for (const std::string& remark : result.remarks) out += "          " + remark + '\n';
  }
  return out;
}

std::string score(const std::vector<ScenarioResult>& results) {
  const auto good = std::count_if(results.begin(), results.end(),
                                  [](const ScenarioResult& result) { return result.good(); });
  return std::to_string(good) + " of " + std::to_string(results.size());
}

}  // namespace mcp_mqtt::test
