#pragma once

#include <cstddef>
#include <deque>
#include <string>

namespace mcp_mqtt::command_line {

/// Lines on their way into a descriptor that may not take them at once. Not for several threads.
class LineQueue {
 public:
  /// `most`: bytes that may wait. A single line fits whatever its size.
  explicit LineQueue(std::size_t most) : most_(most) {}

  /// Takes a line without its line feed, which is added. False: too much waits already.
  bool push(std::string line);
  bool empty() const noexcept { return lines_.empty(); }
  /// Bytes that wait.
  std::size_t waiting() const noexcept { return waiting_; }

  enum class Written {
    all,     ///< Nothing waits any more.
    some,    ///< The descriptor takes no more for now: poll it.
    failed,  ///< Nobody reads it any more, or `errno` says why.
  };
  /// Writes what the descriptor takes without blocking; where it is not O_NONBLOCK, call this when
  /// poll() says that it can be written. Raises no SIGPIPE.
  Written write_to(int descriptor);

 private:
  std::size_t most_;
  std::deque<std::string> lines_;
  std::size_t waiting_ = 0;
  std::size_t begun_ = 0;  ///< Bytes of the first line that are written.
};

}  // namespace mcp_mqtt::command_line
