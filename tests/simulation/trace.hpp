#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <fmt/format.h>
#include <string>

#include "virtual_clock.hpp"

namespace mcp_mqtt::simulation {

/// What happened in one schedule, as lines to read. Off, it costs nothing.
class Trace {
 public:
  enum class Mode {
    off,
    last,   ///< Keeps the last lines, and a sum over all.
    print,  ///< To standard output at once.
  };

  Trace(const VirtualClock& clock, Mode mode) : clock_(clock), mode_(mode), start_(clock.now()) {}

  /// `make_text` returns the line; it is called only where somebody reads it.
  template <class MakeText>
  void operator()(const std::string& who, const MakeText& make_text) {
    if (mode_ == Mode::off) return;
    const double time = std::chrono::duration<double>(clock_.now() - start_).count();
    add(fmt::format("{:10.4f} {:12} {}", time, who, make_text()));
  }

  /// Says whether two runs were the same.
  std::uint64_t sum() const noexcept { return sum_; }
  std::string last_lines() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  static constexpr std::size_t kept_lines = 60;

  void add(const std::string& line) {
    for (const char c : line)
      sum_ = (sum_ ^ static_cast<unsigned char>(c)) * 1099511628211U;  // FNV
    if (mode_ == Mode::print) {
      std::puts(line.substr(0, 400).c_str());
      return;
    }
    lines_.push_back(line.substr(0, 400));
    if (lines_.size() > kept_lines) lines_.pop_front();
  }

  const VirtualClock& clock_;
  Mode mode_;
  TimePoint start_;
  std::uint64_t sum_ = 14695981039346656037U;
  std::deque<std::string> lines_;
};

}  // namespace mcp_mqtt::simulation
