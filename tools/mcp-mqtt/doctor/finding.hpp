#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::command_line {

enum class Verdict {
  ok,
  warning,  ///< It works, and could be better.
  failed,   ///< MCP does not work, or not fully.
  skipped,  ///< It could not be looked at.
};

constexpr std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::warning:
      return "warning";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      break;
  }
  return "skipped";
}

/// What one check came to.
struct Finding {
  std::string check;
  Verdict verdict = Verdict::ok;
  std::string seen;
  std::string advice = {};  ///< What to do about it; empty: nothing.
  Json data = nullptr;      ///< What was measured, for JSON; null: nothing.
};

/// The findings of a run, in order. `told` hears each one at once.
class Report {
 public:
  explicit Report(std::function<void(const Finding&)> told) : told_(std::move(told)) {}

  void add(Finding finding) {
    told_(finding);
    findings_.push_back(std::move(finding));
  }

  const std::vector<Finding>& findings() const noexcept { return findings_; }
  std::size_t count(Verdict verdict) const {
    return static_cast<std::size_t>(
        std::count_if(findings_.begin(), findings_.end(),
                      [&](const Finding& finding) { return finding.verdict == verdict; }));
  }

 private:
  std::function<void(const Finding&)> told_;
  std::vector<Finding> findings_;
};

}  // namespace mcp_mqtt::command_line
