#include "mcp-mqtt/interruption.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace mcp_mqtt::command_line {
namespace {

int checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

}  // namespace

Interruption::Interruption() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = checked(::signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
  end_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  watcher_ = std::thread([this] { watch(); });
}

Interruption::~Interruption() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(end_, &one, sizeof one);
  watcher_.join();
  if (stopper_.joinable()) stopper_.join();
  ::close(signals_);
  ::close(end_);
}

int Interruption::exit_code() const {
  const int number = signal_.load();
  return number == 0 ? 0 : 128 + number;
}

void Interruption::watch() {
  std::array<pollfd, 2> sources{pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
  while (sources[1].revents == 0) {
    if (::poll(sources.data(), sources.size(), -1) < 0 || sources[0].revents == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) continue;
    const int number = static_cast<int>(info.ssi_signo);
    if (signal_.exchange(number) != 0) ::_exit(128 + number);
    // What is told of it may wait for a broker; the second signal must be heard meanwhile.
    stopper_ = std::thread([this] { stop_.request_stop(); });
  }
}

}  // namespace mcp_mqtt::command_line
