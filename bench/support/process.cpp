#include "support/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <time.h>
#include <unistd.h>

namespace mcp_mqtt::bench {
namespace {

std::runtime_error failure(const std::string& what, int error) {
  return std::runtime_error(what + ": " + std::generic_category().message(error));
}

/// A line of /proc/PID/status like `VmRSS:   1234 kB`, in bytes.
std::uint64_t status_bytes(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  throw std::runtime_error("/proc tells no " + name + " of process " + std::to_string(pid));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

double Usage::cpu_seconds(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (const int error = ::clock_getcpuclockid(pid, &clock); error != 0) {
    throw failure("no processor time of process " + std::to_string(pid), error);
  }
  if (::clock_gettime(clock, &time) != 0) throw failure("clock_gettime", errno);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::uint64_t Usage::resident_bytes(pid_t pid) { return status_bytes(pid, "VmRSS"); }
std::uint64_t Usage::peak_resident_bytes(pid_t pid) { return status_bytes(pid, "VmHWM"); }

void Usage::reset_peak(pid_t pid) {
  std::ofstream file("/proc/" + std::to_string(pid) + "/clear_refs");
  file << "5" << std::flush;  // proc(5): resets the peak resident set size
  if (!file) throw std::runtime_error("the peak of a process's memory cannot be reset");
}

Process::Process(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment)
    : name_(command.front()) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0) throw failure("pipe", errno);
  if (::pipe2(output.data(), O_CLOEXEC) != 0) throw failure("pipe", errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
  const int error = ::posix_spawnp(&pid_, name_.c_str(), &actions, nullptr,
                                   pointers(command).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
  if (error != 0) {
    end();
    throw failure(name_ + " cannot be started", error);
  }
}

Process::~Process() { end(); }

void Process::end() noexcept {
  ::close(input_);
  if (pid_ > 0) {
    for (int attempt = 0; ::waitpid(pid_, nullptr, WNOHANG) == 0; ++attempt) {
      if (attempt == 500) ::kill(pid_, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  ::close(output_);
}

std::string Process::read_line(std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (const auto end = read_.find('\n'); end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting{output_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      throw std::runtime_error(name_ + " says nothing");
    }
    std::array<char, 4096> buffer{};
    const auto size = ::read(output_, buffer.data(), buffer.size());
    if (size <= 0) throw std::runtime_error(name_ + " ended too early");
    read_.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace mcp_mqtt::bench
