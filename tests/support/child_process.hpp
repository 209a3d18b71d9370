#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace mcp_mqtt::test {

/// How a process ended.
struct ExitStatus {
  std::optional<int> code;    ///< What it returned, or
  std::optional<int> signal;  ///< the signal that ended it.
  bool success() const noexcept { return code == 0; }
};

/// A program that the test started. Its standard output and error are collected while it runs; it
/// inherits no other descriptor. The destructor kills it, by its own id, and waits for its end.
///
/// It also dies with the test (Linux ties that to the *thread* that started it, so start from one
/// that lives as long as the child should: usually the main thread).
class ChildProcess {
 public:
  struct Options {
    /// Added to the test's own environment, as `NAME=value`.
    std::vector<std::string> environment;
    std::string working_directory;
  };

  /// Starts `arguments[0]`, looked up in PATH and in /usr/sbin. Throws std::runtime_error when it
  /// cannot be started.
  explicit ChildProcess(std::vector<std::string> arguments) : ChildProcess(arguments, Options()) {}
  ChildProcess(std::vector<std::string> arguments, const Options& options);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  pid_t pid() const noexcept { return pid_; }

  /// Sends a signal, unless the process has been waited for already.
  void signal(int number);
  /// Waits for its end; nothing if it still runs at the deadline.
  std::optional<ExitStatus> wait_for(std::chrono::milliseconds timeout);
  /// Sends SIGKILL and waits for the end.
  ExitStatus kill();
  bool running() { return !wait_for(std::chrono::milliseconds(0)).has_value(); }

  /// Writes to its standard input; blocks while the child does not read.
  void write(std::string_view text);
  void close_input();

  std::string output() const;
  std::string error_output() const;
  /// Waits until standard output or error holds `text`; false at the deadline, or when both have
  /// ended without it.
  bool wait_for_output(std::string_view text, std::chrono::milliseconds timeout) const;
  /// Waits until `found` is true of standard output; false at the deadline, or when it has ended
  /// without it.
  bool wait_for_output(const std::function<bool(const std::string& output)>& found,
                       std::chrono::milliseconds timeout) const;
  /// Waits until the process has closed its standard output and error; false at the deadline.
  bool wait_for_output_end(std::chrono::milliseconds timeout) const;

 private:
  void collect(int out, int err, int stop);

  pid_t pid_ = -1;
  int input_ = -1;
  int stop_collecting_ = -1;
  std::optional<ExitStatus> status_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string output_;
  std::string error_output_;
  bool output_ended_ = false;
  std::thread collector_;
};

/// Runs a program to its end and returns what it wrote to standard output. Throws
/// std::runtime_error, with what it wrote to standard error, if it fails or takes too long.
std::string run(std::vector<std::string> arguments,
                std::chrono::milliseconds timeout = std::chrono::seconds(20));

/// The path of a program in PATH or /usr/sbin; empty if there is none.
std::string find_program(std::string_view name);

}  // namespace mcp_mqtt::test
