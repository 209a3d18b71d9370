#pragma once

#include <cstddef>
#include <functional>
#include <thread>

#include "mcp-mqtt/stdio/descriptor.hpp"
#include "mcp-mqtt/stdio/line_buffer.hpp"

namespace mcp_mqtt::command_line {

/// Reads lines from a descriptor, such as standard input, on a thread of its own, where the events
/// come. The descriptor stays the caller's, and is left as it is.
class LineReader {
 public:
  /// `most`: bytes of a line. `on_end`: there is nothing more to read; once, the last event.
  LineReader(int descriptor, std::size_t most, LineEvents events, std::function<void()> on_end);
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  /// Waits for an event that runs; no more come. Not in an event.
  ~LineReader();

 private:
  void read(int descriptor, LineBuffer lines, const std::function<void()>& on_end);

  Wake stop_;
  std::thread thread_;
};

}  // namespace mcp_mqtt::command_line
