#include "mcp-mqtt/stdio/line_buffer.hpp"

#include <utility>

namespace mcp_mqtt::command_line {
namespace {

/// Of a line that is too long, for the message about it.
constexpr std::size_t beginning_bytes = 200;

}  // namespace

LineBuffer::LineBuffer(std::size_t most, LineEvents events)
    : most_(most), events_(std::move(events)) {}

void LineBuffer::add(std::string_view bytes) {
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    append(bytes.substr(0, end));
    cut();
    bytes.remove_prefix(end + 1);
  }
  append(bytes);
}

void LineBuffer::end() { cut(); }

void LineBuffer::append(std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ <= most_) {
    line_ += bytes;
  } else if (line_.size() > beginning_bytes) {
    line_.resize(beginning_bytes);
    line_.shrink_to_fit();
  } else {
    line_ += bytes.substr(0, beginning_bytes - line_.size());
  }
}

void LineBuffer::cut() {
  std::string line = std::exchange(line_, {});
  const std::size_t bytes = std::exchange(bytes_, 0);
  if (bytes > most_) {
    if (events_.on_too_long) events_.on_too_long(std::move(line), bytes);
    return;
  }
  if (line.ends_with('\r')) line.pop_back();
  if (!line.empty()) events_.on_line(std::move(line));
}

}  // namespace mcp_mqtt::command_line
