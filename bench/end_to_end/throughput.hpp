#pragma once

#include <stdexcept>
#include <vector>

#include "end_to_end/site.hpp"
#include "support/drive.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {

/// Many calls at once beside as many raw echoes, in turns.
class Throughput {
 public:
  static constexpr int in_flight = 64;

  Throughput(RawEcho& echo, Process& raw_end, const std::vector<ClientSession>& sessions,
             Process& server)
      : echo_(echo), raw_end_(raw_end), sessions_(sessions), server_(server) {}

  /// `count` of each. Throws where a call fails: a figure of the others would mean nothing.
  void block(int count) {
    const double raw_before = raw_end_.cpu_seconds();
    raw_rate.add(count / (microseconds([&] { echo_.rounds(count, in_flight); }) * 1e-6));
    raw_cpu.add((raw_end_.cpu_seconds() - raw_before) / count * 1e6);
    const double before = server_.cpu_seconds();
    const Driven driven = drive(sessions_, "echo", {{"text", "hello"}}, count, in_flight);
    if (!driven.failures.empty()) {
      throw std::runtime_error("a call failed: " + driven.failures.begin()->first);
    }
    rate.add(driven.per_second());
    cpu.add((server_.cpu_seconds() - before) / count * 1e6);
  }

  Samples raw_rate;  ///< A second.
  Samples rate;
  Samples raw_cpu;  ///< Of the far end, for each, in microseconds.
  Samples cpu;

 private:
  RawEcho& echo_;
  Process& raw_end_;
  const std::vector<ClientSession>& sessions_;
  Process& server_;
};

}  // namespace mcp_mqtt::bench
