#include "mcp-mqtt/stdio/line_queue.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace mcp_mqtt::command_line {
namespace {

/// Keeps SIGPIPE from this thread, and takes back one that came meanwhile: the others, and
/// programs that are started, see nothing of it.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() {
    const int reason = errno;
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec now{};
      while (::sigtimedwait(&set_, nullptr, &now) == SIGPIPE) {
      }
      ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    errno = reason;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

}  // namespace

bool LineQueue::push(std::string line) {
  if (!lines_.empty() && waiting_ + line.size() >= most_) return false;
  line += '\n';
  waiting_ += line.size();
  lines_.push_back(std::move(line));
  return true;
}

LineQueue::Written LineQueue::write_to(int descriptor) {
  const NoBrokenPipe no_signal;
  // A pipe that can be written takes so much at once.
  const bool blocking = (::fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0;
  while (!lines_.empty()) {
    const std::string& line = lines_.front();
    std::size_t size = line.size() - begun_;
    if (blocking) size = std::min<std::size_t>(size, PIPE_BUF);
    const ssize_t count = ::write(descriptor, line.data() + begun_, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Written::some;
    if (count < 0) return Written::failed;
    begun_ += static_cast<std::size_t>(count);
    if (begun_ == line.size()) {
      waiting_ -= line.size();
      begun_ = 0;
      lines_.pop_front();
    }
    if (blocking) break;
  }
  return lines_.empty() ? Written::all : Written::some;
}

}  // namespace mcp_mqtt::command_line
