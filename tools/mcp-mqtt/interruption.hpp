#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace mcp_mqtt::command_line {

/// Turns Ctrl-C (SIGINT) and SIGTERM into a request to stop. The second one ends the process at
/// once, for whoever does not want to wait for a server. One object in a process, made before other
/// threads are: they inherit that the signals are blocked.
class Interruption {
 public:
  /// Throws std::system_error where the system has no descriptor left.
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  std::stop_token token() const { return stop_.get_token(); }
  bool requested() const { return stop_.stop_requested(); }
  /// 128 and the number of the signal, as a shell does; 0 while there was none.
  int exit_code() const;

 private:
  void watch();

  std::stop_source stop_;
  std::atomic<int> signal_{0};
  int signals_ = -1;
  int end_ = -1;
  std::thread watcher_;
  std::thread stopper_;
};

}  // namespace mcp_mqtt::command_line
