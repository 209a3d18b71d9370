#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace mcp_mqtt::command_line {

/// Takes what a LineBuffer cut.
struct LineEvents {
  /// A line without its end ("\n" or "\r\n"). Empty ones are left out.
  std::function<void(std::string line)> on_line;
  /// A line that was longer than the bound: its beginning, and how long it was. May be empty.
  std::function<void(std::string beginning, std::size_t bytes)> on_too_long;
};

/// Cuts what comes from a stream into lines. A line that is longer than the bound is passed over,
/// and takes no more memory than that. Not for several threads.
class LineBuffer {
 public:
  /// `most`: bytes of a line.
  LineBuffer(std::size_t most, LineEvents events);

  void add(std::string_view bytes);
  /// The stream is over: what stands behind the last line feed is a line, too.
  void end();

 private:
  void append(std::string_view bytes);
  void cut();

  std::size_t most_;
  LineEvents events_;
  std::string line_;
  std::size_t bytes_ = 0;
};

}  // namespace mcp_mqtt::command_line
