#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <vector>

namespace mcp_mqtt::bench {

/// Measured values of one kind.
class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  std::size_t count() const noexcept { return values_.size(); }

  /// The value that `share` (0 to 1) of all values do not exceed.
  double quantile(double share) const {
    if (values_.empty()) throw std::logic_error("nothing was measured");
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const auto last = sorted.size() - 1;
    return sorted[std::min(last, static_cast<std::size_t>(static_cast<double>(last) * share))];
  }
  double median() const { return quantile(0.5); }
  double p99() const { return quantile(0.99); }

 private:
  std::vector<double> values_;
};

/// How long `work` takes, in microseconds.
inline double microseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace mcp_mqtt::bench
