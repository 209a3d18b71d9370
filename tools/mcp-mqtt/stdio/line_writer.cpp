#include "mcp-mqtt/stdio/line_writer.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <utility>

namespace mcp_mqtt::command_line {

LineWriter::LineWriter(int descriptor, std::size_t most, std::function<void(int)> on_failed)
    : descriptor_(descriptor), on_failed_(std::move(on_failed)), queue_(most) {
  thread_ = std::thread([this] { run(); });
}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.call();
  changed_.notify_all();
  thread_.join();
}

bool LineWriter::write(std::string line) {
  const std::lock_guard lock(mutex_);
  if (failed_ || !queue_.push(std::move(line))) return false;
  changed_.notify_all();
  return true;
}

std::size_t LineWriter::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.waiting();
}

bool LineWriter::finish(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return failed_ || queue_.empty(); });
  return !failed_ && queue_.empty();
}

void LineWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    lock.unlock();
    const bool goes_on = writable();
    lock.lock();
    if (!goes_on) return;
    const auto written = queue_.write_to(descriptor_);
    if (written == LineQueue::Written::failed) {
      const int reason = errno;
      failed_ = true;
      changed_.notify_all();
      lock.unlock();
      if (on_failed_) on_failed_(reason);
      return;
    }
    if (written == LineQueue::Written::all) changed_.notify_all();
  }
}

bool LineWriter::writable() const {
  std::array<pollfd, 2> sources{pollfd{descriptor_, POLLOUT, 0},
                                pollfd{wake_.descriptor(), POLLIN, 0}};
  while (::poll(sources.data(), sources.size(), -1) < 0 && errno == EINTR) {
  }
  return sources[1].revents == 0;
}

}  // namespace mcp_mqtt::command_line
