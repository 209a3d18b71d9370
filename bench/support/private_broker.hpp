#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "support/loopback_socket.hpp"

namespace mcp_mqtt::bench {

/// A mosquitto on a free port of 127.0.0.1, for as long as this lives. Its settings are the stock
/// ones, but for `settings`, lines of mosquitto.conf.
class PrivateBroker {
 public:
  explicit PrivateBroker(const std::string& settings = "") {
    const BoundSocket free = BoundSocket::any();
    port_ = free.port;
    ::close(free.descriptor);
    // Debian installs it where an ordinary user's PATH does not look.
    const char* path = std::getenv("PATH");
    ::setenv("PATH", ((path != nullptr ? path : "") + std::string(":/usr/sbin")).c_str(), 1);
    std::string file = std::filesystem::temp_directory_path() / "mcp-mqtt-bench-XXXXXX";
    const int descriptor = ::mkstemp(file.data());
    if (descriptor < 0) throw std::runtime_error("no temporary file for the broker's settings");
    ::close(descriptor);
    std::ofstream(file) << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\n" << settings;
    const char* const arguments[] = {"mosquitto", "-c", file.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawnp(&pid_, "mosquitto", &actions, nullptr,
                                   const_cast<char* const*>(arguments), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0) wait_until_it_listens();
    std::filesystem::remove(file);
    if (error != 0) throw std::runtime_error("mosquitto cannot be started: install it");
    if (!listens_) throw std::runtime_error("mosquitto did not come up");
  }
  PrivateBroker(const PrivateBroker&) = delete;
  PrivateBroker& operator=(const PrivateBroker&) = delete;
  ~PrivateBroker() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const noexcept { return port_; }

 private:
  void wait_until_it_listens() {
    for (int attempt = 0; attempt < 500 && !listens_; ++attempt) {
      const int descriptor = connect_to_loopback(port_);
      listens_ = descriptor >= 0;
      if (listens_) {
        ::close(descriptor);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
  }

  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  bool listens_ = false;
};

}  // namespace mcp_mqtt::bench
