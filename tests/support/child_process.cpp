#include "support/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace mcp_mqtt::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  return {ends[0], ends[1]};
}

/// A socket pair, because writing to one whose reader has died can be told not to raise SIGPIPE.
Pipe make_input() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {ends[0], ends[1]};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

ExitStatus decode(int status) {
  ExitStatus out;
  if (WIFEXITED(status)) out.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
  return out;
}

/// The child between fork and exec: only async-signal-safe calls, since the test has threads.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         const char* directory, int in, int out, int err, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  // A socket of the test left open in the child would keep its connection alive after the test
  // closed it.
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (directory != nullptr && ::chdir(directory) != 0) ::_exit(126);
  ::execve(program, arguments, environment);
  ::_exit(127);
}

/// Whether the child has ended by then; it stays to be waited for.
bool ends_within(pid_t pid, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (handle < 0 && errno != ENOSYS) {
    throw std::system_error(errno, std::generic_category(), "pidfd_open");
  }
  if (handle < 0) {
    // valgrind knows no such descriptors: look again and again.
    siginfo_t info{};
    do {
      ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
      if (info.si_pid == pid) return true;
      ::poll(nullptr, 0, 2);
    } while (Clock::now() < deadline);
    return false;
  }
  int ready = 0;
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd source{handle, POLLIN, 0};
    ready = ::poll(&source, 1, std::max(0, static_cast<int>(left.count())));
  } while (ready < 0 && errno == EINTR);
  ::close(handle);
  return ready > 0;
}

}  // namespace

std::string find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return ::access(std::string(name).c_str(), X_OK) == 0 ? std::string(name) : std::string();
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + std::string(name);
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

ChildProcess::ChildProcess(std::vector<std::string> arguments, const Options& options) {
  if (arguments.empty()) throw std::runtime_error("no program to start");
  const std::string program = find_program(arguments[0]);
  if (program.empty()) throw std::runtime_error("there is no program " + arguments[0]);

  std::vector<std::string> environment = options.environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (const std::string& added : options.environment) replaced |= added.starts_with(name);
    if (!replaced) environment.emplace_back(text);
  }
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const char* directory =
      options.working_directory.empty() ? nullptr : options.working_directory.c_str();

  const Pipe in = make_input();
  const Pipe stop = make_pipe();
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    become(program.c_str(), argv.data(), envp.data(), directory, in.read, out.write, err.write,
           parent);
  }
  const int reason = errno;
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);
  input_ = in.write;
  if (pid_ < 0) {
    for (int descriptor : {in.write, stop.read, stop.write, out.read, err.read}) {
      ::close(descriptor);
    }
    throw std::system_error(reason, std::generic_category(), "fork");
  }
  stop_collecting_ = stop.write;
  collector_ = std::thread([this, out, err, stop] { collect(out.read, err.read, stop.read); });
}

ChildProcess::~ChildProcess() {
  kill();
  close_input();
  // A grandchild may hold the pipes open for longer than this.
  ::close(stop_collecting_);
  collector_.join();
}

void ChildProcess::collect(int out, int err, int stop) {
  std::array<pollfd, 3> sources{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0},
                                pollfd{stop, POLLIN, 0}};
  std::array<char, 16'384> buffer{};
  while ((sources[0].fd >= 0 || sources[1].fd >= 0) && sources[2].revents == 0) {
    if (::poll(sources.data(), sources.size(), -1) < 0) continue;
    for (pollfd& source : {std::ref(sources[0]), std::ref(sources[1])}) {
      if (source.fd < 0 || source.revents == 0) continue;
      const ssize_t count = ::read(source.fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        ::close(source.fd);
        source.fd = -1;
        continue;
      }
      const std::lock_guard lock(mutex_);
      (&source == &sources[0] ? output_ : error_output_)
          .append(buffer.data(), static_cast<std::size_t>(count));
      changed_.notify_all();
    }
  }
  for (const pollfd& source : sources) {
    if (source.fd >= 0) ::close(source.fd);
  }
  const std::lock_guard lock(mutex_);
  output_ended_ = true;
  changed_.notify_all();
}

void ChildProcess::signal(int number) {
  if (!status_) ::kill(pid_, number);
}

std::optional<ExitStatus> ChildProcess::wait_for(std::chrono::milliseconds timeout) {
  if (status_) return status_;
  if (!ends_within(pid_, timeout)) return std::nullopt;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = decode(status);
  return status_;
}

ExitStatus ChildProcess::kill() {
  signal(SIGKILL);
  return *wait_for(std::chrono::hours(1));
}

void ChildProcess::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(input_, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), "write to a child");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void ChildProcess::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

std::string ChildProcess::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

std::string ChildProcess::error_output() const {
  const std::lock_guard lock(mutex_);
  return error_output_;
}

bool ChildProcess::wait_for_output(std::string_view text, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  const auto found = [&] {
    return output_.find(text) != std::string::npos || error_output_.find(text) != std::string::npos;
  };
  changed_.wait_for(lock, timeout, [&] { return found() || output_ended_; });
  return found();
}

bool ChildProcess::wait_for_output(const std::function<bool(const std::string&)>& found,
                                   std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return found(output_) || output_ended_; });
  return found(output_);
}

bool ChildProcess::wait_for_output_end(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return output_ended_; });
}

std::string run(std::vector<std::string> arguments, std::chrono::milliseconds timeout) {
  const std::string name = arguments.empty() ? std::string() : arguments[0];
  ChildProcess process(std::move(arguments));
  process.close_input();
  const std::optional<ExitStatus> status = process.wait_for(timeout);
  if (!status) throw std::runtime_error(name + " did not end in time");
  if (!status->success()) throw std::runtime_error(name + " failed: " + process.error_output());
  process.wait_for_output_end(timeout);
  return process.output();
}

}  // namespace mcp_mqtt::test
