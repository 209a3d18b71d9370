#include "mcp-mqtt/stdio/line_reader.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mcp_mqtt::command_line {

LineReader::LineReader(int descriptor, std::size_t most, LineEvents events,
                       std::function<void()> on_end) {
  thread_ = std::thread([this, descriptor, lines = LineBuffer(most, std::move(events)),
                         on_end = std::move(on_end)] { read(descriptor, lines, on_end); });
}

LineReader::~LineReader() {
  stop_.call();
  thread_.join();
}

void LineReader::read(int descriptor, LineBuffer lines, const std::function<void()>& on_end) {
  std::vector<char> buffer(std::size_t{64} << 10U);
  std::array<pollfd, 2> sources{pollfd{descriptor, POLLIN, 0},
                                pollfd{stop_.descriptor(), POLLIN, 0}};
  while (true) {
    if (::poll(sources.data(), sources.size(), -1) < 0) continue;
    if (sources[1].revents != 0) return;
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (count <= 0) break;
    lines.add({buffer.data(), static_cast<std::size_t>(count)});
  }
  lines.end();
  on_end();
}

}  // namespace mcp_mqtt::command_line
