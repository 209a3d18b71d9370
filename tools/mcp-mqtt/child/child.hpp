#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>

#include "mcp-mqtt/child/command.hpp"
#include "mcp-mqtt/stdio/descriptor.hpp"
#include "mcp-mqtt/stdio/line_buffer.hpp"
#include "mcp-mqtt/stdio/line_queue.hpp"

namespace mcp_mqtt::command_line {

/// How a child ended.
struct ChildEnd {
  bool started = true;
  bool asked = false;  ///< By Child::end(): not its own doing.
  bool late = false;   ///< It was ended since it was not ready in time.
  /// "ended with exit code 3", "was ended by signal 9 (Killed)", "there is no program 'x'".
  std::string text = {};
};

/// What a child does. All come on the child's own thread, in order.
struct ChildEvents {
  std::function<void(pid_t pid)> on_started;
  LineEvents output;
  LineEvents errors;
  /// The last one, always.
  std::function<void(const ChildEnd& end)> on_end;
};

struct ChildLimits {
  std::size_t output_line = 32U << 20;  ///< Bytes of a line of its standard output.
  std::size_t error_line = 2'000;       ///< Of its standard error.
  std::size_t queued = 8U << 20;        ///< Bytes that wait until it reads them.
  /// How long it may take to end by itself once its input is closed, after SIGTERM, and what is
  /// left of it to end with it.
  std::chrono::milliseconds patience{2'000};
};

/// A process of a program that speaks in lines over its standard streams. Any thread.
class Child {
 public:
  explicit Child(ChildCommand command, const ChildLimits& limits = {});

  enum class Sent { yes, full, ended };
  /// Sends it a line, without line feed. Does not wait: `full` where it does not read what it got.
  Sent write(std::string line);
  /// Closes its input so that it ends; if it does not, signals follow, to all that it started. Does
  /// not wait.
  void end();
  /// It is there: the start timeout does not count any more.
  void ready();

  /// Starts it after the pause and stays until it has ended. Once, on a thread for it. A child that
  /// is not ready() within `start_timeout` is ended.
  void run(const ChildEvents& events, std::chrono::milliseconds pause,
           std::optional<std::chrono::milliseconds> start_timeout);

 private:
  class Loop;

  ChildCommand command_;
  ChildLimits limits_;
  Wake wake_;
  std::mutex mutex_;
  LineQueue queue_;
  bool closed_ = false;
  std::atomic<bool> end_asked_ = false;
  std::atomic<bool> ready_ = false;
};

}  // namespace mcp_mqtt::command_line
