#include "mcp-mqtt/child/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "mcp-mqtt/child/spawn.hpp"

namespace mcp_mqtt::command_line {
namespace {

using Clock = std::chrono::steady_clock;

std::string end_text(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return "ended with exit code " + std::to_string(info.si_status);
  return "was ended by signal " + std::to_string(info.si_status) + " (" +
         ::strsignal(info.si_status) + ")";
}

}  // namespace

/// The life of a process that was started.
class Child::Loop {
 public:
  Loop(Child& child, Spawned process, const ChildEvents& events,
       std::optional<std::chrono::milliseconds> start_timeout)
      : child_(child),
        process_(std::move(process)),
        handle_(static_cast<int>(::syscall(SYS_pidfd_open, process_.pid, 0))),
        output_(child.limits_.output_line, events.output),
        errors_(child.limits_.error_line, events.errors) {
    if (start_timeout) start_deadline_ = Clock::now() + *start_timeout;
  }

  ChildEnd run() {
    while (step_ != Step::over) {
      wait();
      if (!exited_ && has_exited()) on_exit();
      if (child_.end_asked_) {
        asked_ = asked_ || step_ == Step::runs;
        close_input();
      }
      if (child_.ready_) start_deadline_.reset();
      on_time();
      if (exited_ && !process_.output.open() && !process_.errors.open()) step_ = Step::over;
    }
    return reap();
  }

 private:
  enum class Step { runs, input_closed, terminated, killed, over };

  void wait() {
    bool waits = false;
    {
      const std::lock_guard lock(child_.mutex_);
      waits = !child_.queue_.empty();
    }
    std::array<pollfd, 5> sources{
        pollfd{child_.wake_.descriptor(), POLLIN, 0},
        pollfd{process_.output.get(), POLLIN, 0},
        pollfd{process_.errors.get(), POLLIN, 0},
        pollfd{waits ? process_.input.get() : -1, POLLOUT, 0},
        pollfd{exited_ ? -1 : handle_.get(), POLLIN, 0},
    };
    if (::poll(sources.data(), sources.size(), poll_timeout()) < 0) return;
    if (sources[0].revents != 0) child_.wake_.take();
    if (sources[1].revents != 0) read(process_.output, output_);
    if (sources[2].revents != 0) read(process_.errors, errors_);
    // Without its output there is nothing to wait for.
    if (!process_.output.open()) close_input();
    if (sources[3].revents != 0 && process_.input.open()) write();
  }

  int poll_timeout() const {
    auto deadline = deadline_;
    if (start_deadline_ && (!deadline || *start_deadline_ < *deadline)) deadline = start_deadline_;
    int timeout = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
      timeout = std::max(0, static_cast<int>(left.count()));
    }
    // Old kernels, and valgrind, know no such descriptors.
    if (!handle_.open() && !exited_) timeout = timeout < 0 ? 50 : std::min(timeout, 50);
    return timeout;
  }

  void read(Descriptor& from, LineBuffer& lines) {
    const ssize_t count = ::read(from.get(), buffer_.data(), buffer_.size());
    if (count > 0) {
      lines.add({buffer_.data(), static_cast<std::size_t>(count)});
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) {
      from.close();
      lines.end();
    }
  }

  void write() {
    const std::lock_guard lock(child_.mutex_);
    if (child_.queue_.write_to(process_.input.get()) == LineQueue::Written::failed) {
      // It closed its input. What it still says is heard until it ends, or is ended.
      begin(Step::input_closed);
      child_.closed_ = true;
      process_.input.close();
    }
  }

  void close_input() {
    if (step_ != Step::runs) return;
    begin(Step::input_closed);
    const std::lock_guard lock(child_.mutex_);
    child_.closed_ = true;
    process_.input.close();
  }

  void begin(Step step) {
    step_ = step;
    deadline_ = Clock::now() + child_.limits_.patience;
  }

  bool has_exited() const {
    siginfo_t info{};
    // WNOWAIT: as long as it is not reaped, its number and that of its group are nobody else's.
    ::waitid(P_PID, static_cast<id_t>(process_.pid), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == process_.pid;
  }

  void on_exit() {
    exited_ = true;
    close_input();
    // Whoever still holds its streams is to end with it; what stands in them is read.
    signal_group(SIGTERM);
    begin(Step::terminated);
  }

  void on_time() {
    const auto now = Clock::now();
    if (start_deadline_ && now >= *start_deadline_) {
      start_deadline_.reset();
      late_ = true;
      close_input();
    }
    if (!deadline_ || now < *deadline_) return;
    switch (step_) {
      case Step::input_closed:
        signal_group(SIGTERM);
        begin(Step::terminated);
        break;
      case Step::terminated:
        signal_group(SIGKILL);
        begin(Step::killed);
        break;
      default:
        step_ = Step::over;
        break;
    }
  }

  void signal_group(int number) const { ::kill(-process_.pid, number); }

  ChildEnd reap() {
    // What has closed its streams and left its parent is ended, too.
    signal_group(SIGKILL);
    ChildEnd end;
    end.asked = asked_;
    end.late = late_;
    siginfo_t info{};
    const int options = WEXITED | (exited_ ? 0 : WNOHANG);
    if (::waitid(P_PID, static_cast<id_t>(process_.pid), &info, options) == 0 && info.si_pid != 0) {
      end.text = end_text(info);
    } else {
      end.text = "does not end, not even by SIGKILL";
    }
    return end;
  }

  Child& child_;
  Spawned process_;
  Descriptor handle_;
  LineBuffer output_;
  LineBuffer errors_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{64} << 10U);
  Step step_ = Step::runs;
  bool exited_ = false;
  bool asked_ = false;
  bool late_ = false;
  std::optional<Clock::time_point> deadline_;
  std::optional<Clock::time_point> start_deadline_;
};

Child::Child(ChildCommand command, const ChildLimits& limits)
    : command_(std::move(command)), limits_(limits), queue_(limits.queued) {}

Child::Sent Child::write(std::string line) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Sent::ended;
  const bool first = queue_.empty();
  if (!queue_.push(std::move(line))) return Sent::full;
  if (first) wake_.call();
  return Sent::yes;
}

void Child::end() {
  end_asked_ = true;
  wake_.call();
}

void Child::ready() {
  ready_ = true;
  wake_.call();
}

void Child::run(const ChildEvents& events, std::chrono::milliseconds pause,
                std::optional<std::chrono::milliseconds> start_timeout) {
  const auto start = Clock::now() + pause;
  while (!end_asked_ && Clock::now() < start) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(start - Clock::now());
    pollfd source{wake_.descriptor(), POLLIN, 0};
    ::poll(&source, 1, static_cast<int>(left.count()));
    wake_.take();
  }
  ChildEnd end{.started = false, .asked = true};
  if (!end_asked_) {
    Spawned process = spawn(command_);
    if (process.pid < 0) {
      end = {.started = false, .asked = false, .text = std::move(process.error)};
    } else {
      events.on_started(process.pid);
      end = Loop(*this, std::move(process), events, start_timeout).run();
    }
  }
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  events.on_end(end);
}

}  // namespace mcp_mqtt::command_line
