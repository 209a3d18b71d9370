#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "mcp-mqtt/stdio/descriptor.hpp"
#include "mcp-mqtt/stdio/line_queue.hpp"

namespace mcp_mqtt::command_line {

/// Writes lines to a descriptor, such as standard output, each whole and in the order of the calls,
/// on a thread of its own: whoever does not read holds up nobody. The descriptor stays the
/// caller's, and is left as it is. Any thread.
class LineWriter {
 public:
  /// `most`: bytes that may wait. `on_failed`: nobody reads any more, and nothing more is written;
  /// once at most, on the writer's thread.
  LineWriter(int descriptor, std::size_t most, std::function<void(int error_number)> on_failed);
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  /// What waits is dropped, see finish(). Not in on_failed.
  ~LineWriter();

  /// A line without its line feed, which is added. Does not wait. False: too much waits already,
  /// or nobody reads; then the line is dropped.
  bool write(std::string line);
  /// Bytes that wait.
  std::size_t waiting() const;
  /// Waits until all is written, at most so long. False: it is not.
  bool finish(std::chrono::milliseconds timeout);

 private:
  void run();
  /// Waits until the descriptor can be written; false: this ends.
  bool writable() const;

  int descriptor_;
  std::function<void(int)> on_failed_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  LineQueue queue_;
  bool stop_ = false;
  bool failed_ = false;
  Wake wake_;
  std::thread thread_;
};

}  // namespace mcp_mqtt::command_line
