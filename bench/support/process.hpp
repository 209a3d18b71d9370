#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mcp_mqtt::bench {

/// What a process has used.
struct Usage {
  /// Processor time of all its threads, in seconds.
  static double cpu_seconds(pid_t pid);
  /// Resident memory, in bytes.
  static std::uint64_t resident_bytes(pid_t pid);
  /// The most that was resident since reset_peak(), in bytes.
  static std::uint64_t peak_resident_bytes(pid_t pid);
  static void reset_peak(pid_t pid);
};

/// A program beside this one. It ends with this object: its standard input is closed, and after a
/// while it is killed.
class Process {
 public:
  /// `environment`: variables NAME=VALUE beside our own. Throws std::runtime_error.
  explicit Process(const std::vector<std::string>& command,
                   const std::vector<std::string>& environment = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const noexcept { return pid_; }
  /// The next line of its standard output. Throws where none comes in time.
  std::string read_line(std::chrono::seconds patience = std::chrono::seconds(30));

  double cpu_seconds() const { return Usage::cpu_seconds(pid_); }
  std::uint64_t resident_bytes() const { return Usage::resident_bytes(pid_); }

 private:
  void end() noexcept;

  std::string name_;
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace mcp_mqtt::bench
