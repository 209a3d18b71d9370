#include "mcp-mqtt/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "mcp-mqtt/failure.hpp"

namespace mcp_mqtt::command_line {

std::string number_text(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", number);
  return text;
}

std::chrono::milliseconds seconds_option(std::string_view option, double seconds) {
  constexpr double day = 86'400;
  // A time that rounds to no millisecond would be none.
  if (!(seconds >= 0.001) || seconds > day) {
    throw Failure(ExitCode::usage, std::string(option) + " takes seconds, from 0.001 to 86400");
  }
  return std::chrono::milliseconds(std::llround(seconds * 1'000));
}

std::chrono::microseconds quantile(const std::vector<std::chrono::microseconds>& sorted,
                                   double part) {
  const double rank = std::ceil(part * static_cast<double>(sorted.size()));
  const auto at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(at, sorted.size() - 1)];
}

std::string milliseconds_text(std::chrono::microseconds time) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(time.count()) / 1'000);
  return text;
}

}  // namespace mcp_mqtt::command_line
