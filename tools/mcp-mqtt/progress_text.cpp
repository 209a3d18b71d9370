#include "mcp-mqtt/progress_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "mcp-mqtt/numbers.hpp"
#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr std::size_t widest_bar = 40;

}  // namespace

std::string progress_bar(const Progress& progress, std::size_t width) {
  std::string line;
  if (progress.total && *progress.total > 0) {
    // A server may say anything, more than the total and less than nothing too.
    const double ratio = progress.progress / *progress.total;
    const double part = std::isfinite(ratio) ? std::clamp(ratio, 0.0, 1.0) : 0.0;
    const std::size_t cells = std::min(widest_bar, width / 2);
    const auto full = static_cast<std::size_t>(std::floor(part * static_cast<double>(cells)));
    char percent[8];
    std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(std::floor(part * 100)));
    line = '[' + std::string(full, '#') + std::string(cells - full, '-') + "] " + percent;
  } else {
    line = number_text(progress.progress);
  }
  if (!progress.message.empty()) line += ' ' + safe_line(progress.message);
  return cut(line, width);
}

std::string progress_line(const Progress& progress) {
  std::string line = "progress " + number_text(progress.progress);
  if (progress.total) line += '/' + number_text(*progress.total);
  if (!progress.message.empty()) line += ' ' + progress.message;
  return line;
}

}  // namespace mcp_mqtt::command_line
